//! The listener over real sockets, written to octet by octet: what a well-behaved client library would never send.

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
