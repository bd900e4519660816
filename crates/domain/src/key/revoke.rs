//! Revoking a key: it is refused from the very next request on.

use super::Key;
use crate::account::{Account, Kind};
use crate::context::Context;
use crate::decision::Decision;
use crate::event::{EventName, FieldChange};
use crate::id::AccountId;
use crate::refusal::{Code, Fault, Refusal};
use crate::working_set::WorkingSet;

/// Asks that a key be refused from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeKey {
    /// The account whose key it is.
    pub account_id: AccountId,
    /// The public part, or as many of its first characters as name one key.
    pub public: String,
}

impl RevokeKey {
    /// Decides the command.
    pub(crate) fn decide(&self, set: &WorkingSet, context: &Context) -> Result<Decision, Refusal> {
        let before = set.reach(&context.actor, self.account_id)?;
        if context.actor.kind == Kind::Customer {
            return Err(Refusal::new(Code::Forbidden, "a customer cannot revoke keys"));
        }
        let fault = |code, message| Refusal::from(Fault::new("public", code, message));
        let mut matching =
            set.keys(before.id).iter().filter(|key| !self.public.is_empty() && key.public.as_str().starts_with(&self.public));
        let key = match (matching.next(), matching.next()) {
            (Some(key), None) => key,
            (None, _) => return Err(fault(Code::NotFound, "this account has no such key")),
            (Some(_), Some(_)) => return Err(fault(Code::Invalid, "this account has several keys that begin so; give more of it")),
        };
        if key.revoked_at.is_some() {
            return Ok(Decision::unchanged(before));
        }
        let revoked = Key { revoked_at: Some(context.at), ..key.clone() };
        let old = serde_json::json!({ "public": key.public.shown() });
        let change = FieldChange { field: "key", old, new: serde_json::Value::Null };
        Ok(Decision::key(Account::clone(&before), revoked, EventName::KeyRevoked, &change, context))
    }
}
