"""The life of a customer over Tenantry's Everlytic API, as a provider's portal in Python leads it. README.md says how to run it."""

import os
import sys
import time
from xmlrpc.client import Fault

from everlytic import Everlytic, Refused


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
user = os.environ["TENANTRY_USER"]
everlytic = Everlytic(url, user, os.environ["TENANTRY_KEY"])

mark = f"python.{int(time.time())}.{os.getpid()}"
email = mark + "@example.com"
customer = {
    "name": f"Söhne & Co {mark}",
    "email": email,
    "status": "on",
    "telephone": "+27 11 447 6147",
    "address": "3rd Floor\n12 Example Road",
    "postal_code": "2196",
    "country": "ZA",
    "industry": "Hospitality, Travel & Tourism",
    "website_url": "https://example.org/?a=1&b=2",
    "unique_id": mark,
}

made = everlytic.create(customer)
customer_id = made["id"]
check(customer_id > 0, 201, "the customer is created")
read = everlytic.read(customer_id)
check(all(read[field] == value for field, value in customer.items()), 200, "and reads as it was sent")

everlytic.update(customer_id, {"email": "new." + email, "email_quota": 500})
read = everlytic.read(customer_id)
check(read["email"] == "new." + email and read["email_quota"] == 500, 200, "the e-mail address and the quota are updated")
check(read["telephone"] == customer["telephone"], 200, "and nothing else")

branch = everlytic.create({"name": customer["name"], "email": "branch." + email})
check(branch["hash"] != made["hash"], 201, "a second customer of the same name is created")
found = everlytic.list(email="new." + email)
check([entry["id"] for entry in found] == [customer_id], 200, "a list finds the first by its e-mail address")
found = everlytic.list(count=1, order="id", direction="desc", name=customer["name"])
check([entry["id"] for entry in found] == [branch["id"], customer_id], 200, "and both by their name, on two pages")
everlytic.delete(branch["id"])
check(True, 200, "the second customer is deleted")

gold = "gold-" + mark
package = everlytic.create_package({"name": "Gold", "identifier": gold, "channel": "email", "quantity": 1000})
check(package["id"] > 0, 201, "a package is created")
changed = everlytic.change_email_package(customer_id, gold)
check(changed["email_package_id"] == package["id"], 200, "the customer has the package")
changed = everlytic.change_email_package(customer_id, 0)
check(changed["email_package_id"] == 0, 200, "and has it no more")
everlytic.delete_package(package["id"])
check(True, 200, "the package is deleted")

# The same customer over XML-RPC. There every refusal is a fault, with the HTTP status 200; only wrong credentials are not.

rpc = everlytic.rpc()
check(rpc.GetCustomer(customer_id)["email"] == "new." + email, 200, "XML-RPC reads the same customer")
check(rpc.UpdateCustomer(customer_id, {"fax": "+27 11 447 6148"})["fax"] == "+27 11 447 6148", 200, "and updates it")
try:
    rpc.GetCustomer(999999999)
    check(False, 200, "an id that does not exist is a fault")
except Fault as fault:
    check(fault.faultCode == 404, 200, f"an id that does not exist is a fault ({fault.faultString})")

# What goes wrong, and how the server says so.

stranger = Everlytic(url, user, "0" * 32)
refused(401, "a wrong key is refused", lambda: stranger.read(customer_id))

wrong = {"email": "not an address", "country": "XX"}
fields = refused(422, "wrong fields are refused", lambda: everlytic.update(customer_id, wrong)).fields
check("email" in fields, 422, "what is no e-mail address is named")
check("country" in fields, 422, "and in the same answer an unknown country")

refused(400, "a body that is not JSON is refused", lambda: everlytic.send("POST", "/customers", data="this is not JSON"))
refused(404, "an id that does not exist is not found", lambda: everlytic.read(9007199254740991))

# An answer may be lost on the way. Create again: when the first call did arrive, the refusal names the customer that it made.
twice = refused(409, "the same customer is not created twice", lambda: everlytic.create({**customer, "email": "new." + email}))
check(twice.existing_id == customer_id, 409, "and the one that is there is named")

gone = everlytic.delete(customer_id)
check(gone["status"] == "deleted", 200, "the customer is deleted")
