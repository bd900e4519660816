"""A client of Tenantry's WWWEngine API, over `requests`."""

import hashlib

import requests


class Refused(Exception):
    """A call that the server refused.

    `errors` says what is wrong, field by field: each has `field`, `code`, `message`, and `existing_id` where another account
    stands in the way.
    """

    def __init__(self, status, message, errors):
        super().__init__(f"{status}: {message}")
        self.status = status
        self.errors = errors


class Tenantry:
    """Acts as one account, with one of its keys."""

    def __init__(self, url, account, public_key, private_key):
        # The signature covers the account and the public key only: it is the same for every call, so guard a signed URL like a password.
        query = f"actingUserID={account}&auth={public_key}"
        signature = hashlib.sha256((private_key + query).encode()).hexdigest()
        self._url = url
        self._signed = {"actingUserID": account, "auth": public_key, "hash": signature}
        self._session = requests.Session()

    def add(self, customer):
        """Adds a customer and returns its id."""
        return self.send("POST", "/user", json=customer)["id"]

    def edit(self, customer_id, changes):
        """Changes what is named; everything else stays."""
        self.send("PUT", f"/user/{customer_id}", json=changes)

    def activate(self, customer_id):
        self.edit(customer_id, {"status": "active"})

    def read(self, customer_id):
        return self.send("GET", f"/user/{customer_id}")

    def list(self, **filters):
        """Lists customers by `email`, `status`, `parentID`, `search`; `page` and `limit` (at most 200). Gives `total` and `users`."""
        return self.send("GET", "/user", filters=filters)

    def delete(self, customer_id):
        self.send("DELETE", f"/user/{customer_id}")

    def send(self, method, path, filters=None, **body):
        """Sends one call and returns its `response`; `json=` or `data=` is the body."""
        query = {**self._signed, **(filters or {})}
        response = self._session.request(method, self._url + path, params=query, timeout=(5, 30), **body)
        answer = response.json()
        if response.status_code != 200 or answer["resultCode"] != 1:
            raise Refused(response.status_code, answer["message"], answer.get("errors", []))
        return answer["response"]
