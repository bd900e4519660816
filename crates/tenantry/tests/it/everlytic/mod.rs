//! The Everlytic dialect at the wire.

mod access;
pub(crate) mod caller;
mod credentials;
mod customers;
mod lists;
mod packages;
mod parity;
mod shape;
mod xmlrpc;
