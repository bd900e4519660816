"""The life of a customer over XML-RPC with the client of Python's standard library, and the UserLand conformance methods."""

import datetime
import os
import re
import sys
import time
from urllib.parse import quote, urlsplit
from xmlrpc.client import Fault, ProtocolError, ServerProxy


def check(holds, word, meaning):
    if not holds:
        sys.exit(f"FAILED  {word}  {meaning}")


def step(word, meaning):
    print(f"ok  {word}  {meaning}")


def refused(code, word, call):
    """Makes a call that must end in the fault with this code, and returns what the fault says."""
    try:
        call()
    except Fault as fault:
        check(fault.faultCode == code, word, f"the fault {code}, not {fault.faultCode}: {fault.faultString}")
        return fault.faultString
    return sys.exit(f"FAILED  {word}  the fault {code} (the call was answered)")


def connect(user, key):
    at = urlsplit(os.environ["TENANTRY_URL"])
    url = f"{at.scheme}://{quote(user, safe='')}:{quote(key, safe='')}@{at.netloc}/api/2.0/xmlrpc/"
    return ServerProxy(url, use_builtin_types=True)


def main():
    user = os.environ["TENANTRY_USER"]
    server = connect(user, os.environ["TENANTRY_KEY"])
    mark = f"py-{os.getpid()}-{int(time.time())}"

    sent = {
        "name": "Ünïcødé & Söhne <GmbH> 日本",
        "email": f"{mark}@example.com",
        "telephone": "+27 11 447 6147",
        "address": "Line 1\nLine 2",
        "country": "ZA",
        "industry": "Hospitality, Travel & Tourism",
        "website_url": "https://example.org/?a=1&b=2",
        "unique_id": mark,
        "status": "on",
    }
    made = server.CreateCustomer(sent)
    customer_id = made["id"]
    check(type(customer_id) is int and customer_id > 0, "create", "the id is an integer above 0")
    check(re.fullmatch("[A-Za-z0-9]{16}", made["hash"]), "create", "the hash has 16 letters and digits")
    for member, value in {**sent, "deleted": "no", "is_department": "no", "email_quota": 0}.items():
        check(made[member] == value, "create", f"{member} is {value!r}, not {made[member]!r}")
    for member, value in made.items():
        check(type(value) in (str, int), "create", f"{member} is a string or an int, not {type(value)}")
    step("create", "the customer has an id, and every text as it was sent")

    check(server.GetCustomer(customer_id) == made, "get", "GetCustomer gives what CreateCustomer gave")
    check(server.customers.GetCustomer(customer_id) == made, "get", "and so does customers.GetCustomer")
    step("get", "the customer is read, under both names of the method")

    edited = server.UpdateCustomer(customer_id, {"email_quota": 500, "postal_code": "2196"})
    check(edited == {**made, "email_quota": 500, "postal_code": "2196"}, "update", "what was sent has changed and nothing else")
    edited = server.UpdateCustomer(str(customer_id), {"email_quota": 501})
    check(edited["id"] == customer_id and edited["email_quota"] == 501, "update", "a numeric string serves as the id")
    edited = server.GetCustomer(customer_id, {"fax": "+27 11 447 6148"})
    check(edited["fax"] == "+27 11 447 6148" and edited["name"] == sent["name"], "update", "GetCustomer with a struct updates")
    step("update", "what was sent has changed and nothing else")

    ids = [customer["id"] for customer in server.ListCustomers()]
    check(customer_id in ids, "list", "a list without parameters has the customer")
    found = server.ListCustomers(1, 10, "name", "DESC", {"email": sent["email"]})
    check([customer["id"] for customer in found] == [customer_id], "list", "a filter by e-mail finds just this one")
    ids = [customer["id"] for customer in server.ListCustomers(1, 50, "", "ASC", {})]
    check(customer_id in ids, "list", "an empty struct is no filter")
    ids = [customer["id"] for customer in server.ListCustomers(1, 50, "", "ASC", [])]
    check(customer_id in ids, "list", "and neither is an empty array")
    step("list", "lists have the customer, with and without parameters")

    identifier = f"gold-{mark}"
    package = server.CreatePackage({"name": "Gold", "identifier": identifier, "channel": "email", "quantity": 1000})
    package_id = package["id"]
    check(type(package_id) is int and package_id > 0, "package", "the id is an integer above 0")
    check((package["channel"], package["status"]) == ("email", "on"), "package", "the package is for e-mail, and on")
    changed = server.ChangeEmailPackage(customer_id, identifier)
    check(changed["id"] == customer_id, "package", "the change gives the customer")
    check(changed["email_package_id"] == package_id, "package", "the package is given by its identifier")
    changed = server.ChangeEmailPackage(customer_id, 0)
    check(changed["email_package_id"] == 0, "package", "0 takes the package away")
    changed = server.ChangeEmailPackage(customer_id, package_id)
    check(changed["email_package_id"] == package_id, "package", "the package is given by its id")
    check(package_id in [package["id"] for package in server.ListPackages()], "package", "a list has the package")
    server.ChangeEmailPackage(customer_id, 0)
    check(server.DeletePackage(package_id) is True, "package", "the package is deleted")
    step("package", "a package is made, given, taken away and deleted")

    refused(404, "fault", lambda: server.GetCustomer(999999999))
    said = refused(422, "fault", lambda: server.UpdateCustomer(customer_id, {"email": "not an address", "country": "XX"}))
    check("email" in said and "country" in said, "fault", f"both wrong fields are named, not {said!r}")
    refused(-32601, "fault", lambda: server.NoSuchMethod(customer_id))
    step("fault", "404, 422 and -32601 come as faults")

    try:
        connect(user, "0" * 32).GetCustomer(customer_id)
        check(False, "credentials", "a wrong key is refused")
    except ProtocolError as error:
        check(error.errcode == 401, "credentials", f"the status is 401, not {error.errcode}")
        headers = {name.lower(): value for name, value in error.headers.items()}
        check(headers["www-authenticate"].startswith("Basic "), "credentials", "the answer asks for Basic credentials")
    step("credentials", "a wrong key is refused with the status 401")

    validator = ServerProxy(os.environ["VALIDATOR_URL"], use_builtin_types=True).validator1
    stooges = [{"moe": n, "larry": -n, "curly": 10 * n} for n in range(1, 6)]
    check(validator.arrayOfStructsTest(stooges) == 150, "validator", "arrayOfStructsTest")
    entities = validator.countTheEntities("<<a>> & \"b\" & 'c' ü 日 > &amp;")
    counted = {"ctLeftAngleBrackets": 2, "ctRightAngleBrackets": 3, "ctAmpersands": 3, "ctApostrophes": 2, "ctQuotes": 2}
    check(entities == counted, "validator", "countTheEntities")
    check(validator.easyStructTest({"moe": 5, "larry": -7, "curly": 2147483000}) == 2147482998, "validator", "easyStructTest")
    nested = {"text": " ü <&> 日本\n", "empty": "", "double": -0.25, "true": True, "rows": [[], {}, [1, "two", {"three": 3}]]}
    check(validator.echoStructTest(nested) == nested, "validator", "echoStructTest")
    many = [-7, False, "text", 3.5, datetime.datetime(1998, 7, 17, 14, 8, 55), bytes(range(256))]
    check(validator.manyTypesTest(*many) == many, "validator", "manyTypesTest")
    words = ["Wörter", *("between" for _ in range(148)), "<end>"]
    check(validator.moderateSizeArrayCheck(words) == "Wörter<end>", "validator", "moderateSizeArrayCheck")
    days = {f"{day:02}": {"moe": day, "larry": 2, "curly": 3} for day in range(1, 4)}
    calendar = {year: {"03": {}, "04": days} for year in ("1999", "2000")}
    check(validator.nestedStructTest(calendar) == 6, "validator", "nestedStructTest")
    times = validator.simpleStructReturnTest(-12)
    check(times == {"times10": -120, "times100": -1200, "times1000": -12000}, "validator", "simpleStructReturnTest")
    step("validator", "the eight conformance methods answer as UserLand specified them")

    check(server.DeleteCustomer(customer_id) is True, "delete", "DeleteCustomer gives true")
    check(server.GetCustomer(customer_id)["status"] == "deleted", "delete", "the customer reads as deleted")
    step("delete", "the customer is deleted")

    step("done", "every step was taken")


try:
    main()
except ProtocolError as error:
    # Its own text holds the URL, and with it the key.
    sys.exit(f"FAILED  the server answered {error.errcode} {error.errmsg}")
