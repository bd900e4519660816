//! Industries.

use super::text::through_text;
use crate::refusal::{Invalid, quoted};

/// A customer's industry: one of a closed list, spelled exactly so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Industry(&'static str);

/// Every industry. Three hold commas, and so are not two.
pub const INDUSTRIES: [&str; 19] = [
    "Personal Use",
    "Agriculture & Environmental",
    "Automotive",
    "Business & Consulting Services",
    "E-commerce",
    "Education & Training",
    "Financial Institutions",
    "Governmental Organisations",
    "Hospitality, Travel & Tourism",
    "Industry, Trade & Manufacture",
    "Lifestyle, Arts & Entertainment",
    "Logistic Services",
    "Publishing & Media",
    "Agencies & Marketing",
    "Medical & Healthcare",
    "Non Governmental Organisations",
    "Property & Real Estate",
    "Retail & Wholesale",
    "Technology & Science",
];

impl Industry {
    /// Reads an industry.
    ///
    /// # Errors
    /// Not in the list.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        INDUSTRIES
            .into_iter()
            .find(|known| *known == text)
            .map(Self)
            .ok_or_else(|| Invalid::new(format!("{} is no industry; there are {}", quoted(text), INDUSTRIES.join("; "))))
    }

    /// Its name.
    pub const fn as_str(&self) -> &str {
        self.0
    }
}

through_text!(Industry);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spelling_is_the_lists() {
        for text in INDUSTRIES {
            assert_eq!(Industry::parse(text).unwrap().as_str(), text);
        }
        for text in ["", "Hospitality", "Travel & Tourism", "automotive", " Automotive"] {
            assert!(Industry::parse(text).is_err(), "{text:?}");
        }
    }
}
