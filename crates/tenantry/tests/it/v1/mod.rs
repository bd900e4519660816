//! The /v1 dialect at the wire.

mod access;
pub(crate) mod caller;
mod conventions;
mod credentials;
mod customers;
mod document;
mod duplicates;
mod erasure;
mod events;
mod exports;
mod idempotency;
mod imports;
mod keys;
mod lists;
mod merge;
mod name_servers;
mod own_data;
mod packages;
mod pins;
mod providers;
mod quotas;
mod settings;
mod status;
