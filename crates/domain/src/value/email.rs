//! E-mail addresses.

use super::text::{Text, through_text};
use crate::limits::EMAIL_MAX_OCTETS;
use crate::refusal::{Invalid, quoted};
use email_address::{EmailAddress, Options};

/// An e-mail address (RFC 5321, with the characters of RFC 6531), kept as given and compared without regard to case.
///
/// RFC 5321 leaves the case of the local part to the receiving host; no host in use tells two people apart by it, and people do not type it
/// the same way twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(Text);

impl Email {
    /// Reads an address.
    ///
    /// # Errors
    /// Empty, over 254 octets, or not an address.
    pub fn parse(text: impl Into<Text>) -> Result<Self, Invalid> {
        let text = text.into();
        if text.is_empty() {
            return Err(Invalid::required("an e-mail address must not be empty"));
        }
        if text.len() > EMAIL_MAX_OCTETS {
            return Err(Invalid::too_long(format!("an e-mail address has at most {EMAIL_MAX_OCTETS} octets")));
        }
        if text.chars().any(char::is_control) || EmailAddress::parse_with_options(&text, Options::default().without_display_text()).is_err()
        {
            return Err(Invalid::new(format!("{} is not an e-mail address", quoted(&text))));
        }
        Ok(Self(text))
    }

    /// The address as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form by which two addresses are compared.
    pub fn folded(&self) -> String {
        self.0.as_str().to_lowercase()
    }
}

through_text!(Email);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for text in ["abc.xyz@abc.org", "a+b@c.example", "Ü@example.org", "o'neill@example.co.za", "x@sub.domain.example"] {
            assert_eq!(Email::parse(text).unwrap().as_str(), text);
        }
        for text in ["", "abc", "a@", "@b", "a b@c.de", "a@b@c", "a\n@b.c", "a\0@b.c", "<a@b.c>", "A <a@b.c>"] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
        assert!(Email::parse(format!("{}@b.example", "x".repeat(260))).is_err());
    }

    #[test]
    fn case_makes_no_difference() {
        assert_eq!(Email::parse("Abc@ABC.org").unwrap().folded(), Email::parse("abc@abc.ORG").unwrap().folded());
    }
}
