//! Operations on keys: of the caller's own account, and of accounts below it.

use super::{Action, Operation, Success};
use crate::body::{Mode, described, key};

const LISTED: &str = "Those that were revoked or have expired, too; the oldest first. What can prove a key is nowhere kept.";
const ISSUED: &str = "The secret is in this answer and in no other. What is left open is as with the key that issues; none gets more scopes, addresses, calls or time than that.";
const REVOKED: &str =
    "It is refused from the next request on. Its first 8 characters will do where they name one key. One that is revoked already stays so.";

const fn listing(path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    Operation {
        action: Action::ListKeys,
        method: "GET",
        path,
        id,
        summary,
        about: LISTED,
        scope: "read",
        body: None,
        success: Success::Shown("Keys"),
    }
}

const fn issuing(path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    let body: fn() -> serde_json::Value = || described(Mode::Create, key::fields);
    Operation {
        action: Action::IssueKey,
        method: "POST",
        path,
        id,
        summary,
        about: ISSUED,
        scope: "add",
        body: Some(body),
        success: Success::Made("IssuedKey"),
    }
}

const fn revoking(path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    Operation {
        action: Action::RevokeKey,
        method: "DELETE",
        path,
        id,
        summary,
        about: REVOKED,
        scope: "status",
        body: None,
        success: Success::Nothing,
    }
}

/// Every one of them.
pub(super) const OPERATIONS: [Operation; 6] = [
    listing("/v1/keys", "listOwnKeys", "List one's own keys"),
    issuing("/v1/keys", "issueOwnKey", "Issue a key of one's own"),
    revoking("/v1/keys/{public}", "revokeOwnKey", "Revoke a key of one's own"),
    listing("/v1/accounts/{id}/keys", "listKeys", "List the keys of a customer or provider"),
    issuing("/v1/accounts/{id}/keys", "issueKey", "Issue a key of a customer or provider"),
    revoking("/v1/accounts/{id}/keys/{public}", "revokeKey", "Revoke a key of a customer or provider"),
];
