//! Account ids: one space for all parties, given in rising order, never used twice.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The largest id: every id must survive a JSON number, which many clients read as a double (RFC 8259 section 6).
pub const ACCOUNT_ID_MAX: i64 = (1 << 53) - 1;

/// An account's id, 0 to 2^53 − 1. Zero is the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct AccountId(i64);

impl AccountId {
    /// The operator of this installation.
    pub const OPERATOR: Self = Self(0);

    /// Reads an id in its canonical decimal form: ASCII digits, no sign, no leading zero, no space.
    pub fn parse(text: &str) -> Option<Self> {
        let canonical = text == "0" || (!text.starts_with('0') && !text.is_empty());
        if !canonical || text.len() > 16 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        text.parse().ok().and_then(|number: i64| Self::try_from(number).ok())
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

impl TryFrom<i64> for AccountId {
    type Error = IdOutOfRange;

    fn try_from(number: i64) -> Result<Self, IdOutOfRange> {
        if (0..=ACCOUNT_ID_MAX).contains(&number) { Ok(Self(number)) } else { Err(IdOutOfRange) }
    }
}

impl From<AccountId> for i64 {
    fn from(id: AccountId) -> Self {
        id.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A number that cannot be an account id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdOutOfRange;

impl fmt::Display for IdOutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an account id is a number from 0 to {ACCOUNT_ID_MAX}")
    }
}

impl std::error::Error for IdOutOfRange {}

/// The provider directly below the operator that an account belongs to; the operator's own tenant is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TenantId(AccountId);

impl TenantId {
    /// The operator's own tenant.
    pub const OPERATOR: Self = Self(AccountId::OPERATOR);

    /// The tenant whose top provider has this id.
    pub const fn of(provider: AccountId) -> Self {
        Self(provider)
    }

    /// Its top provider; the operator for the operator's own tenant.
    pub const fn provider_id(self) -> AccountId {
        self.0
    }

    /// The tenant as a number.
    pub const fn get(self) -> i64 {
        self.0.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_form_is_an_id() {
        for text in ["0", "1", "47921", "9007199254740991"] {
            assert_eq!(AccountId::parse(text).map(|id| id.to_string()).as_deref(), Some(text));
        }
        for text in ["", "00", "01", "+1", "-1", " 1", "1 ", "1.0", "1e3", "١", "9007199254740992", "9223372036854775808", "0x1"] {
            assert_eq!(AccountId::parse(text), None, "{text:?}");
        }
    }
}
