//! Instants.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// An instant in UTC, in microseconds since 1970; written as RFC 3339 with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The instant this many microseconds after 1970-01-01T00:00:00Z, held to the years that RFC 3339 can write.
    pub fn from_micros(micros: i64) -> Self {
        let clamped = jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::MAX);
        Self(clamped.as_microsecond())
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The calendar date in UTC.
    pub fn date(self) -> Date {
        jiff::tz::Offset::UTC.to_datetime(self.instant()).date()
    }

    /// The instant some days later.
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(24 * 60 * 60 * 1_000_000)))
    }

    fn instant(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::MAX)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.instant())
    }
}

impl FromStr for Timestamp {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<jiff::Timestamp>().map(|instant| Self(instant.as_microsecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_with_milliseconds() {
        let instant: Timestamp = "2026-01-02T03:04:05.678901Z".parse().unwrap();
        assert_eq!(instant.to_string(), "2026-01-02T03:04:05.678Z");
        assert_eq!(instant.plus_days(30).date().to_string(), "2026-02-01");
        assert_eq!(Timestamp::from_micros(i64::MAX).date().year(), 9999);
    }
}
