//! Request ids: one for each request, in its answer's `x-request-id`, in the log and in the history.

use std::fmt;

use axum::http::HeaderValue;
use uuid::Uuid;

/// The id of a request: a UUID that whoever starts the server makes, because time and chance are parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RequestId(pub Uuid);

impl RequestId {
    /// The id as a header's value.
    pub(crate) fn header(self) -> HeaderValue {
        let mut buffer = Uuid::encode_buffer();
        let text = self.0.hyphenated().encode_lower(&mut buffer);
        HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}
