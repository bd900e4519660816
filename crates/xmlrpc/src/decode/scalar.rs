//! The values without elements inside: each from its text. White space around them is tolerated, as in texts that were indented by a program.

use base64ct::{Base64, Encoding};

use crate::{DateTime, Value, xml};

/// An integer of up to 64 bits, whatever width its element has: clients write database ids as `<i4>`, `<int>` or `<i8>` as it comes.
pub(super) fn int(text: &str) -> Option<Value> {
    xml::trim(text).parse().ok().map(Value::Int)
}

/// `0` and `1`, and the words that some clients write instead.
pub(super) fn boolean(text: &str) -> Option<Value> {
    match xml::trim(text) {
        "1" | "true" => Some(Value::Boolean(true)),
        "0" | "false" => Some(Value::Boolean(false)),
        _ => None,
    }
}

/// A decimal number, also with an exponent: PHP and Python write `1.0E+25`. The nearest double is taken; there is no "not a number" and no infinity.
pub(super) fn double(text: &str) -> Option<Value> {
    let text = xml::trim(text);
    // Rust's own reader takes words too: `inf`, `nan`.
    let decimal = text.bytes().all(|octet| octet.is_ascii_digit() || matches!(octet, b'+' | b'-' | b'.' | b'e' | b'E'));
    let number: f64 = text.parse().ok().filter(|_| decimal)?;
    number.is_finite().then_some(Value::Double(number))
}

pub(super) fn date_time(text: &str) -> Option<Value> {
    DateTime::parse(xml::trim(text)).map(Value::DateTime)
}

/// Base64 (RFC 4648, section 4) with white space anywhere: most clients break the lines. The padding must be there, as every client writes it: so a
/// text that was cut off is noticed.
pub(super) fn base64(text: &str) -> Option<Value> {
    let mut octets: Vec<u8> = text.bytes().filter(|octet| !xml::is_space(char::from(*octet))).collect();
    let length = Base64::decode_in_place(&mut octets).ok()?.len();
    octets.truncate(length);
    Some(Value::Base64(octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
        for (text, number) in [
            ("0", 0),
            ("-0", 0),
            ("+12", 12),
            (" \n7\t", 7),
            ("007", 7),
            ("-2147483649", -2_147_483_649),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(int(text), Some(Value::Int(number)), "{text}");
        }
        for text in ["", " ", "+", "-", "+-1", "1 2", "1.0", "1e3", "0x1", "9223372036854775808", "\u{A0}1", "\u{661}", "one"] {
            assert_eq!(int(text), None, "{text}");
        }
    }

    #[test]
    fn booleans() {
        assert_eq!(boolean("1"), Some(Value::Boolean(true)));
        assert_eq!(boolean(" true\n"), Some(Value::Boolean(true)));
        assert_eq!(boolean("0"), Some(Value::Boolean(false)));
        assert_eq!(boolean("false"), Some(Value::Boolean(false)));
        for text in ["", "2", "01", "-1", "TRUE", "yes", "t"] {
            assert_eq!(boolean(text), None, "{text}");
        }
    }

    #[test]
    fn doubles() {
        for (text, number) in [
            ("-12.214", -12.214),
            (" +1.5 ", 1.5),
            ("3", 3.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("1.0E+25", 1e25),
            ("1e-7", 1e-7),
            ("1e-999", 0.0),
        ] {
            assert_eq!(double(text), Some(Value::Double(number)), "{text}");
        }
        for text in ["", ".", "e5", "1e", "NaN", "nan", "inf", "-infinity", "INF", "1e999", "-1e999", "1,5", "0x1p3", "1 2", "1_0"] {
            assert_eq!(double(text), None, "{text}");
        }
    }

    #[test]
    fn base64_texts() {
        for (text, octets) in [
            ("", &b""[..]),
            (" \r\n", b""),
            ("eW91IGNhbid0", b"you can't"),
            ("eW91\r\n IGNh\tbid0", b"you can't"),
            ("A P / +", b"\0\xFF\xFE"),
            ("Zm8=", b"fo"),
            ("Zg= =\n", b"f"),
        ] {
            assert_eq!(base64(text), Some(Value::Base64(octets.to_vec())), "{text}");
        }
        for text in ["Zm8", "Zg", "Zg=", "Z", "Zm8=Zm8=", "====", "Zm8-", "Z\u{A0}m8", "Zm\u{f6}8"] {
            assert_eq!(base64(text), None, "{text}");
        }
    }

    #[test]
    fn dates() {
        assert_eq!(date_time("\n19980717T14:08:55 "), DateTime::parse("19980717T14:08:55").map(Value::DateTime));
        assert_eq!(date_time("19980717"), None);
    }
}
