//! Issuing a key, or importing one that another system issued.

use super::{Key, PublicKey, Scheme, Scopes, Verifier};
use crate::account::{Account, Kind, Status};
use crate::context::Context;
use crate::decision::Decision;
use crate::event::{EventName, FieldChange};
use crate::id::AccountId;
use crate::limits::LIVE_KEYS_MAX;
use crate::refusal::{Code, Fault, Refusal};
use crate::value::{Label, Network, Timestamp};
use crate::working_set::WorkingSet;

/// Asks for a key. Its material was made before; only what verifies it comes here.
#[derive(Debug, Clone, PartialEq)]
pub struct IssueKey {
    /// The account that will act when the key is used.
    pub account_id: AccountId,
    /// How it proves itself.
    pub scheme: Scheme,
    /// Its public part.
    pub public: PublicKey,
    /// What verifies it.
    pub verifier: Verifier,
    /// What it is for.
    pub label: Option<Label>,
    /// What it may be used for.
    pub scopes: Scopes,
    /// From where it works.
    pub allow: Vec<Network>,
    /// Requests a minute that it may make.
    pub rate_per_minute: Option<u32>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// Whether another system issued it.
    pub imported: bool,
}

impl IssueKey {
    /// Decides the command.
    pub(crate) fn decide(&self, set: &WorkingSet, context: &Context) -> Result<Decision, Refusal> {
        let before = set.reach(&context.actor, self.account_id)?;
        if before.id != self.account_id {
            // A key is made for a number: that of the survivor.
            let message = format!("this customer is merged into {0}; issue the key for {0}", before.id);
            return Err(Fault::new("account_id", Code::ImpossibleStatus, message).into());
        }
        self.check(&before, set, context)?;
        let key = Key {
            tenant_id: before.tenant_id,
            account_id: before.id,
            scheme: self.scheme,
            public: self.public.clone(),
            verifier: self.verifier.clone(),
            label: self.label.clone(),
            scopes: self.scopes,
            allow: self.allow.clone(),
            rate_per_minute: self.rate_per_minute,
            created_at: context.at,
            expires_at: self.expires_at,
            revoked_at: None,
        };
        let name = if self.imported { EventName::KeyImported } else { EventName::KeyIssued };
        Ok(Decision::key(Account::clone(&before), key, name, &change(&self.public, &self.scopes), context))
    }

    fn check(&self, account: &Account, set: &WorkingSet, context: &Context) -> Result<(), Refusal> {
        let keys = set.keys(account.id);
        if context.actor.kind == Kind::Customer {
            return Err(Refusal::new(Code::Forbidden, "a customer cannot issue keys"));
        }
        if matches!(account.status, Status::Closed | Status::Deleted) {
            return Err(Fault::new("account_id", Code::ImpossibleStatus, format!("this account is {}", account.status)).into());
        }
        // A key that was imported with a wrong hash can be revoked and imported again.
        let in_the_way = |key: &Key| key.scheme == self.scheme && key.public == self.public && !(self.imported && key.revoked_at.is_some());
        if keys.iter().any(in_the_way) {
            return Err(Fault::new("public", Code::Taken, "this account has a key with this public part already; revoke that first").into());
        }
        if self.expires_at.is_some_and(|expires| expires <= context.at) {
            return Err(Fault::new("expires_at", Code::Invalid, "a key cannot expire before it is issued").into());
        }
        if keys.iter().filter(|key| key.is_live(context.at)).count() >= LIVE_KEYS_MAX {
            let message = format!("this account has {LIVE_KEYS_MAX} live keys; revoke one first");
            return Err(Fault::new("account_id", Code::Invalid, message).into());
        }
        Ok(())
    }
}

/// What the event says of a key: its shown part and its scopes.
fn change(public: &PublicKey, scopes: &Scopes) -> FieldChange {
    let new = serde_json::json!({ "public": public.shown(), "scopes": scopes.to_string() });
    FieldChange { field: "key", old: serde_json::Value::Null, new }
}
