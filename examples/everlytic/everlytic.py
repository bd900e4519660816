"""A client of Tenantry's Everlytic API, over `requests`; and over XML-RPC, with Python's own client."""

import base64
import xmlrpc.client

import requests


class Refused(Exception):
    """A call that the server refused.

    `fields` says what is wrong, by the name of the field; `existing_id` is the customer that stands in the way, where one does.
    """

    def __init__(self, status, error):
        super().__init__(f"{status}: {error['message']}")
        self.status = status
        self.fields = error.get("fields", {})
        self.existing_id = error.get("existing_id")


class Everlytic:
    """Acts as one account, with one of its keys."""

    def __init__(self, url, user, key):
        self._url = url + "/api/2.0"
        self._user, self._key = user.encode(), key.encode()
        self._session = requests.Session()
        # As bytes: what is text `requests` would send as Latin-1, and the server reads UTF-8.
        self._session.auth = (self._user, self._key)
        self._session.headers["Content-Type"] = "application/json"

    def create(self, customer):
        """Makes a customer, of which `name` and `email` are required, and returns it."""
        return self.send("POST", "/customers", created=True, json=customer)["item"]

    def read(self, customer_id):
        return self.send("GET", f"/customers/{customer_id}")["item"]

    def update(self, customer_id, changes):
        """Changes what is named; everything else stays. Returns the customer."""
        return self.send("PUT", f"/customers/{customer_id}", json=changes)["item"]

    def list(self, count=50, order="id", direction="asc", **filters):
        """Gives every customer with these values, reading `count` (at most 200) at a time."""
        query = {"count": count, "order": order, "direction": direction}
        query.update({f"filter[{field}]": value for field, value in filters.items()})
        page = self.send("GET", "/customers", params=query)
        while True:
            yield from (entry["data"] for entry in page["collection"])
            following = [link["href"] for link in page["links"] if link["rel"] == "next"]
            if not following:
                return
            page = self.follow(following[0])

    def follow(self, href):
        """Reads what a link of an answer leads to."""
        # The key goes along, and so must not go to another server.
        if not href.startswith(self._url + "/"):
            raise ValueError(f"a link leads away from {self._url}: {href}")
        return self.send("GET", href.removeprefix(self._url))

    def delete(self, customer_id):
        return self.send("DELETE", f"/customers/{customer_id}")["item"]

    def change_email_package(self, customer_id, package):
        """Gives the customer a package, by the package's id or identifier; 0 takes it away. Returns the customer."""
        return self.send("POST", f"/customers/change_email_package/{customer_id}/{package}", json={})["item"]

    def create_package(self, package):
        return self.send("POST", "/packages", created=True, json=package)["item"]

    def delete_package(self, package_id):
        return self.send("DELETE", f"/packages/{package_id}")["item"]

    def send(self, method, path, created=False, **request):
        """Sends one call and returns its answer; `json=` or `data=` is the body, `params=` the query."""
        response = self._session.request(method, self._url + path, timeout=(5, 30), **request)
        answer = response.json()
        if response.status_code != (201 if created else 200):
            raise Refused(response.status_code, answer.get("error", {"message": "not the status that was due"}))
        return answer

    def rpc(self):
        """The same server over XML-RPC: `GetCustomer`, `UpdateCustomer` and the others are methods of what this returns."""
        # Not in the URL, as is the custom: Python would name the URL, and with it the key, in the error of a call that is refused.
        credentials = base64.b64encode(self._user + b":" + self._key).decode()
        return xmlrpc.client.ServerProxy(self._url + "/xmlrpc/", headers=[("Authorization", "Basic " + credentials)])
