//! The record of a key.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, TenantId};
use crate::refusal::{Invalid, quoted};
use crate::value::{Label, Network, Text, Timestamp, through_text};

/// How a key proves itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// A key pair that signs the query of the WWWEngine dialect.
    Wwwengine,
    /// One secret key, sent by HTTP Basic.
    Basic,
    /// One secret key, sent as it is, or by HTTP Basic.
    Bearer,
}

impl Scheme {
    /// The word that stands for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wwwengine => "wwwengine",
            Self::Basic => "basic",
            Self::Bearer => "bearer",
        }
    }

    /// The scheme that a word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Wwwengine, Self::Basic, Self::Bearer].into_iter().find(|scheme| scheme.as_str() == word)
    }
}

/// The public part of a key: 64 lower-hex characters of a key pair, or the first 8 characters of a secret key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PublicKey(Text);

impl PublicKey {
    /// Characters of a public key that logs and events may show.
    pub const SHOWN_CHARS: usize = 8;

    /// Reads the public part of a key pair: 64 lower-hex characters.
    ///
    /// # Errors
    /// Anything else; upper case too, so that one key has one spelling.
    pub fn parse_pair(text: &str) -> Result<Self, Invalid> {
        if text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            Ok(Self(text.into()))
        } else {
            Err(Invalid::new(format!("{} is not a public key of 64 lower-hex characters", quoted(text))))
        }
    }

    /// Reads a public part as the store keeps it.
    ///
    /// # Errors
    /// Not 8 to 64 letters and digits.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.len() >= Self::SHOWN_CHARS && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            Ok(Self(text.into()))
        } else {
            Err(Invalid::new("a public key has 8 to 64 letters and digits"))
        }
    }

    /// The public part of a secret key: its first characters.
    pub fn of_secret(secret: &str) -> Self {
        Self(secret.chars().take(Self::SHOWN_CHARS).collect())
    }

    /// The whole public part.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What logs and events may show of it.
    pub fn shown(&self) -> &str {
        self.0.get(..Self::SHOWN_CHARS).unwrap_or(&self.0)
    }
}

through_text!(PublicKey);

/// SHA-256 of what the caller presents. It verifies and cannot sign.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier(pub [u8; 32]);

impl Verifier {
    /// Reads 64 lower-hex characters.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut octets = [0; 32];
        if text.len() != 64 {
            return None;
        }
        for (octet, pair) in octets.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(pair).ok()?;
            *octet = u8::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))?;
        }
        Some(Self(octets))
    }

    /// 64 lower-hex characters.
    pub fn to_hex(&self) -> String {
        self.0.iter().map(|octet| format!("{octet:02x}")).collect()
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// To add accounts.
    Add,
    /// To edit them.
    Edit,
    /// To change their status, which includes deleting them.
    Status,
    /// To read and list them.
    Read,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::Add, Self::Edit, Self::Status, Self::Read];

    /// The word that stands for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Edit => "edit",
            Self::Status => "status",
            Self::Read => "read",
        }
    }
}

/// A set of scopes; never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// Everything.
    pub const ALL: Self = Self(0b1111);

    /// Whether the scope is in the set.
    pub const fn allows(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }

    /// The scopes in the set.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.allows(*scope))
    }

    /// Reads words between commas; an empty text is everything.
    ///
    /// # Errors
    /// A word that is no scope.
    pub fn parse(words: &str) -> Result<Self, Invalid> {
        let mut bits = 0;
        for word in words.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let scope = Scope::ALL.into_iter().find(|scope| scope.as_str() == word);
            bits |= 1
                << scope.ok_or_else(|| Invalid::new(format!("{} is no scope; there are add, edit, status and read", quoted(word))))? as u8;
        }
        Ok(if bits == 0 { Self::ALL } else { Self(bits) })
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.iter().map(Scope::as_str).collect();
        f.write_str(&words.join(","))
    }
}

/// A key as it stands. `(account_id, scheme, public)` names it.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The tenant of its account.
    pub tenant_id: TenantId,
    /// The account that acts when the key is used; it never changes.
    pub account_id: AccountId,
    /// How it proves itself.
    pub scheme: Scheme,
    /// Its public part.
    pub public: PublicKey,
    /// What verifies it.
    pub verifier: Verifier,
    /// What it is for, in its owner's words.
    pub label: Option<Label>,
    /// What it may be used for.
    pub scopes: Scopes,
    /// From where it works, beside the account's own list.
    pub allow: Vec<Network>,
    /// Requests a minute that it may make; `None`: the server's own limit.
    pub rate_per_minute: Option<u32>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// Since when it is refused.
    pub revoked_at: Option<Timestamp>,
}

impl Key {
    /// Whether the key is neither revoked nor expired at this time.
    pub fn is_live(&self, at: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|expires| at < expires)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_words() {
        let scopes = Scopes::parse("read, edit").unwrap();
        assert!(scopes.allows(Scope::Read) && scopes.allows(Scope::Edit) && !scopes.allows(Scope::Add) && !scopes.allows(Scope::Status));
        assert_eq!(scopes.to_string(), "edit,read");
        assert_eq!(Scopes::parse("").unwrap(), Scopes::ALL);
        assert!(Scopes::parse("everything").is_err());
    }

    #[test]
    fn a_public_key_has_one_spelling() {
        let key = "38f9c45022de9ccd105545423b77e950af7dbc5eb31660d6bf1160431513f5ae";
        assert_eq!(PublicKey::parse_pair(key).unwrap().shown(), "38f9c450");
        assert!(PublicKey::parse_pair(&key.to_uppercase()).is_err());
        assert!(PublicKey::parse_pair(&key[1..]).is_err());
    }
}
