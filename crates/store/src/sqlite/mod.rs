//! The embedded engine: SQLite in WAL mode, the bundled version only, one connection that writes and some that read.

mod answers;
mod engine;
mod erase;
mod error;
mod events;
mod failures;
mod index;
mod list;
mod load;
pub(crate) mod migrations;
mod mover;
pub(crate) mod open;
mod packages;
mod quotas;
mod readers;
mod reads;
pub(crate) mod report;
mod save;
mod store;
mod twins;
mod values;

use load::load;
pub(crate) use readers::LISTS_AT_ONCE;
pub(crate) use store::SqliteStore;
