//! Secrets: types that cannot be printed and that are wiped when dropped.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::limits::{
    ARGON2_MAX_LANES, ARGON2_MAX_MEMORY_KIB, ARGON2_MAX_PASSES, BCRYPT_MAX_COST, BCRYPT_MIN_COST, PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS,
    PIN_MAX_DIGITS, PIN_MIN_DIGITS,
};
use crate::refusal::Invalid;

/// Gives a newtype over `String` that can be read only by asking for its secret.
macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
        pub struct $name(String);

        impl $name {
            /// The secret itself: for hashing and for the store, never for logs or answers.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("[redacted]")
            }
        }
    };
}

secret!(
    /// A password as a person chose it: 8 to 256 characters. No rule of composition (ASVS 5.0, 6.2.5).
    Password
);
secret!(
    /// A password's hash: argon2 in PHC form, or bcrypt where it was made elsewhere.
    PasswordHash
);
secret!(
    /// A call-in PIN: 4 to 12 digits, which a caller says on the phone.
    CallInPin
);
secret!(
    /// A PIN's salted HMAC under the server's pepper: `v1$salt$mac`, both in hex.
    PinDigest
);

impl Password {
    /// Reads a password. It is never cut, trimmed or folded (ASVS 5.0, 6.2.8).
    ///
    /// # Errors
    /// Shorter or longer than allowed, or with NUL in it, which some hash functions take for the end.
    pub fn parse(text: impl Into<String>) -> Result<Self, Invalid> {
        // In the type from here on, so that every way out wipes it.
        let password = Self(text.into());
        if password.0.is_empty() {
            return Err(Invalid::required("a password must not be empty"));
        }
        let chars = if password.0.len() > PASSWORD_MAX_CHARS * 4 { usize::MAX } else { password.0.chars().count() };
        if chars > PASSWORD_MAX_CHARS {
            return Err(Invalid::too_long(format!("a password has at most {PASSWORD_MAX_CHARS} characters")));
        }
        if chars < PASSWORD_MIN_CHARS {
            return Err(Invalid::new(format!("a password has at least {PASSWORD_MIN_CHARS} characters")));
        }
        if password.0.chars().any(char::is_control) {
            return Err(Invalid::new("a password must not hold control characters"));
        }
        Ok(password)
    }
}

impl PasswordHash {
    /// Takes a hash in PHC form.
    pub fn from_phc(phc: impl Into<String>) -> Self {
        Self(phc.into())
    }

    /// Reads a hash that was made elsewhere: argon2 in PHC form, or bcrypt in its own, whose costs are such that checking a password is no attack.
    ///
    /// # Errors
    /// Another scheme, another form, or costs beyond the limits. The message never quotes it.
    pub fn parse(text: impl Into<String>) -> Result<Self, Invalid> {
        let hash = Self(text.into());
        if is_argon2(&hash.0).unwrap_or(false) || is_bcrypt(&hash.0).unwrap_or(false) {
            return Ok(hash);
        }
        Err(Invalid::new("this is no argon2 hash in PHC form and no bcrypt hash, or its costs are beyond what is checked here"))
    }
}

/// `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.
fn is_argon2(text: &str) -> Option<bool> {
    let mut parts = text.strip_prefix("$argon2")?.split('$');
    let scheme = matches!(parts.next()?, "id" | "i" | "d");
    let version = matches!(parts.next()?, "v=19" | "v=16");
    let mut costs = parts.next()?.split(',');
    let mut cost = |name: &str, most: u32| -> Option<bool> {
        let number: u32 = costs.next()?.strip_prefix(name)?.strip_prefix('=')?.parse().ok()?;
        Some((1..=most).contains(&number))
    };
    let bounded = cost("m", ARGON2_MAX_MEMORY_KIB)? && cost("t", ARGON2_MAX_PASSES)? && cost("p", ARGON2_MAX_LANES)?;
    let encoded =
        |part: &str| (8..=128).contains(&part.len()) && part.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"+/".contains(&octet));
    let (salt, digest) = (encoded(parts.next()?), encoded(parts.next()?));
    Some(scheme && version && bounded && salt && digest && costs.next().is_none() && parts.next().is_none())
}

/// `$2y$10$` and 53 characters.
fn is_bcrypt(text: &str) -> Option<bool> {
    let mut parts = text.strip_prefix('$')?.split('$');
    let scheme = matches!(parts.next()?, "2a" | "2b" | "2x" | "2y");
    let cost = parts.next()?;
    let bounded = cost.len() == 2 && cost.parse().is_ok_and(|cost: u32| (BCRYPT_MIN_COST..=BCRYPT_MAX_COST).contains(&cost));
    let digest = parts.next()?;
    let encoded = digest.len() == 53 && digest.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"./".contains(&octet));
    Some(scheme && bounded && encoded && parts.next().is_none())
}

impl CallInPin {
    /// Reads a PIN.
    ///
    /// # Errors
    /// Not 4 to 12 digits. The message never quotes it.
    pub fn parse(text: impl Into<String>) -> Result<Self, Invalid> {
        let pin = Self(text.into());
        if pin.0.is_empty() {
            return Err(Invalid::required("a call-in PIN must not be empty"));
        }
        if !(PIN_MIN_DIGITS..=PIN_MAX_DIGITS).contains(&pin.0.len()) || !pin.0.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Invalid::new(format!("a call-in PIN has {PIN_MIN_DIGITS} to {PIN_MAX_DIGITS} digits")));
        }
        Ok(pin)
    }
}

impl PinDigest {
    /// Takes a digest as the store keeps it.
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_cannot_be_printed() {
        let password = Password::parse("abc@path6re").unwrap();
        assert_eq!(format!("{password:?} {:?}", CallInPin::parse("1234").unwrap()), "[redacted] [redacted]");
        for text in ["short", &"x".repeat(257), "", "with\0nul-inside"] {
            let message = Password::parse(text).unwrap_err().to_string();
            assert!(text.is_empty() || !message.contains(text));
        }
    }

    #[test]
    fn pins() {
        assert!(CallInPin::parse("1234").is_ok() && CallInPin::parse("123456789012").is_ok());
        for text in ["", "123", "1234567890123", "12a4", "١٢٣٤", " 1234"] {
            assert!(CallInPin::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn hashes_of_elsewhere() {
        let bcrypt = format!("$2y$10${}", "a".repeat(53));
        let argon2 = "$argon2id$v=19$m=65536,t=4,p=1$c29tZXNhbHRzb21l$RdescudvJCsgt3ub+b/dWRWJTmaasPL";
        for text in [bcrypt.as_str(), argon2] {
            assert_eq!(PasswordHash::parse(text).unwrap().expose(), text);
        }
        for text in [
            "",
            "secret123",
            "$1$abc$def",
            "$2y$31$aaaa",
            &bcrypt[..59],
            &bcrypt.replace("$10$", "$31$"),
            &argon2.replace("65536", "4294967295"),
            &argon2.replace("p=1", "p=1,x=1"),
            &[argon2, "$x"].concat(),
        ] {
            let message = PasswordHash::parse(text).unwrap_err().to_string();
            assert!(text.is_empty() || !message.contains(text), "{text}");
        }
    }
}
