//! The `Authorization` header, in the one form that each scheme may have: `Basic` (RFC 7617) and `Bearer` (RFC 6750).

use axum::http::{HeaderMap, header};
use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

/// Octets of the header that are looked at: a name and a key at their limits, as base64.
const HEADER_MAX_OCTETS: usize = 2048;

/// What a caller presents.
pub enum Authorization {
    /// A name and a secret.
    Basic {
        /// The name.
        username: String,
        /// The secret.
        password: Zeroizing<String>,
    },
    /// A secret alone.
    Bearer(Zeroizing<String>),
}

/// Reads the header. `None` for anything but one header of a known scheme in its form.
pub fn read(headers: &HeaderMap) -> Option<Authorization> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    // Twice is once too often: two readers could take different ones.
    let (Some(value), None) = (given.next(), given.next()) else { return None };
    let text = value.to_str().ok().filter(|text| text.len() <= HEADER_MAX_OCTETS)?;
    let (scheme, rest) = text.split_once(' ')?;
    let rest = rest.trim_matches(' ');
    if scheme.eq_ignore_ascii_case("bearer") {
        return (!rest.is_empty()).then(|| Authorization::Bearer(Zeroizing::new(rest.to_owned())));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = Zeroizing::new(Base64::decode_vec(&padded(rest)).ok()?);
    let (username, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some(Authorization::Basic { username: username.to_owned(), password: Zeroizing::new(password.to_owned()) })
}

/// With the padding that some clients leave out.
fn padded(encoded: &str) -> Zeroizing<String> {
    let missing = encoded.len().next_multiple_of(4) - encoded.len();
    Zeroizing::new([encoded, &"=".repeat(missing)].concat())
}

/// Whether a browser sends a request for a page of another site than `public_url`. Browsers remember Basic credentials and add them by themselves; they also
/// say whose page it was (Fetch Metadata, and RFC 6454 section 7). Programs say neither.
pub fn is_anothers_page(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let elsewhere = text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none"));
    let own = || public_url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    elsewhere || text("origin").is_some_and(|origin| !origin.eq_ignore_ascii_case(&own()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(authorization: &str) -> Option<Authorization> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, authorization.parse().unwrap());
        read(&headers)
    }

    #[test]
    fn a_scheme_in_its_form() {
        let encoded = Base64::encode_string("ünal:a:b".as_bytes());
        for text in [format!("Basic {encoded}"), format!("bAsIc  {}", encoded.trim_end_matches('='))] {
            let Some(Authorization::Basic { username, password }) = reads(&text) else { panic!("{text}") };
            assert_eq!((&*username, &**password), ("ünal", "a:b"));
        }
        let Some(Authorization::Bearer(secret)) = reads("bearer  abc ") else { panic!("a bearer") };
        assert_eq!(&**secret, "abc");
        let long = format!("Bearer {}", "x".repeat(HEADER_MAX_OCTETS));
        for header in ["", "Basic", "Basic ", "Basic *", "Bearer", "Bearer ", "Digest abc", "Basic MTo=x", "Basic \u{ff}", &long] {
            assert!(reads(header).is_none(), "{header}");
        }
        let mut twice = HeaderMap::new();
        for _ in 0..2 {
            twice.append(header::AUTHORIZATION, format!("Basic {encoded}").parse().unwrap());
        }
        assert!(read(&twice).is_none());
    }
}
