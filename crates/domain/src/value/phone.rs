//! Phone numbers.

use rlibphonenumber::Region;
use serde::{Deserialize, Serialize};

use super::Country;
use super::text::{Text, through_text};
use crate::limits::{EXTENSION_MAX_DIGITS, PHONE_COUNTRY_ID_MAX_DIGITS, PHONE_MAX_CHARS, PHONE_MAX_DIGITS};
use crate::refusal::{Invalid, quoted};

/// A phone number in EPP form `+CC.NNN` (RFC 5733 section 2.5) or E.164 `+CCNNN`, with the spaces, dashes and brackets that people write.
///
/// The text is kept as given; [`PhoneNumber::digits`] is what search and duplicates use. A number that has the form and that no numbering plan
/// assigns is kept and marked: the documents' own examples are such numbers.
///
/// A dialect that people type into may also take a number as it is dialled within a country (`011 447 6147`). Its international form is found with the
/// country of the record, `settle`; until that is known, the number is kept and marked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct PhoneNumber {
    text: Text,
    plausible: bool,
    /// The digits of the international form, where the text itself is not of that form.
    #[serde(skip_serializing_if = "Option::is_none")]
    international: Option<Text>,
}

/// A number as the store keeps it: with the verdict, so that reading back does not judge again.
#[derive(Deserialize)]
struct Stored {
    text: Text,
    plausible: bool,
    international: Option<Text>,
}

impl PhoneNumber {
    /// Reads a number.
    ///
    /// # Errors
    /// No plus sign, no digit or more than 15, or characters that stand in no phone number.
    pub fn parse(text: impl Into<Text>) -> Result<Self, Invalid> {
        let text = text.into();
        check(&text)?;
        let (plausible, international) = judge(&text, None);
        Ok(Self { text, plausible, international })
    }

    /// Reads a number as people write it: of international form, or as it is dialled within a country.
    ///
    /// With brackets, dashes of any length, and an extension behind it (`ext 12`, `x12`).
    ///
    /// # Errors
    /// No digit or more than 15, or characters that stand in no phone number.
    pub fn parse_as_written(text: impl Into<Text>) -> Result<Self, Invalid> {
        let text = text.into();
        check_as_written(&text)?;
        let (plausible, international) = if is_international(&text) { judge(&text, None) } else { (false, None) };
        Ok(Self { text, plausible, international })
    }

    /// Finds the international form of a number that is written as it is dialled within this country.
    pub(crate) fn settle(&mut self, country: Option<&Country>) {
        if is_international(&self.text) {
            return;
        }
        let region = country.and_then(|country| Region::from_code(country.alpha2().as_str()).ok());
        (self.plausible, self.international) = judge(&self.text, region);
    }

    /// The number in E.164 form, where it is known: `+27114476147`.
    pub fn e164(&self) -> Option<String> {
        (is_international(&self.text) || self.international.is_some()).then(|| ["+", &self.digits()].concat())
    }

    /// The number as given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The digits of the international form, or those that were written where it is not known.
    pub fn digits(&self) -> String {
        self.international.as_ref().map_or_else(|| self.written_digits(), |digits| digits.to_string())
    }

    /// The digits as they were written.
    pub fn written_digits(&self) -> String {
        digits_of(&self.text)
    }

    /// Whether a numbering plan could assign it.
    pub const fn is_plausible(&self) -> bool {
        self.plausible
    }
}

fn check(text: &str) -> Result<(), Invalid> {
    if text.trim().is_empty() {
        return Err(Invalid::required("a phone number must not be empty"));
    }
    if text.len() > PHONE_MAX_CHARS {
        return Err(Invalid::too_long(format!("a phone number has at most {PHONE_MAX_CHARS} characters")));
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let rest_is_fine = text.strip_prefix('+').is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_digit())
            && rest.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b' ' | b'-' | b'(' | b')' | b'/'))
    });
    if !rest_is_fine || digits > PHONE_MAX_DIGITS {
        return Err(Invalid::new(format!(
            "{} is not a phone number of the form +CC.NNN or +CCNNN with 1 to {PHONE_MAX_DIGITS} digits",
            quoted(text)
        )));
    }
    Ok(())
}

/// Checks what people write: digits, a plus sign before the first of them, what stands between them, and an extension behind them.
fn check_as_written(text: &str) -> Result<(), Invalid> {
    if text.trim().is_empty() {
        return Err(Invalid::required("a phone number must not be empty"));
    }
    if text.chars().count() > PHONE_MAX_CHARS {
        return Err(Invalid::too_long(format!("a phone number has at most {PHONE_MAX_CHARS} characters")));
    }
    let (number, extension) = parts(text);
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let mut begun = false;
    let number_is_fine = number.chars().all(|c| {
        let fine = c.is_ascii_digit() || is_between(c) || (c == '+' && !begun);
        begun |= c.is_ascii_digit() || c == '+';
        fine
    });
    if !number_is_fine || digits == 0 || digits > PHONE_MAX_DIGITS || !extension.is_none_or(is_extension) {
        return Err(Invalid::new(format!("{} is not a phone number with 1 to {PHONE_MAX_DIGITS} digits", quoted(text))));
    }
    Ok(())
}

/// The number, and what stands behind it from the first letter or `#` on.
fn parts(text: &str) -> (&str, Option<&str>) {
    match text.find(|c: char| c.is_alphabetic() || c == '#') {
        Some(at) => (&text[..at], Some(&text[at..])),
        None => (text, None),
    }
}

/// `ext. 12`, `x12`, `#12`.
fn is_extension(text: &str) -> bool {
    let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let word = text[..text.len() - digits.len()].trim_end_matches([' ', '.', ':']).to_ascii_lowercase();
    let digits = digits.trim_end();
    matches!(word.as_str(), "ext" | "extn" | "extension" | "x" | "#")
        && (1..=EXTENSION_MAX_DIGITS).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
}

/// What people write between digits; word processors make long dashes and fixed spaces of short and plain ones.
const fn is_between(c: char) -> bool {
    matches!(c, '.' | ' ' | '-' | '(' | ')' | '/' | '\u{A0}' | '\u{2010}'..='\u{2015}')
}

/// Whether a text is of international form: a plus sign before its first digit.
fn is_international(text: &str) -> bool {
    text.trim_start_matches(['(', ' ', '\u{A0}']).starts_with('+')
}

/// The digits of the number itself.
fn digits_of(text: &str) -> String {
    parts(text).0.chars().filter(char::is_ascii_digit).collect()
}

/// Whether a numbering plan assigns the number, and if so the digits of its international form where they are not those that were written: a nought that
/// is dialled at home only is often written in brackets. What no plan assigns may be anything, an extension or a number of another country.
fn judge(text: &str, region: Option<Region>) -> (bool, Option<Text>) {
    let number = parts(text).0;
    let number = if is_international(number) { number.trim_start_matches(['(', ' ', '\u{A0}']) } else { number };
    let parsed = rlibphonenumber::PHONE_NUMBER_UTIL.parse(number, region).ok().filter(|parsed| parsed.is_valid());
    let international = parsed.map(|parsed| digits_of(&parsed.to_string()));
    let plausible = international.is_some();
    (plausible, international.filter(|digits| *digits != digits_of(text)).map(Text::from))
}

impl TryFrom<Stored> for PhoneNumber {
    type Error = Invalid;

    fn try_from(stored: Stored) -> Result<Self, Invalid> {
        let Stored { text, plausible, international } = stored;
        check_as_written(&text)?;
        Ok(Self { text, plausible, international })
    }
}

/// The older system's own number of a country ("29"): digits, kept as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneCountryId(Text);

impl PhoneCountryId {
    /// Reads one.
    ///
    /// # Errors
    /// Not 1 to 5 digits.
    pub fn parse(text: impl Into<Text>) -> Result<Self, Invalid> {
        let text = text.into();
        if text.is_empty() {
            return Err(Invalid::required("a phone's country code must not be empty"));
        }
        if text.len() > PHONE_COUNTRY_ID_MAX_DIGITS || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Invalid::new(format!(
                "{} is not a phone's country code of 1 to {PHONE_COUNTRY_ID_MAX_DIGITS} digits",
                quoted(&text)
            )));
        }
        Ok(Self(text))
    }

    /// The digits as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

through_text!(PhoneCountryId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_as_given_and_judged() {
        for (text, digits, plausible) in [
            ("+91.2554254", "912554254", false),
            ("+91.8885242124", "918885242124", true),
            ("+27114476147", "27114476147", true),
            ("+27 11 447-6147", "27114476147", true),
            ("+1.7035555555", "17035555555", true),
        ] {
            let number = PhoneNumber::parse(text).unwrap();
            assert_eq!((number.as_str(), number.digits().as_str(), number.is_plausible()), (text, digits, plausible));
        }
    }

    #[test]
    fn what_cannot_be_a_number_is_refused() {
        for text in ["", " ", "+", "+.", "12345", "0114476147", "abc", "+91.abc", "+1234567890123456", "+91\n123", "+91.1;ext=2"] {
            assert!(PhoneNumber::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn numbers_as_people_write_them() {
        let country = Country::parse("ZA").unwrap();
        for (text, digits, plausible) in [
            ("011 447 6147", "27114476147", true),
            ("(011) 447-6147", "27114476147", true),
            ("00 49 30 901820", "4930901820", true),
            ("011 447 6147 ext. 12", "27114476147", true),
            (" 011\u{A0}447\u{2013}6147 x12", "27114476147", true),
            ("(+44) (0)20 7946 0958", "442079460958", true),
            (" +27 11 447 6147", "27114476147", true),
            ("12", "12", false),
        ] {
            let mut number = PhoneNumber::parse_as_written(text).unwrap();
            if !text.contains('+') {
                assert_eq!((number.digits(), number.e164()), (digits_of(text), None), "without a country nobody knows");
            }
            number.settle(Some(&country));
            let again: PhoneNumber = serde_json::from_str(&serde_json::to_string(&number).unwrap()).unwrap();
            assert_eq!((again.as_str(), again.digits().as_str(), again.is_plausible()), (text, digits, plausible), "{text}");
        }
        for text in ["", "+", "abc", "011 abc", "1234567890123456", "011\n447", "--"] {
            assert!(PhoneNumber::parse_as_written(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_stored_verdict_is_not_judged_again() {
        let stored = r#"{"text":"+91.2554254","plausible":true}"#;
        assert!(serde_json::from_str::<PhoneNumber>(stored).unwrap().is_plausible());
        assert!(serde_json::from_str::<PhoneNumber>(r#"{"text":"x","plausible":true}"#).is_err());
    }
}
