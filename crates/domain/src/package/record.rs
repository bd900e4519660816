//! The record of a package.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::context::Actor;
use crate::id::{ACCOUNT_ID_MAX, AccountId, TenantId};
use crate::limits::IDENTIFIER_MAX_CHARS;
use crate::quota::{Channel, Quota};
use crate::refusal::{Invalid, quoted};
use crate::value::{Name, Text, Timestamp, through_text};

/// A package's id, 1 to 2^53 − 1: a space of its own, given in rising order, never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct PackageId(i64);

impl PackageId {
    /// Reads an id in its canonical decimal form.
    pub fn parse(text: &str) -> Option<Self> {
        AccountId::parse(text).and_then(|id| Self::try_from(id.get()).ok())
    }

    /// The id as a number.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The id after this one; `None` when the space is used up.
    pub fn next(self) -> Option<Self> {
        Self::try_from(self.0 + 1).ok()
    }
}

impl TryFrom<i64> for PackageId {
    type Error = Invalid;

    fn try_from(number: i64) -> Result<Self, Invalid> {
        if (1..=ACCOUNT_ID_MAX).contains(&number) { Ok(Self(number)) } else { Err(Invalid::new("a package's id is a number from 1")) }
    }
}

impl From<PackageId> for i64 {
    fn from(id: PackageId) -> Self {
        id.0
    }
}

impl fmt::Display for PackageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A provider's own word for a package: 1 to 64 letters, digits, dots, dashes and underscores, and not digits alone, so that it is never taken for an id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identifier(Text);

impl Identifier {
    /// Reads an identifier.
    ///
    /// # Errors
    /// Another form.
    pub fn parse(text: impl Into<Text>) -> Result<Self, Invalid> {
        let text = text.into();
        if text.is_empty() {
            return Err(Invalid::required("an identifier must not be empty"));
        }
        if text.len() > IDENTIFIER_MAX_CHARS {
            return Err(Invalid::too_long(format!("an identifier has at most {IDENTIFIER_MAX_CHARS} characters")));
        }
        let has_form = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
        if !has_form || text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Invalid::new(format!(
                "{} is no identifier of letters, digits, dots, dashes and underscores; digits alone are an id",
                quoted(&text)
            )));
        }
        Ok(Self(text))
    }

    /// The identifier as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

through_text!(Identifier);

/// How a caller names a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackageRef {
    /// By its id.
    Id(PackageId),
    /// By its provider's word for it.
    Identifier(Identifier),
}

impl PackageRef {
    /// Reads a reference.
    ///
    /// # Errors
    /// Neither an id nor an identifier.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match PackageId::parse(text) {
            Some(id) => Ok(Self::Id(id)),
            None => Identifier::parse(text)
                .map(Self::Identifier)
                .map_err(|_| Invalid::new(format!("{} is neither a package's id nor its identifier", quoted(text)))),
        }
    }
}

/// Whether a package is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PackageStatus {
    /// It is.
    Active,
    /// It is not; who has it keeps it.
    Inactive,
    /// It is not any more; its id is not used again.
    Deleted,
}

impl PackageStatus {
    /// The word that stands for it in columns and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Deleted => "deleted",
        }
    }

    /// The status that a word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::Inactive, Self::Deleted].into_iter().find(|status| status.as_str() == word)
    }
}

/// A package as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its id.
    pub id: PackageId,
    /// The tenant of its provider.
    pub tenant_id: TenantId,
    /// The parties from the tenant's top provider down to the one whose package it is. Never changes.
    pub path: Vec<AccountId>,
    /// What it is of. Never changes: accounts have it under this channel.
    pub channel: Channel,
    /// What it is called.
    pub name: Name,
    /// The provider's word for it; unique among the provider's packages that are not deleted.
    pub identifier: Option<Identifier>,
    /// How many units it includes.
    pub quantity: Quota,
    /// Whether it is sold.
    pub status: PackageStatus,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Package {
    /// The provider whose package it is.
    pub fn provider_id(&self) -> AccountId {
        self.path.last().copied().unwrap_or(AccountId::OPERATOR)
    }

    /// Whether a party may change it: its provider, those above that one, and the operator.
    pub fn is_below(&self, actor: &Actor) -> bool {
        match actor.kind {
            crate::Kind::Operator => true,
            crate::Kind::Provider => actor.tenant_id == self.tenant_id && self.path.contains(&actor.account_id),
            crate::Kind::Customer => false,
        }
    }

    /// Whether a party may see it: the operator all, a provider its own and those of providers above and below it, a customer those that it has.
    pub fn is_seen_by(&self, party: &Account) -> bool {
        match party.kind {
            crate::Kind::Operator => true,
            crate::Kind::Provider => {
                self.tenant_id == party.tenant_id && (self.path.contains(&party.id) || party.ancestors.contains(&self.provider_id()))
            }
            crate::Kind::Customer => self.tenant_id == party.tenant_id && party.allotments.package_ids().any(|id| id == self.id),
        }
    }

    /// What events say of it.
    pub(crate) fn shown(&self) -> serde_json::Value {
        serde_json::json!({
            "id": self.id,
            "channel": self.channel,
            "name": self.name,
            "identifier": self.identifier,
            "quantity": self.quantity,
            "status": self.status,
        })
    }

    /// Whether an account can have it: one somewhere below its provider.
    pub fn is_offered_to(&self, account: &Account) -> bool {
        self.tenant_id == account.tenant_id && account.ancestors.contains(&self.provider_id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_never_taken_for_an_id() {
        for text in ["gold", "gold-1", "1.5k", "A_b", "v2"] {
            assert!(matches!(PackageRef::parse(text).unwrap(), PackageRef::Identifier(_)), "{text}");
        }
        assert_eq!(PackageRef::parse("17").unwrap(), PackageRef::Id(PackageId(17)));
        for text in ["", "0", "007", "a b", "a/b", "ü", &"x".repeat(65)] {
            assert!(PackageRef::parse(text).is_err(), "{text:?}");
        }
    }
}
