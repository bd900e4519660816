//! The access log: one event a request. It never holds a query: in one dialect the query is the credential.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::http::Extensions;

use crate::request_id::RequestId;

/// What of a path is shown at most, in octets: the longest route with its ids is shorter.
const MAX_PATH_BYTES: usize = 120;
/// The longest part of a path that is shown whole, in octets: ids have 16 digits at most, keys 32 characters and more.
const MAX_SEGMENT_BYTES: usize = 24;
/// What of a key is shown at most, in characters: enough to tell keys apart, too little to use one.
const MAX_KEY_CHARACTERS: usize = 8;

/// The route that answered, put into the answer's extensions by the face. Metrics are labelled with it.
#[derive(Debug, Clone, Copy)]
pub struct Route(pub &'static str);

/// The face that answered, put into the answer's extensions by the face. Metrics are labelled with it.
#[derive(Debug, Clone, Copy)]
pub struct Face(pub &'static str);

/// Whom the answer is for when proxies stand between, put into the answer's extensions by the face; else the peer's address is shown.
#[derive(Debug, Clone, Copy)]
pub struct Client(pub IpAddr);

/// What may be shown of the key that was used, put into the answer's extensions by the face. No more than eight characters of it are.
#[derive(Debug, Clone)]
pub struct KeyPrefix(pub String);

/// Why a call was refused, put into the answer's extensions by the face: for the log, which has the request's id beside it, and never for the caller.
#[derive(Debug, Clone)]
pub struct Cause {
    /// The refusal's code, as the caller reads it.
    pub code: &'static str,
    /// The cause.
    pub cause: String,
}

impl Route {
    pub(crate) fn of(answer: &Extensions) -> &'static str {
        answer.get::<Self>().map_or("other", |route| route.0)
    }
}

impl Face {
    pub(crate) fn of(answer: &Extensions) -> &'static str {
        answer.get::<Self>().map_or("none", |face| face.0)
    }
}

impl Client {
    pub(crate) fn of(answer: &Extensions, peer: SocketAddr) -> IpAddr {
        answer.get::<Self>().map_or(peer.ip(), |client| client.0).to_canonical()
    }
}

impl KeyPrefix {
    pub(crate) fn of(answer: &Extensions) -> &str {
        let key = answer.get::<Self>().map_or("", |key| key.0.as_str());
        key.char_indices().nth(MAX_KEY_CHARACTERS).map_or(key, |(end, _)| &key[..end])
    }
}

/// One answered request.
pub(crate) struct Entry<'a> {
    pub(crate) method: &'static str,
    pub(crate) face: &'static str,
    pub(crate) route: &'static str,
    pub(crate) path: &'a str,
    pub(crate) status: u16,
    pub(crate) took: Duration,
    pub(crate) client: IpAddr,
    pub(crate) request_id: RequestId,
    pub(crate) key: &'a str,
}

/// Whether anybody reads the access log: when not, entries are not even made.
pub(crate) fn is_on() -> bool {
    tracing::enabled!(target: "access", tracing::Level::INFO)
}

/// What may be shown of a path: up to the first octet that no path of ours has. A client that escapes its question mark sends its credential in the
/// path, and one that sends a command for a terminal means no path.
pub(crate) fn shown(path: &str) -> &str {
    let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || b"/-_.~".contains(&octet);
    let end = path.bytes().take(MAX_PATH_BYTES).take_while(|octet| is_plain(*octet)).count();
    // All before it is ASCII, so that it is no character's middle.
    let plain = &path[..end];
    let mut start = 0;
    for segment in plain.split('/') {
        // Somebody put a key into the path: no more of it is shown than of any key.
        if segment.len() > MAX_SEGMENT_BYTES {
            return &plain[..start + MAX_KEY_CHARACTERS];
        }
        start += segment.len() + 1;
    }
    plain
}

impl Entry<'_> {
    pub(crate) fn write(&self) {
        let Self { method, face, route, path, status, client, request_id, .. } = self;
        let micros = u64::try_from(self.took.as_micros()).unwrap_or(u64::MAX);
        let key = self.key.escape_debug();
        tracing::info!(target: "access", method, face, route, path, status, micros, %client, %key, %request_id, "request");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_shown_up_to_what_may_be_a_secret_or_a_command() {
        for (path, expected) in [
            ("/user/45122", "/user/45122"),
            ("/user%3FactingUserID=1&hash=abc", "/user"),
            ("/user/1%3fhash=abc", "/user/1"),
            ("/user;hash=abc", "/user"),
            ("/user/%0a%1b2", "/user/"),
            ("/user/\u{2028}x", "/user/"),
            ("/a\n{\"level\":1}", "/a"),
            ("*", ""),
            ("/user/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/x", "/user/01234567"),
        ] {
            assert_eq!(shown(path), expected, "{path:?}");
        }
        assert_eq!(shown(&"/a".repeat(10_000)).len(), MAX_PATH_BYTES);
    }

    #[test]
    fn no_more_of_a_key_is_shown_than_a_face_may_give() {
        for (key, expected) in [("", ""), ("0123", "0123"), ("0123456789abcdef", "01234567"), ("üüüüüüüüü", "üüüüüüüü")] {
            let mut answer = Extensions::new();
            answer.insert(KeyPrefix(key.to_owned()));
            assert_eq!(KeyPrefix::of(&answer), expected);
        }
    }
}
