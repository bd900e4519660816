//! Entity tags (RFC 9110, 8.8.3): an account's id and version, so that whoever changes a record can say which one it read.

use axum::http::{HeaderMap, HeaderValue, header};
use tenantry_domain::Account;

/// The tag of an account.
pub(crate) fn of(account: &Account) -> String {
    format!("\"{}-{}\"", account.id, account.version)
}

/// The same, as a header's value.
pub(crate) fn header_of(account: &Account) -> Option<HeaderValue> {
    HeaderValue::try_from(of(account)).ok()
}

/// The versions of this account that `If-Match` names; `None` where any will do. Weak tags match nothing (RFC 9110, 13.1.1).
pub(crate) fn versions(headers: &HeaderMap, id: &str) -> Option<Vec<i64>> {
    let tags = tags(headers, header::IF_MATCH)?;
    if tags.iter().any(|tag| tag == "*") {
        return None;
    }
    let of_this = |tag: &String| tag.strip_prefix('"')?.strip_suffix('"')?.strip_prefix(id)?.strip_prefix('-')?.parse().ok();
    Some(tags.iter().filter_map(of_this).collect())
}

/// Whether the caller has this state already: `If-None-Match` names it.
pub(crate) fn is_known(headers: &HeaderMap, account: &Account) -> bool {
    let own = of(account);
    // Compared weakly (RFC 9110, 13.1.2).
    tags(headers, header::IF_NONE_MATCH).is_some_and(|tags| tags.iter().any(|tag| tag == "*" || tag.trim_start_matches("W/") == own))
}

fn tags(headers: &HeaderMap, name: header::HeaderName) -> Option<Vec<String>> {
    let mut values = headers.get_all(name).iter().peekable();
    values.peek()?;
    let texts = values.filter_map(|value| value.to_str().ok());
    // Our tags hold no comma: what is cut in two is none of them.
    Some(texts.flat_map(|text| text.split(',')).map(|tag| tag.trim().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(values: &[&'static str]) -> Option<Vec<i64>> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::IF_MATCH, HeaderValue::from_static(value));
        }
        versions(&headers, "7")
    }

    #[test]
    fn the_versions_that_a_caller_names() {
        assert_eq!(named(&[]), None);
        assert_eq!(named(&["*"]), None);
        assert_eq!(named(&["\"7-3\""]), Some(vec![3]));
        assert_eq!(named(&["\"7-3\", \"7-4\"", "\"7-9\""]), Some(vec![3, 4, 9]));
        for other in ["W/\"7-3\"", "\"77-3\"", "\"8-3\"", "7-3", "\"7-x\"", ""] {
            assert_eq!(named(&[other]), Some(Vec::new()), "{other}");
        }
    }
}
