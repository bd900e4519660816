//! `Authorization: Basic` (RFC 7617): the caller's name and key, read in the one form that they may have.

use axum::http::{HeaderMap, header};
use base64ct::{Base64, Encoding};
use tenantry_service::BasicCredentials;
use zeroize::Zeroizing;

/// Octets of the header that are looked at: a name and a key at their limits, as base64.
const HEADER_MAX_OCTETS: usize = 2048;

/// Reads the credentials. `None` for anything but one header with one name and one key.
pub(crate) fn read(headers: &HeaderMap) -> Option<BasicCredentials> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    // Twice is once too often: two readers could take different ones.
    let (Some(value), None) = (given.next(), given.next()) else { return None };
    let text = value.to_str().ok().filter(|text| text.len() <= HEADER_MAX_OCTETS)?;
    let (scheme, encoded) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = Zeroizing::new(Base64::decode_vec(&padded(encoded.trim_matches(' '))).ok()?);
    let (username, key) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    BasicCredentials::parse(username, key)
}

/// With the padding that some clients leave out.
fn padded(encoded: &str) -> Zeroizing<String> {
    let missing = encoded.len().next_multiple_of(4) - encoded.len();
    Zeroizing::new([encoded, &"=".repeat(missing)].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdefghijABCDEFGHIJXY";

    fn reads(authorization: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, authorization.parse().unwrap());
        read(&headers).is_some()
    }

    fn encoded(text: &str) -> String {
        Base64::encode_string(text.as_bytes())
    }

    #[test]
    fn a_name_and_a_key_in_one_header() {
        for text in [format!("1:{KEY}"), format!("a@example.org:{KEY}"), format!("ünal:{KEY}_42"), format!(":{KEY}")] {
            assert!(reads(&format!("Basic {}", encoded(&text))), "{text}");
            assert!(reads(&format!("bAsIc  {}", encoded(&text).trim_end_matches('='))), "{text}");
        }
        for text in [
            KEY.to_owned(),
            format!("1:{}", &KEY[1..]),
            format!("1:{KEY}x"),
            format!("1:{KEY}_"),
            format!("1:{KEY}_x"),
            format!("a:b:{KEY}"),
            format!("1: {KEY}"),
            format!("{}:{KEY}", "x".repeat(300)),
            format!("1:{KEY}_{}", "1".repeat(40)),
        ] {
            assert!(!reads(&format!("Basic {}", encoded(&text))), "{text}");
        }
        for header in ["", "Basic", "Basic ", "Basic *", "Bearer abc", "Basic MTo=", "Basic \u{ff}"] {
            assert!(!reads(header), "{header}");
        }
        let mut twice = HeaderMap::new();
        for _ in 0..2 {
            twice.append(header::AUTHORIZATION, format!("Basic {}", encoded(&format!("1:{KEY}"))).parse().unwrap());
        }
        assert!(read(&twice).is_none());
    }
}
