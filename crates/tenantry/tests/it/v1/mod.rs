//! The /v1 dialect at the wire.

mod access;
pub(crate) mod caller;
mod conventions;
mod credentials;
mod customers;
mod document;
mod idempotency;
mod lists;
mod own_data;
mod settings;
mod status;
