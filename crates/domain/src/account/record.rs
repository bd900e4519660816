//! The record of an account.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Hold, Profile, Status};
use crate::id::{AccountId, TenantId};
use crate::quota::Allotments;
use crate::value::{AccountHash, Email, ExternalId, PasswordHash, PinDigest, Timestamp};

/// What kind of party an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Runs the installation; there is one, and its id is 0.
    Operator,
    /// Sells to customers, and may sell through providers below it.
    Provider,
    /// Is sold to.
    Customer,
}

impl Kind {
    /// The word that stands for it in columns and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Provider => "provider",
            Self::Customer => "customer",
        }
    }

    /// The kind that a word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Operator, Self::Provider, Self::Customer].into_iter().find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An account as it stands after its newest change.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// Its id; never used twice.
    pub id: AccountId,
    /// The tenant it belongs to; never changes.
    pub tenant_id: TenantId,
    /// The party above it; `None` for the operator only. Never changes.
    pub parent_id: Option<AccountId>,
    /// The parties above it, from the tenant's top provider down to the parent; the operator is left out.
    pub ancestors: Vec<AccountId>,
    /// What kind of party it is.
    pub kind: Kind,
    /// The caller's own id of it; unique in the tenant.
    pub external_id: Option<ExternalId>,
    /// Its second name, made by the system.
    pub hash: AccountHash,
    /// The login; unique among the tenant's accounts that are not deleted.
    pub email: Option<Email>,
    /// The password's hash.
    pub password_hash: Option<PasswordHash>,
    /// The call-in PIN's digest.
    pub call_in_pin: Option<PinDigest>,
    /// Where it is in its life.
    pub status: Status,
    /// Who holds it suspended; empty unless suspended.
    pub holds: Vec<Hold>,
    /// When it was first activated.
    pub activated_at: Option<Timestamp>,
    /// When it was closed or deleted, while it is.
    pub ended_at: Option<Timestamp>,
    /// Its packages and prepaid balances, by channel.
    pub allotments: Allotments,
    /// Everything that only people and dialects read.
    pub profile: Profile,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// 1 when made, one more with every change.
    pub version: i64,
}

impl Account {
    /// How many providers stand between the operator and this account, itself counted when it is one.
    pub fn provider_depth(&self) -> usize {
        match self.kind {
            Kind::Operator => 0,
            Kind::Provider => self.ancestors.len() + 1,
            Kind::Customer => self.ancestors.len(),
        }
    }

    /// The parties from the tenant's top provider down to this account itself.
    pub fn path(&self) -> Vec<AccountId> {
        let mut path = self.ancestors.clone();
        if self.kind != Kind::Operator {
            path.push(self.id);
        }
        path
    }
}
