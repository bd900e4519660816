//! Making keys. What can sign or prove is made here, given out once and never kept.

use aws_lc_rs::digest::{SHA256, digest};
use tenantry_domain::key::issue::IssueKey;
use tenantry_domain::key::{PublicKey, Scheme, Scopes, Verifier};
use tenantry_domain::value::{Label, Network};
use tenantry_domain::{AccountId, Timestamp};
use zeroize::Zeroizing;

use crate::Chance;
use crate::bearer::BearerKey;
use crate::chance::hex;

/// Letters and digits of a secret key: 190 random bits.
const SECRET_KEY_CHARS: usize = 32;

/// A new key's secret side, to be shown once.
pub struct KeyMaterial {
    /// Its public part.
    pub public: PublicKey,
    /// The private key of a pair, or the secret key itself.
    pub secret: Zeroizing<String>,
    /// What the server keeps.
    pub verifier: Verifier,
}

/// What a new key is for and what bounds it.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// What it is for, in its owner's words.
    pub label: Option<Label>,
    /// What it may be used for.
    pub scopes: Scopes,
    /// From where it works.
    pub allow: Vec<Network>,
    /// Calls a minute that it may make.
    pub rate_per_minute: Option<u32>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

impl Default for NewKey {
    fn default() -> Self {
        Self { label: None, scopes: Scopes::ALL, allow: Vec::new(), rate_per_minute: None, expires_at: None }
    }
}

impl NewKey {
    /// The command that puts a key with this verifier in place.
    pub fn command(self, account_id: AccountId, scheme: Scheme, public: PublicKey, verifier: Verifier, imported: bool) -> IssueKey {
        let Self { label, scopes, allow, rate_per_minute, expires_at } = self;
        IssueKey { account_id, scheme, public, verifier, label, scopes, allow, rate_per_minute, expires_at, imported }
    }
}

impl KeyMaterial {
    /// A new key of a scheme.
    pub fn of(scheme: Scheme, account_id: AccountId, chance: &Chance) -> Self {
        match scheme {
            Scheme::Wwwengine => Self::pair(account_id, chance),
            Scheme::Basic => Self::secret(chance),
            Scheme::Bearer => Self::bearer(chance),
        }
    }

    /// A new key pair for an account in the WWWEngine dialect.
    pub fn pair(account_id: AccountId, chance: &Chance) -> Self {
        let (public, private) = (chance.hex::<32>(), Zeroizing::new(chance.hex::<32>()));
        let verifier = verifier_of(&signature_hash(&private, account_id, &public));
        // What was just made has the form of a pair's public part.
        let public = PublicKey::parse_pair(&public).unwrap_or_else(|_| PublicKey::of_secret(""));
        Self { public, secret: private, verifier }
    }

    /// A new secret key for HTTP Basic.
    pub fn secret(chance: &Chance) -> Self {
        let secret = Zeroizing::new(chance.alphanumeric(SECRET_KEY_CHARS));
        Self { public: PublicKey::of_secret(&secret), verifier: verifier_of(&secret), secret }
    }

    /// A new secret key that is sent as it is.
    pub fn bearer(chance: &Chance) -> Self {
        let key = BearerKey::make(chance);
        Self { public: key.public(), verifier: key.verifier(), secret: key.into_secret() }
    }
}

/// The hash that a client of the WWWEngine dialect computes: lower-hex SHA-256 of its private key and the query that names account and key.
pub fn signature_hash(private: &str, account_id: AccountId, public: &str) -> String {
    let signed = Zeroizing::new(format!("{private}actingUserID={account_id}&auth={public}"));
    hex(digest(&SHA256, signed.as_bytes()).as_ref())
}

/// What verifies a presented text.
pub fn verifier_of(presented: &str) -> Verifier {
    let mut octets = [0; 32];
    octets.copy_from_slice(digest(&SHA256, presented.as_bytes()).as_ref());
    Verifier(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The dialect's published vectors, for a dummy private key.
    #[test]
    fn a_client_computes_this_hash() {
        let private = "0123456789abcdef".repeat(4);
        let public = "38f9c45022de9ccd105545423b77e950af7dbc5eb31660d6bf1160431513f5ae";
        for (id, hash) in [
            (1, "5d0553dbac6d5faf151bf2420fb3dc19c9d8da00a1e27ea630cbe8d41ec50e49"),
            (47921, "b536e9b61ab576d27cff6fde3f6229b09e4bb0959c8dfd164c839e31a0289b4e"),
        ] {
            assert_eq!(signature_hash(&private, AccountId::try_from(id).unwrap(), public), hash);
        }
    }

    #[test]
    fn new_keys_have_their_forms() {
        let pair = KeyMaterial::pair(AccountId::OPERATOR, &Chance);
        assert!(PublicKey::parse_pair(pair.public.as_str()).is_ok() && pair.secret.len() == 64);
        let secret = KeyMaterial::secret(&Chance);
        assert!(secret.secret.len() == 32 && secret.secret.starts_with(secret.public.as_str()));
    }
}
