//! Issuing, listing and revoking keys over the wire: what a key may hand on of what it has itself.

use std::sync::Arc;

use tenantry_domain::key::issue::IssueKey;
use tenantry_domain::key::revoke::RevokeKey;
use tenantry_domain::key::{Key, Scheme, Scope, Scopes};
use tenantry_domain::{AccountId, Code, Command, Fault, Outcome, Refusal};
use zeroize::Zeroizing;

use crate::credentials::unavailable;
use crate::{KeyMaterial, NewKey, Principal, Request, Service};

/// A key that is about to be issued, within the bounds of the one that issues it.
pub struct PreparedKey {
    /// The key, as it will stand.
    pub issue: IssueKey,
    /// What is shown once: the private key of a pair, or the secret key itself.
    pub secret: Zeroizing<String>,
}

impl Service {
    /// Makes a key that is not issued yet. What is left open is as narrow as the key that issues it.
    ///
    /// # Errors
    /// The key has not the scope, or the new one would be able to do more than it.
    pub fn prepare_key(&self, account_id: AccountId, scheme: Scheme, new: NewKey, request: &Request) -> Result<PreparedKey, Refusal> {
        request.principal.require(Scope::Add)?;
        let new = request.principal.narrow(new)?;
        let material = KeyMaterial::of(scheme, account_id, &self.chance);
        let issue = new.command(account_id, scheme, material.public, material.verifier, false);
        Ok(PreparedKey { issue, secret: material.secret })
    }

    /// Issues a key that was prepared.
    ///
    /// # Errors
    /// The domain's refusal, or the store's.
    pub async fn issue_key(self: &Arc<Self>, prepared: PreparedKey, request: &Request) -> Result<Outcome, Refusal> {
        self.carry_out(Command::IssueKey(Box::new(prepared.issue)), None, request).await
    }

    /// Revokes a key.
    ///
    /// # Errors
    /// The key has not the scope, the domain's refusal, or the store's.
    pub async fn revoke_key(self: &Arc<Self>, revoke: RevokeKey, request: &Request) -> Result<Outcome, Refusal> {
        request.principal.require(Scope::Status)?;
        self.carry_out(Command::RevokeKey(revoke), None, request).await
    }

    /// The keys of an account, the oldest first; those that were revoked or have expired, too.
    ///
    /// # Errors
    /// The key has not the scope; there is no such account, or it is not the caller's; the store cannot be read.
    pub async fn keys_of(&self, principal: &Principal, id: AccountId) -> Result<Vec<Key>, Refusal> {
        principal.require(Scope::Read)?;
        let account = self.look_up(principal, id).await?;
        self.store.keys_of(account.tenant_id, account.id).await.map_err(|fault| unavailable(&fault))
    }
}

impl Principal {
    /// What its credential may be used for.
    pub const fn scopes(&self) -> Scopes {
        self.scopes
    }

    /// A new key within the bounds of this one: whoever holds a key must not get more by it than it gives, nor for longer.
    fn narrow(&self, mut new: NewKey) -> Result<NewKey, Refusal> {
        let mut faults = Vec::new();
        let mut fault = |field, message: String| faults.push(Fault::new(field, Code::Forbidden, message));
        if new.scopes.iter().any(|scope| !self.scopes.allows(scope)) {
            fault("scopes", format!("a key can give no more than it has: {}", self.scopes));
        }
        if new.allow.is_empty() {
            new.allow.clone_from(&self.allow);
        }
        if !self.allow.is_empty() && new.allow.iter().any(|network| !self.allow.iter().any(|own| own.covers(network))) {
            fault("allow", "the key that issues works from fewer addresses".to_owned());
        }
        match (self.rate_per_minute, new.rate_per_minute) {
            (Some(own), Some(rate)) if rate > own => fault("rate_per_minute", format!("the key that issues may make {own} calls a minute")),
            (own, None) => new.rate_per_minute = own,
            _ => {}
        }
        match (self.expires_at, new.expires_at) {
            (Some(own), Some(expires)) if expires > own => fault("expires_at", format!("the key that issues ends at {own}")),
            (own, None) => new.expires_at = own,
            _ => {}
        }
        if faults.is_empty() { Ok(new) } else { Err(Refusal { code: Code::Forbidden, ..Refusal::faulty(faults) }) }
    }
}
