//! Secrets: types that cannot be printed and that are wiped when dropped.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::limits::{PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS, PIN_MAX_DIGITS, PIN_MIN_DIGITS};
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
    /// A password's argon2id hash, in PHC form.
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
}
