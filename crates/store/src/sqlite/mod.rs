//! The embedded engine: SQLite in WAL mode, the bundled version only, one connection that writes and some that read.

mod directory;
mod engine;
mod error;
mod index;
mod list;
mod load;
mod migrations;
mod mover;
mod open;
mod readers;
mod reads;
mod report;
mod row;
mod save;

pub use directory::Directory;
pub(crate) use engine::Sqlite;
pub(crate) use list::list;
pub(crate) use load::load;
pub use open::{Durability, OpenFault, Options};
pub(crate) use readers::{LISTS_AT_ONCE, Readers};
pub(crate) use reads::{account, key, keys};
pub use report::StoreReport;
pub(crate) use report::report;
