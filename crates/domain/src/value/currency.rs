//! Currencies.

use super::text::{Text, through_text};
use crate::refusal::{Invalid, quoted};

/// An ISO 4217 currency code: kept as given, compared in upper case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Currency(Text);

impl Currency {
    /// Reads a code in any case.
    ///
    /// # Errors
    /// Not one of the standard's codes.
    pub fn parse(text: impl Into<Text>) -> Result<Self, Invalid> {
        let text = text.into();
        if text.is_empty() {
            return Err(Invalid::required("a currency must not be empty"));
        }
        if text.len() != 3 || iso_currency::Currency::from_code(&text.to_ascii_uppercase()).is_none() {
            return Err(Invalid::new(format!("{} is not an ISO 4217 currency code", quoted(&text))));
        }
        Ok(Self(text))
    }

    /// The code as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

through_text!(Currency);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies() {
        assert_eq!(Currency::parse("INR").unwrap().as_str(), "INR");
        assert_eq!(Currency::parse("zar").unwrap().as_str(), "zar");
        for text in ["", "XYZ", "RUPEE", "IN", "€"] {
            assert!(Currency::parse(text).is_err(), "{text:?}");
        }
    }
}
