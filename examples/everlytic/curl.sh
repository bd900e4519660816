#!/usr/bin/env bash
# The life of a customer over Tenantry's Everlytic API, with curl. README.md beside this file says how to run it.
set -euo pipefail

url=${TENANTRY_URL:-http://127.0.0.1:8080}
user=${TENANTRY_USER:?the e-mail address or id of the account that the key belongs to}
key=${TENANTRY_KEY:?32 letters and digits}

# call METHOD PATH [BODY]: sets $status and $answer. The key goes to curl by a pipe, because everybody on this machine can read the
# arguments of a process.
call() {
    local method=$1 path=$2 body=${3:-}
    local options=(--silent --show-error --max-time 30 --globoff --request "$method" --write-out '\n%{http_code}')
    if [ -n "$body" ]; then options+=(--header 'Content-Type: application/json' --data-raw "$body"); fi
    answer=$(curl "${options[@]}" --config <(printf 'user = "%s:%s"\n' "$user" "$key") "$url/api/2.0$path")
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

# The id in the answer.
id_of_item() {
    local id=${answer##*\"item\":*\"id\":}
    printf '%s' "${id%%[!0-9]*}"
}

mark="curl.$(date +%s).$$"
email="$mark@example.com"

# customer EMAIL: a customer with this e-mail address.
customer() {
    cat <<JSON
{
    "name": "Example $mark", "email": "$1", "status": "on", "telephone": "+27 11 447 6147",
    "address": "3rd Floor\n12 Example Road", "postal_code": "2196", "country": "ZA",
    "industry": "Hospitality, Travel & Tourism", "website_url": "https://example.org/?a=1&b=2"
}
JSON
}

call POST /customers "$(customer "$email")"
expect 201 "\"email\":\"$email\"" 'the customer is created'
id=$(id_of_item)

call GET "/customers/$id"
expect 200 '"industry":"Hospitality, Travel & Tourism"' 'and reads as it was sent'

call PUT "/customers/$id" "{ \"email\": \"new.$email\", \"email_quota\": 500 }"
expect 200 "\"email\":\"new.$email\"" 'the e-mail address is updated'
expect 200 '"email_quota":500' 'and so is the quota'
expect 200 '"telephone":"+27 11 447 6147"' 'and nothing else'

call POST /customers "$(customer "branch.$email")"
expect 201 "\"email\":\"branch.$email\"" 'a second customer of the same name is created'
branch=$(id_of_item)

call GET "/customers?filter[email]=new.$email"
expect 200 "\"id\":$id," 'a list finds the first by its e-mail address'

# A list comes in pages. Each links to the next one; the last one does not.
call GET "/customers?name=Example%20$mark&count=1&order=id&direction=desc"
expect 200 "\"id\":$branch," 'and both by their name, the newer one first'
next=${answer##*\"rel\":\"next\",\"href\":\"}
next=${next%%\"*}
# The key goes along, and so must not go to another server.
if [[ "$next" != "$url/api/2.0/"* ]]; then
    printf 'FAILED  a link leads away from %s: %s\n' "$url" "$next" >&2
    exit 1
fi
call GET "${next#"$url/api/2.0"}"
expect 200 "\"id\":$id," 'and the older one on the next page'
if [[ "$answer" == *'"rel":"next"'* ]]; then
    printf 'FAILED  the last page links to another: %s\n' "$answer" >&2
    exit 1
fi

call DELETE "/customers/$branch"
expect 200 '"status":"deleted"' 'the second customer is deleted'

call POST /packages "{ \"name\": \"Gold\", \"identifier\": \"gold-$mark\", \"channel\": \"email\", \"quantity\": 1000 }"
expect 201 "\"identifier\":\"gold-$mark\"" 'a package is created'
package=$(id_of_item)

call POST "/customers/change_email_package/$id/gold-$mark" '{}'
expect 200 "\"email_package_id\":$package," 'the customer has the package'
call POST "/customers/change_email_package/$id/0" '{}'
expect 200 '"email_package_id":0,' 'and has it no more'

call DELETE "/packages/$package"
expect 200 '"status":"deleted"' 'the package is deleted'

# What goes wrong, and how the server says so.

right_key=$key
key=$(printf '0%.0s' {1..32})
call GET "/customers/$id"
expect 401 '"code":401' 'a wrong key is refused'
key=$right_key

call PUT "/customers/$id" '{ "email": "not an address", "country": "XX" }'
fields=${answer##*\"fields\":}
expect 422 '"fields":{' 'wrong fields are refused'
answer=$fields
expect 422 '"email":' 'what is no e-mail address is named'
expect 422 '"country":' 'and in the same answer an unknown country'

call POST /customers 'this is not JSON'
expect 400 '"code":400' 'a body that is not JSON is refused'

call GET /customers/9007199254740991
expect 404 '"code":404' 'an id that does not exist is not found'

# An answer may be lost on the way. Create again: when the first call did arrive, the answer names the customer that it made.
call POST /customers "$(customer "new.$email")"
expect 409 "\"existing_id\":$id" 'the same customer is not created twice'

call DELETE "/customers/$id"
expect 200 '"status":"deleted"' 'the customer is deleted'
