#!/usr/bin/env bash
# The life of a customer over Tenantry's WWWEngine API, with curl and sha256sum. README.md beside this file says how to run it.
set -euo pipefail

url=${TENANTRY_URL:-http://127.0.0.1:8080}
account=${TENANTRY_ACCOUNT:?the id of the account that the key belongs to}
public_key=${TENANTRY_PUBLIC_KEY:?64 hexadecimal characters}
private_key=${TENANTRY_PRIVATE_KEY:?64 hexadecimal characters}

# The signature covers the account and the public key only: it is the same for every call, so guard a signed URL like a password.
query="actingUserID=$account&auth=$public_key"
hash=$(printf '%s' "$private_key$query" | sha256sum | cut -d ' ' -f 1)

# call METHOD PATH [BODY [FILTERS]]: sets $status and $answer. The URL goes to curl by a pipe, because everybody on this machine can read
# the arguments of a process.
call() {
    local method=$1 path=$2 body=${3:-} filters=${4:-}
    local options=(--silent --show-error --max-time 30 --request "$method" --write-out '\n%{http_code}')
    if [ -n "$body" ]; then options+=(--data-raw "$body"); fi
    answer=$(curl "${options[@]}" --config <(printf 'url = "%s%s?%s&hash=%s%s"\n' "$url" "$path" "$query" "$hash" "$filters"))
    status=${answer##*$'\n'}
    answer=${answer%$'\n'*}
}

# expect STATUS TEXT MEANING: the call before must have been answered with this status, and this text must stand in the answer.
expect() {
    if [ "$status" != "$1" ] || [[ "$answer" != *"$2"* ]]; then
        printf 'FAILED  %s: wanted %s with %s, got %s: %s\n' "$3" "$1" "$2" "$status" "$answer" >&2
        exit 1
    fi
    printf 'ok  %s  %s\n' "$status" "$3"
}

# customer EMAIL [COUNTRY [DATE_OF_BIRTH]]: a customer, as the WWWEngine documents write one.
customer() {
    cat <<JSON
{
    "type": "customer", "email": "$1", "password": "abc@path6re", "parentID": "$account", "autoSignup": 0, "buyingCurrency": "INR",
    "userInfo": { "dateOfBirth": "${3:-1970-01-01}" },
    "contactInfo": {
        "postalInfo": {
            "title": "Mr.", "firstName": "Abc", "lastName": "Xyz", "organization": "ABC Education Service, India",
            "address": {
                "street": ["2nd Floor, 39/43 ABC Complex, Nesbit Road, Mazgaon"],
                "city": "Mumbai", "postalCode": "400 010", "state": "Maharashtra", "countryCode": "${2:-IN}"
            }
        },
        "voice": { "number": "+91.2554254", "countrycode": "29", "ext": "" },
        "callInPin": "1234"
    },
    "preferences": { "phoneNoType": "work" }
}
JSON
}

email="curl.$(date +%s).$$@example.com"

call POST /user "$(customer "$email")"
expect 200 '"response":{"id":' 'the customer is added'
id=${answer##*\"id\":}
id=${id%%[!0-9]*}

call GET "/user/$id"
expect 200 '"status":"inactive"' 'and waits for its activation'

call PUT "/user/$id" '{ "contactInfo": { "postalInfo": { "organization": "ABC" }, "cell": { "number": "+91.8885242124", "countrycode": "29" } } }'
expect 200 '"response":true' 'the customer is edited'

call GET "/user/$id"
expect 200 '"organization":"ABC"' 'what was edited has changed'
expect 200 '"city":"Mumbai"' 'and nothing else'

call PUT "/user/$id" '{ "status": "active" }'
expect 200 '"response":true' 'the customer is activated'

call GET /user '' "&email=$email&status=active"
expect 200 '"total":1' 'a list finds it among the active ones'

# What goes wrong, and how the server says so.

right_hash=$hash
hash=$(printf '0%.0s' {1..64})
call GET "/user/$id"
expect 401 'Authentication failed' 'a wrong signature is refused'
hash=$right_hash

call POST /user "$(customer "new.$email" XX 2099-01-01)"
expect 422 '"field":"contactInfo.postalInfo.address.countryCode"' 'an unknown country is named'
expect 422 '"field":"userInfo.dateOfBirth"' 'and in the same answer a birth in the future'

call POST /user 'this is not JSON'
expect 400 '"resultCode":0' 'a body that is not JSON is refused'

call GET /user/9007199254740991
expect 404 '"resultCode":0' 'an id that does not exist is not found'

# An answer may be lost on the way. Add again: when the first call did arrive, the answer names the customer that it made.
call POST /user "$(customer "$email")"
expect 409 "\"existing_id\":$id" 'the same customer is not added twice'

call DELETE "/user/$id"
expect 200 '"response":true' 'the customer is deleted'
