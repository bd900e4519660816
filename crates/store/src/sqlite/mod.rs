//! The embedded engine: SQLite in WAL mode, the bundled version only, one connection that writes and some that read.

mod directory;
mod engine;
mod error;
mod failures;
mod index;
mod list;
mod load;
mod migrations;
mod mover;
mod open;
mod packages;
mod quotas;
mod readers;
mod reads;
mod report;
mod row;
mod save;

pub use directory::Directory;
pub(crate) use engine::Sqlite;
pub(crate) use failures::failure_budgets;
pub(crate) use list::list;
pub(crate) use load::load;
pub use open::{Durability, OpenFault, Options};
pub(crate) use packages::{package, packages};
pub(crate) use quotas::quota_entries;
pub(crate) use readers::{LISTS_AT_ONCE, Readers};
pub(crate) use reads::{account, key, keys, keys_by_public};
pub use report::StoreReport;
pub(crate) use report::report;
