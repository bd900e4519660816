"""The life of a customer over Tenantry's WWWEngine API, as a provider's portal in Python leads it. README.md says how to run it."""

import copy
import os
import sys
import time

from tenantry import Refused, Tenantry


def check(holds, status, meaning):
    if not holds:
        sys.exit(f"FAILED  {status}  {meaning}")
    print(f"ok  {status}  {meaning}")


def refused(status, meaning, call):
    """Makes a call that must be refused with this status, and returns the refusal."""
    try:
        call()
    except Refused as refusal:
        check(refusal.status == status, status, f"{meaning} ({refusal})")
        return refusal
    return sys.exit(f"FAILED  {status}  {meaning} (it was not refused)")


url = os.environ.get("TENANTRY_URL", "http://127.0.0.1:8080")
account = os.environ["TENANTRY_ACCOUNT"]
public_key = os.environ["TENANTRY_PUBLIC_KEY"]
tenantry = Tenantry(url, account, public_key, os.environ["TENANTRY_PRIVATE_KEY"])

email = f"python.{int(time.time())}.{os.getpid()}@example.com"
customer = {
    "type": "customer",
    "email": email,
    "password": "abc@path6re",
    "parentID": account,
    "autoSignup": 0,
    "buyingCurrency": "INR",
    "userInfo": {"dateOfBirth": "1970-01-01"},
    "contactInfo": {
        "postalInfo": {
            "title": "Mr.",
            "firstName": "Abc",
            "lastName": "Xyz",
            "organization": "ABC Education Service, India",
            "address": {
                "street": ["2nd Floor, 39/43 ABC Complex, Nesbit Road, Mazgaon"],
                "city": "Mumbai",
                "postalCode": "400 010",
                "state": "Maharashtra",
                "countryCode": "IN",
            },
        },
        "voice": {"number": "+91.2554254", "countrycode": "29", "ext": ""},
        "callInPin": "1234",
    },
    "preferences": {"phoneNoType": "work"},
}

customer_id = tenantry.add(customer)
check(customer_id > 0, 200, "the customer is added")
check(tenantry.read(customer_id)["status"] == "inactive", 200, "and waits for its activation")

changes = {
    "postalInfo": {"organization": "ABC"},
    "cell": {"number": "+91.8885242124", "countrycode": "29"},
}
tenantry.edit(customer_id, {"contactInfo": changes})
check(True, 200, "the customer is edited")
postal = tenantry.read(customer_id)["contactInfo"]["postalInfo"]
check(postal["organization"] == "ABC", 200, "what was edited has changed")
check(postal["address"]["city"] == "Mumbai", 200, "and nothing else")

tenantry.activate(customer_id)
check(True, 200, "the customer is activated")
found = tenantry.list(email=email, status="active")
check([user["id"] for user in found["users"]] == [customer_id], 200, "a list finds it among the active ones")

# What goes wrong, and how the server says so.

stranger = Tenantry(url, account, public_key, "0" * 64)
refused(401, "a wrong signature is refused", lambda: stranger.read(customer_id))

wrong = copy.deepcopy(customer)
wrong["email"] = "new." + email
wrong["userInfo"]["dateOfBirth"] = "2099-01-01"
wrong["contactInfo"]["postalInfo"]["address"]["countryCode"] = "XX"
fields = [error["field"] for error in refused(422, "wrong fields are refused", lambda: tenantry.add(wrong)).errors]
check("contactInfo.postalInfo.address.countryCode" in fields, 422, "an unknown country is named")
check("userInfo.dateOfBirth" in fields, 422, "and in the same answer a birth in the future")

refused(400, "a body that is not JSON is refused", lambda: tenantry.send("POST", "/user", data="this is not JSON"))
refused(404, "an id that does not exist is not found", lambda: tenantry.read(9007199254740991))

# An answer may be lost on the way. Add again: when the first call did arrive, the refusal names the customer that it made.
twice = refused(409, "the same customer is not added twice", lambda: tenantry.add(customer))
check(twice.errors[0]["existing_id"] == customer_id, 409, "and the one that is there is named")

tenantry.delete(customer_id)
check(True, 200, "the customer is deleted")
