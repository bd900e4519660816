// A client of Tenantry's WWWEngine API, for Node 18 and later, without packages.

import { createHash } from "node:crypto";

/** A call that the server refused. */
export class Refused extends Error {
  /**
   * `errors` says what is wrong, field by field: each has `field`, `code`, `message`, and `existing_id` where another account stands
   * in the way.
   */
  constructor(status, message, errors) {
    super(`${status}: ${message}`);
    this.status = status;
    this.errors = errors;
  }
}

/** Acts as one account, with one of its keys. */
export class Tenantry {
  #url;
  #signedQuery;

  constructor(url, account, publicKey, privateKey) {
    // The signature covers the account and the public key only: it is the same for every call, so guard a signed URL like a password.
    const query = `actingUserID=${account}&auth=${publicKey}`;
    this.#url = url;
    this.#signedQuery = `${query}&hash=${createHash("sha256").update(privateKey + query).digest("hex")}`;
  }

  /** Adds a customer and returns its id. */
  async add(customer) {
    return (await this.send("POST", "/user", JSON.stringify(customer))).id;
  }

  /** Changes what is named; everything else stays. */
  async edit(id, changes) {
    await this.send("PUT", `/user/${id}`, JSON.stringify(changes));
  }

  async activate(id) {
    await this.edit(id, { status: "active" });
  }

  read(id) {
    return this.send("GET", `/user/${id}`);
  }

  /** Lists customers by `email`, `status`, `parentID`, `search`; `page` and `limit` (at most 200). Gives `total` and `users`. */
  list(filters) {
    return this.send("GET", "/user", undefined, filters);
  }

  async delete(id) {
    await this.send("DELETE", `/user/${id}`);
  }

  /** Sends one call and returns its `response`. */
  async send(method, path, body, filters = {}) {
    const url = `${this.#url}${path}?${this.#signedQuery}&${new URLSearchParams(filters)}`;
    const headers = body === undefined ? {} : { "Content-Type": "application/json" };
    const response = await fetch(url, { method, body, headers, signal: AbortSignal.timeout(30_000) });
    const answer = await response.json();
    if (response.status !== 200 || answer.resultCode !== 1) {
      throw new Refused(response.status, answer.message, answer.errors ?? []);
    }
    return answer.response;
  }
}
