//! Dates of birth.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Through, Timestamp};
use crate::limits::BIRTH_YEAR_MIN;
use crate::refusal::{Invalid, quoted};

/// A calendar date (ISO 8601, `YYYY-MM-DD`) from 1900 on, and not in the future when it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateOfBirth(Date);

impl DateOfBirth {
    /// Reads a date given at this time.
    ///
    /// # Errors
    /// Not such a date, before 1900, or in the future.
    pub fn parse(text: &str, now: Timestamp) -> Result<Self, Invalid> {
        let date = Self::read(text)?;
        // A day of grace: somewhere it is tomorrow already.
        if date.0 > now.date().tomorrow().unwrap_or(Date::MAX) {
            return Err(Invalid::new(format!("{} is in the future", quoted(text))));
        }
        Ok(date)
    }

    /// Reads a date that was given at some time.
    fn read(text: &str) -> Result<Self, Invalid> {
        let shape =
            text.len() == 10 && text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
        let date = if shape { text.parse::<Date>().ok() } else { None };
        match date {
            Some(date) if date.year() >= BIRTH_YEAR_MIN => Ok(Self(date)),
            Some(_) => Err(Invalid::new(format!("{} is before {BIRTH_YEAR_MIN}", quoted(text)))),
            None if text.is_empty() => Err(Invalid::required("a date of birth must not be empty")),
            None => Err(Invalid::new(format!("{} is not a calendar date of the form YYYY-MM-DD", quoted(text)))),
        }
    }
}

impl Serialize for DateOfBirth {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DateOfBirth {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Through(Self::read))
    }
}

impl std::fmt::Display for DateOfBirth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        for text in ["1970-01-01", "1900-01-01", "2000-02-29", "2026-03-01"] {
            assert_eq!(DateOfBirth::parse(text, now).unwrap().to_string(), text);
        }
        for text in
            ["", "1899-12-31", "2099-01-01", "1999-02-29", "1970-1-1", "01.01.1970", "19700101", "1970-01-01T00:00:00Z", "1970-13-01"]
        {
            assert!(DateOfBirth::parse(text, now).is_err(), "{text:?}");
        }
    }
}
