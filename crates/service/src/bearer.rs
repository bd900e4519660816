//! Keys that are sent as they are, by `Authorization: Bearer` (RFC 6750): `tnt_live_`, 27 letters and digits by chance, and 6 that follow from those.
//!
//! The prefix and the checksum let scanners of source code find a key that was published, without asking anybody, and without taking other texts for one.

use tenantry_domain::key::{PublicKey, Verifier};
use zeroize::Zeroizing;

use crate::Chance;
use crate::keys::verifier_of;

/// What every key begins with.
const PREFIX: &str = "tnt_live_";
/// Letters and digits by chance: 160 bits.
const CHANCE_CHARS: usize = 27;
/// Letters and digits of the checksum: CRC-32 in base 62.
const CHECKSUM_CHARS: usize = 6;
/// The digits of base 62, in rising order.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A key in its form. Whether there is such a key is another question.
pub struct BearerKey(Zeroizing<String>);

impl BearerKey {
    /// Takes a text in the one form that these keys have. A mistyped one is refused here, before anybody looks for it.
    pub fn parse(text: &str) -> Option<Self> {
        let body = text.strip_prefix(PREFIX)?;
        let has_form = body.len() == CHANCE_CHARS + CHECKSUM_CHARS && body.bytes().all(|b| b.is_ascii_alphanumeric());
        (has_form && body[CHANCE_CHARS..] == checksum(&body[..CHANCE_CHARS])).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// A new one.
    pub(crate) fn make(chance: &Chance) -> Self {
        let body = Zeroizing::new(chance.alphanumeric(CHANCE_CHARS));
        Self(Zeroizing::new([PREFIX, &body, &checksum(&body)].concat()))
    }

    /// The key itself.
    pub(crate) fn into_secret(self) -> Zeroizing<String> {
        self.0
    }

    /// The part under which it is found, and which logs may show.
    pub(crate) fn public(&self) -> PublicKey {
        PublicKey::of_secret(self.public_part())
    }

    /// The same, as text.
    pub(crate) fn public_part(&self) -> &str {
        let end = PREFIX.len() + PublicKey::SHOWN_CHARS;
        self.0.get(PREFIX.len()..end).unwrap_or_default()
    }

    /// What verifies it.
    pub(crate) fn verifier(&self) -> Verifier {
        verifier_of(&self.0)
    }
}

fn checksum(body: &str) -> String {
    let mut rest = crc32fast::hash(body.as_bytes());
    let mut digits = [b'0'; CHECKSUM_CHARS];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    digits.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_form() {
        let key = BearerKey::make(&Chance);
        let text = key.0.to_string();
        assert!(text.starts_with("tnt_live_") && text.len() == 9 + 27 + 6, "{text}");
        assert_eq!(BearerKey::parse(&text).map(|key| key.public_part().to_owned()).as_deref(), Some(&text[9..17]));
        assert_ne!(BearerKey::make(&Chance).0, key.0);
        let swapped: String = [&text[..10], "é", &text[11..]].concat();
        let mistyped = [&text[..20], if &text[20..21] == "A" { "B" } else { "A" }, &text[21..]].concat();
        for other in
            [&text[1..], &text[..text.len() - 1], &[&text, "A"].concat(), &text.to_uppercase(), &mistyped, &swapped, "", "tnt_live_"]
        {
            assert!(BearerKey::parse(other).is_none(), "{other}");
        }
    }

    /// What was issued stays valid: the form never changes.
    #[test]
    fn the_checksum_is_the_same_for_ever() {
        assert_eq!(checksum("0123456789abcdefghijABCDEFG"), "3Js84R");
    }
}
