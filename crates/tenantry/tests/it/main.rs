//! Tests at the wire: the real server over a real store, called as clients call it. The folders are the URLs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod access;
mod backup;
mod bad_input;
mod client;
mod command_line;
mod configuration;
mod documents;
mod everlytic;
mod harness;
mod keys;
mod proxies;
mod quota_commands;
mod signature;
mod user;
mod v1;
