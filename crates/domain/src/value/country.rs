//! Countries.

use super::text::{Text, through_text};
use crate::refusal::{Invalid, quoted};

/// An ISO 3166-1 alpha-2 country code: kept as given, compared in upper case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Country(Text);

impl Country {
    /// Reads a code in any case.
    ///
    /// # Errors
    /// Not one of the standard's codes.
    pub fn parse(text: impl Into<Text>) -> Result<Self, Invalid> {
        let text = text.into();
        if text.is_empty() {
            return Err(Invalid::required("a country code must not be empty"));
        }
        if text.len() != 2 || rust_iso3166::from_alpha2(&text.to_ascii_uppercase()).is_none() {
            return Err(Invalid::new(format!("{} is not an ISO 3166-1 country code", quoted(&text))));
        }
        Ok(Self(text))
    }

    /// The code as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The code in upper case.
    pub fn alpha2(&self) -> String {
        self.0.as_str().to_ascii_uppercase()
    }
}

through_text!(Country);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries() {
        assert_eq!(Country::parse("in").unwrap().alpha2(), "IN");
        assert_eq!(Country::parse("ZA").unwrap().as_str(), "ZA");
        for text in ["", "XX", "I", "IND", "29", "ıN", "I\0"] {
            assert!(Country::parse(text).is_err(), "{text:?}");
        }
    }
}
