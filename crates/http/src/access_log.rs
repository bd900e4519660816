//! The access log: one event a request. It never holds a query: in one dialect the query is the credential.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::{Method, StatusCode};

use crate::request_id::RequestId;

/// The route that answered, put into the answer's extensions by the face.
#[derive(Debug, Clone, Copy)]
pub struct Route(pub &'static str);

/// What may be shown of the key that was used, put into the answer's extensions by the face.
#[derive(Debug, Clone)]
pub struct KeyPrefix(pub String);

/// One answered request.
pub(crate) struct Entry<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) status: StatusCode,
    pub(crate) took: Duration,
    pub(crate) peer: SocketAddr,
    pub(crate) request_id: RequestId,
    pub(crate) key: Option<&'a str>,
}

/// Whether anybody reads the access log: when not, entries are not even made.
pub(crate) fn is_on() -> bool {
    tracing::enabled!(target: "access", tracing::Level::INFO)
}

impl Entry<'_> {
    pub(crate) fn write(&self) {
        // hyper passes only visible ASCII on in paths; what a person's terminal could take for a command is escaped all the same.
        let path = self.path.escape_debug();
        let micros = u64::try_from(self.took.as_micros()).unwrap_or(u64::MAX);
        let (status, key) = (self.status.as_u16(), self.key.unwrap_or(""));
        tracing::info!(target: "access", method = %self.method, %path, status, micros, peer = %self.peer.ip(), key, request_id = %self.request_id, "request");
    }
}
