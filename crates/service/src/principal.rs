//! The principal: who acts, made from credentials only, and what its credential lets it do.

use tenantry_domain::account::Kind;
use tenantry_domain::key::{PublicKey, Scheme, Scope, Scopes};
use tenantry_domain::value::Network;
use tenantry_domain::{Actor, Code, Refusal, Timestamp};

/// An authenticated party. Whoever holds one has been through the door; nothing in a body can make or change one.
#[derive(Debug, Clone)]
pub struct Principal {
    pub(crate) actor: Actor,
    pub(crate) scopes: Scopes,
    pub(crate) scheme: Scheme,
    pub(crate) public: PublicKey,
    pub(crate) rate_per_minute: Option<u32>,
    pub(crate) requires_if_match: bool,
    /// From where the credential works, and until when: what it may hand on.
    pub(crate) allow: Vec<Network>,
    pub(crate) expires_at: Option<Timestamp>,
}

impl Principal {
    /// The account that acts.
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    /// What logs and events may show of the credential.
    pub fn credential(&self) -> &str {
        self.public.shown()
    }

    /// Whether its tenant demands that changes name the version that they are about.
    pub const fn requires_if_match(&self) -> bool {
        self.requires_if_match
    }

    /// Whether it is a customer, who acts on itself only.
    pub fn is_customer(&self) -> bool {
        self.actor.kind == Kind::Customer
    }

    /// Passes when the credential has the scope.
    ///
    /// # Errors
    /// Forbidden, with the missing scope's name.
    pub fn require(&self, scope: Scope) -> Result<(), Refusal> {
        if self.scopes.allows(scope) {
            Ok(())
        } else {
            Err(Refusal::new(Code::Forbidden, format!("This key may not be used to {}; it may: {}", verb(scope), self.scopes)))
        }
    }
}

const fn verb(scope: Scope) -> &'static str {
    match scope {
        Scope::Add => "add",
        Scope::Edit => "edit",
        Scope::Status => "change a status",
        Scope::Read => "read",
    }
}
