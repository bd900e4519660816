//! A date and time as a client sends it: on a calendar and a clock, often without a zone.

use std::fmt;

/// How far a zone may be from UTC, in minutes: 14 hours (XML Schema part 2, 3.2.7.3).
const MAX_OFFSET_MINUTES: i16 = 14 * 60;

/// The value of a `<dateTime.iso8601>`. XML-RPC says of no zone which it is ("Don't assume a timezone"), so one without stays without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTime {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    offset_minutes: Option<i16>,
}

impl DateTime {
    /// A date `(year, month, day)` with a time `(hour, minute, second)` and, where it is known, the zone's distance from UTC in minutes, positive to
    /// the east. Nothing where there is no such day or time; second 60 is taken, for leap seconds are real.
    pub fn new((year, month, day): (u16, u8, u8), (hour, minute, second): (u8, u8, u8), offset_minutes: Option<i16>) -> Option<Self> {
        let real = year <= 9999
            && (1..=12).contains(&month)
            && (1..=days(year, month)).contains(&day)
            && hour <= 23
            && minute <= 59
            && second <= 60
            && offset_minutes.is_none_or(|minutes| (-MAX_OFFSET_MINUTES..=MAX_OFFSET_MINUTES).contains(&minutes));
        real.then_some(Self { year, month, day, hour, minute, second, offset_minutes })
    }

    /// Reads `19980717T14:08:55` and what clients make of it: dashes in the date or not, colons in the time or not, behind it a fraction and a zone
    /// (`Z`, `+hh:mm`, `+hhmm`) or not. A fraction is dropped: clients in Java and .NET send milliseconds with every time, and no record keeps them.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = Rest(text.as_bytes());
        let year = rest.number(4)?;
        let dashes = rest.skip(b'-');
        let month = rest.number(2)?;
        if dashes != rest.skip(b'-') {
            return None;
        }
        let day = rest.number(2)?;
        if !rest.skip(b'T') {
            return None;
        }
        let hour = rest.number(2)?;
        let colons = rest.skip(b':');
        let minute = rest.number(2)?;
        if colons != rest.skip(b':') {
            return None;
        }
        let second = rest.number(2)?;
        if (rest.skip(b'.') || rest.skip(b',')) && rest.skip_digits() == 0 {
            return None;
        }
        let offset_minutes = rest.zone()?;
        if !rest.0.is_empty() {
            return None;
        }
        let small = |number: u16| u8::try_from(number).ok();
        Self::new((year, small(month)?, small(day)?), (small(hour)?, small(minute)?, small(second)?), offset_minutes)
    }

    /// The year, 0 to 9999.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, from 1.
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    pub fn day(self) -> u8 {
        self.day
    }

    /// The hour, 0 to 23.
    pub fn hour(self) -> u8 {
        self.hour
    }

    /// The minute.
    pub fn minute(self) -> u8 {
        self.minute
    }

    /// The second, 60 in a leap second.
    pub fn second(self) -> u8 {
        self.second
    }

    /// How far the zone is from UTC, in minutes, positive to the east; nothing where none was said.
    pub fn offset_minutes(self) -> Option<i16> {
        self.offset_minutes
    }
}

/// As the specification has it, `19980717T14:08:55`, with the zone behind it if there is one: `Z`, or `+02:00`.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second, offset_minutes } = self;
        write!(f, "{year:04}{month:02}{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        match offset_minutes {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(minutes) => {
                let (sign, distance) = (if *minutes < 0 { '-' } else { '+' }, minutes.unsigned_abs());
                write!(f, "{sign}{:02}:{:02}", distance / 60, distance % 60)
            }
        }
    }
}

fn days(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// What of a text is not read yet.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// A number of exactly so many digits, at most four.
    fn number(&mut self, digits: usize) -> Option<u16> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        number.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u16::from(digit - b'0')))
    }

    /// Goes over this octet, if it is next.
    fn skip(&mut self, octet: u8) -> bool {
        let found = self.0.first() == Some(&octet);
        if found {
            self.0 = &self.0[1..];
        }
        found
    }

    /// Goes over digits, and says over how many.
    fn skip_digits(&mut self) -> usize {
        let digits = self.0.iter().take_while(|octet| octet.is_ascii_digit()).count();
        self.0 = &self.0[digits..];
        digits
    }

    /// A zone, if there is one; nothing at all where something else stands in its place.
    fn zone(&mut self) -> Option<Option<i16>> {
        if self.0.is_empty() {
            return Some(None);
        }
        if self.skip(b'Z') {
            return Some(Some(0));
        }
        let west = self.skip(b'-');
        if !west && !self.skip(b'+') {
            return None;
        }
        let hours = self.number(2)?;
        self.skip(b':');
        let minutes = self.number(2).filter(|minutes| *minutes <= 59)?;
        let distance = i16::try_from(hours * 60 + minutes).ok()?;
        Some(Some(if west { -distance } else { distance }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_reads_to_the_canonical_one() {
        for (text, canonical) in [
            ("19980717T14:08:55", "19980717T14:08:55"),
            ("1998-07-17T14:08:55", "19980717T14:08:55"),
            ("19980717T140855", "19980717T14:08:55"),
            ("1998-07-17T140855", "19980717T14:08:55"),
            ("19980717T14:08:55Z", "19980717T14:08:55Z"),
            ("19980717T14:08:55+00:00", "19980717T14:08:55Z"),
            ("19980717T14:08:55-0000", "19980717T14:08:55Z"),
            ("19980717T14:08:55+02:00", "19980717T14:08:55+02:00"),
            ("19980717T140855-0330", "19980717T14:08:55-03:30"),
            ("19980717T14:08:55.123", "19980717T14:08:55"),
            ("19980717T14:08:55,5+1400", "19980717T14:08:55+14:00"),
            ("19980717T14:08:55.123456789012Z", "19980717T14:08:55Z"),
            ("20000229T00:00:00", "20000229T00:00:00"),
            ("20240229T23:59:60", "20240229T23:59:60"),
            ("00010101T00:00:00", "00010101T00:00:00"),
            ("99991231T23:59:59", "99991231T23:59:59"),
        ] {
            let read = DateTime::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(read.to_string(), canonical, "{text}");
            assert_eq!(DateTime::parse(canonical), Some(read));
        }
    }

    #[test]
    fn what_is_no_date_and_time_is_refused() {
        for text in [
            "",
            "T",
            "19980717",
            "19980717T",
            "19980717 14:08:55",
            "19980717t14:08:55",
            "19980717T14:08",
            "1998-0717T14:08:55",
            "199807-17T14:08:55",
            "19980717T14:0855",
            "19980717T1408:55",
            "980717T14:08:55",
            "+1998717T14:08:55",
            "19981317T14:08:55",
            "19980017T14:08:55",
            "19980700T14:08:55",
            "19980732T14:08:55",
            "19980431T14:08:55",
            "19980229T14:08:55",
            "19000229T14:08:55",
            "19980717T24:00:00",
            "19980717T14:60:00",
            "19980717T14:08:61",
            "19980717T14:08:55.",
            "19980717T14:08:55.Z",
            "19980717T14:08:55z",
            "19980717T14:08:55+2",
            "19980717T14:08:55+02",
            "19980717T14:08:55+02:60",
            "19980717T14:08:55+14:01",
            "19980717T14:08:55-99:59",
            "19980717T14:08:55Z ",
            "19980717T14:08:55ZZ",
            "1998071\u{661}T14:08:55",
        ] {
            assert_eq!(DateTime::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_parts_are_those_that_were_sent() {
        let read = DateTime::parse("19980717T14:08:55-0330").unwrap();
        assert_eq!((read.year(), read.month(), read.day()), (1998, 7, 17));
        assert_eq!((read.hour(), read.minute(), read.second()), (14, 8, 55));
        assert_eq!(read.offset_minutes(), Some(-210));
        assert_eq!(DateTime::new((10_000, 1, 1), (0, 0, 0), None), None);
    }
}
