//! The listener over real sockets, written to octet by octet: what a well-behaved client library would never send.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on ends here")]

mod access_log;
mod bodies;
mod deadlines;
mod headers;
mod load;
mod metrics;
mod panics;
mod site;
mod stopping;
mod strictness;
mod tls;
