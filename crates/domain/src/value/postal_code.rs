//! Postal codes.

use super::text::{Text, through_text};
use super::{Country, text};
use crate::limits::POSTAL_CODE_MAX_CHARS;
use crate::refusal::Invalid;

/// A postal code: 1 to 16 characters (RFC 5733), kept as given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostalCode(Text);

/// The shapes of postal codes, by country: `9` a digit, `A` a letter, anything else itself; spaces and dashes do not count. The source is the
/// Universal Postal Union's addressing pages. A country that is not here has codes that nobody checks.
const SHAPES: &[(&str, &[&str])] = &[
    ("AR", &["9999", "A9999AAA"]),
    ("AT", &["9999"]),
    ("AU", &["9999"]),
    ("BD", &["9999"]),
    ("BE", &["9999"]),
    ("BG", &["9999"]),
    ("BR", &["99999999"]),
    ("CA", &["A9A9A9"]),
    ("CH", &["9999"]),
    ("CN", &["999999"]),
    ("CY", &["9999"]),
    ("CZ", &["99999"]),
    ("DE", &["99999"]),
    ("DK", &["9999"]),
    ("EE", &["99999"]),
    ("EG", &["99999"]),
    ("ES", &["99999"]),
    ("FI", &["99999"]),
    ("FR", &["99999"]),
    ("GB", &["A99AA", "A999AA", "AA99AA", "AA999AA", "A9A9AA", "AA9A9AA"]),
    ("GR", &["99999"]),
    ("HR", &["99999"]),
    ("HU", &["9999"]),
    ("ID", &["99999"]),
    ("IL", &["9999999", "99999"]),
    ("IN", &["999999"]),
    ("IT", &["99999"]),
    ("JP", &["9999999"]),
    ("KE", &["99999"]),
    ("KR", &["99999"]),
    ("LT", &["99999"]),
    ("LU", &["9999"]),
    ("LV", &["9999"]),
    ("MX", &["99999"]),
    ("MY", &["99999"]),
    ("NA", &["99999"]),
    ("NG", &["999999"]),
    ("NL", &["9999AA"]),
    ("NO", &["9999"]),
    ("NZ", &["9999"]),
    ("PH", &["9999"]),
    ("PK", &["99999"]),
    ("PL", &["99999"]),
    ("PT", &["9999999", "9999"]),
    ("RO", &["999999"]),
    ("RU", &["999999"]),
    ("SE", &["99999"]),
    ("SG", &["999999"]),
    ("SI", &["9999"]),
    ("SK", &["99999"]),
    ("TH", &["99999"]),
    ("TR", &["99999"]),
    ("TW", &["999", "99999", "999999"]),
    ("UA", &["99999"]),
    ("US", &["99999", "999999999"]),
    ("VN", &["99999", "999999"]),
    ("ZA", &["9999"]),
];

impl PostalCode {
    /// Reads a code.
    ///
    /// # Errors
    /// Blank, over the limit, or with control characters.
    pub fn parse(code: impl Into<Text>) -> Result<Self, Invalid> {
        let code = code.into();
        text::check(&code, POSTAL_CODE_MAX_CHARS, "a postal code")?;
        Ok(Self(code))
    }

    /// The code as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the code can be one of this country's. A doubtful one is kept all the same: people know their own post better than a table.
    pub fn is_plausible_in(&self, country: &Country) -> bool {
        let alpha2 = country.alpha2();
        let Some((_, shapes)) = SHAPES.iter().find(|(code, _)| *code == alpha2) else { return true };
        let shape: String = self
            .0
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| match c {
                c if c.is_ascii_digit() => '9',
                c if c.is_ascii_alphabetic() => 'A',
                c => c,
            })
            .collect();
        shapes.contains(&shape.as_str())
    }
}

through_text!(PostalCode);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_kept_and_doubted_but_not_refused() {
        let doubt = |code: &str, country: &str| !PostalCode::parse(code).unwrap().is_plausible_in(&Country::parse(country).unwrap());
        assert!(!doubt("400 010", "IN"));
        assert!(!doubt("SW1A 1AA", "GB"));
        assert!(!doubt("1234-567", "PT"));
        assert!(doubt("40001", "IN"));
        assert!(!doubt("anything", "AE"));
        assert!(PostalCode::parse("12345678901234567").is_err());
        assert!(PostalCode::parse("").is_err());
    }

    #[test]
    fn the_table_is_in_order() {
        assert!(SHAPES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
