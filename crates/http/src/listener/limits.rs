//! The listener's limits.

use std::time::Duration;

/// Header lines that hyper allows when it is not told otherwise; real requests have some thirty.
pub(super) const DEFAULT_MAX_HEADERS: usize = 100;

/// What a connection may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the first octet of a request's head to its end.
    pub header_timeout: Duration,
    /// From the end of the head to the end of the body.
    pub body_timeout: Duration,
    /// With no request under way.
    pub idle_timeout: Duration,
    /// With an answer that the client does not take.
    pub write_timeout: Duration,
    /// For a TLS handshake.
    pub handshake_timeout: Duration,
    /// Header lines of a request.
    pub max_headers: usize,
    /// Octets of a request's head.
    pub max_head_bytes: usize,
    /// Connections open at once; the next are closed at once.
    pub max_connections: usize,
    /// How long requests under way may take when the server stops.
    pub shutdown_grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // A client that is alive sends a head in one packet.
            header_timeout: Duration::from_secs(10),
            // 256 KiB over the slowest line that anybody runs a billing system on.
            body_timeout: Duration::from_secs(30),
            // Longer than the keep-alive of the proxies in use, which are to close first.
            idle_timeout: Duration::from_secs(60),
            // A client on a bad line takes something in half a minute, or never.
            write_timeout: Duration::from_secs(30),
            // Two round trips and one signature, on the slowest line too.
            handshake_timeout: Duration::from_secs(10),
            max_headers: DEFAULT_MAX_HEADERS,
            // What front ends send on at most; tokens and cookies of single sign-on come to some 16 KiB.
            max_head_bytes: 64 * 1024,
            // Each costs some 20 KiB.
            max_connections: 10_000,
            // What process managers wait before they kill.
            shutdown_grace: Duration::from_secs(30),
        }
    }
}
