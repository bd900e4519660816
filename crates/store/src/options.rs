//! How to open a store, and why one cannot be opened.

use std::fmt;
use std::path::PathBuf;

use crate::postgres::PostgresOptions;

/// Memory for records, in octets: some 50,000 common ones, with which a server of a million accounts stays below 200 MiB under load.
const RECORD_CACHE_OCTETS: u64 = 64 * 1024 * 1024;

/// When a commit counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// When the disk has it.
    #[default]
    Full,
    /// When the operating system has it. Loses acknowledged writes with the power: for the test that shows that this is noticed.
    UnsafeForTests,
}

/// How to open a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The server that has the records; `None`: the embedded engine, in the data directory.
    pub postgres: Option<PostgresOptions>,
    /// Memory for records that were read or written lately, in octets; 0 keeps none.
    pub record_cache_octets: u64,
    /// When a commit counts as done.
    pub durability: Durability,
    /// Connections for point reads; 0: as many as there are processors.
    pub readers: usize,
    /// Pages in the log from which on it is moved into the database; 0: what is best for service.
    pub checkpoint_pages: i32,
}

impl Default for Options {
    fn default() -> Self {
        Self { postgres: None, record_cache_octets: RECORD_CACHE_OCTETS, durability: Durability::Full, readers: 0, checkpoint_pages: 0 }
    }
}

/// Why a store cannot be opened.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
pub enum OpenFault {
    /// The directory or file cannot be used.
    Io { path: PathBuf, error: std::io::Error },
    /// Another process has the directory.
    InUse { path: PathBuf },
    /// The database says no.
    Database { path: PathBuf, error: rusqlite::Error },
    /// The file was written by a newer program.
    TooNew { path: PathBuf, found: i64, known: i64 },
    /// The database server cannot be used: a text that says what to do, and never the password.
    Postgres(String),
    /// The database server has a newer schema.
    SchemaTooNew { found: i64, known: i64 },
    /// An installation was being moved here, and not all of it came.
    HalfMoved { source: String },
    /// A backup was being restored here, and not all of it is in place.
    HalfRestored { path: PathBuf },
    /// Servers have connections to the database, for what wants it alone.
    Connected { connections: i64 },
    /// A setting on which durability rests did not take.
    NotDurable { setting: &'static str, found: String },
}

impl fmt::Display for OpenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, error } => write!(f, "{} cannot be used: {error}", path.display()),
            Self::InUse { path } => write!(f, "{} is in use by another tenantry process", path.display()),
            Self::Database { path, error } => write!(f, "{} cannot be opened: {error}", path.display()),
            Self::TooNew { path, found, known } => write!(
                f,
                "{} has schema {found}, and this program knows schemas up to {known}; start the newer program that wrote it",
                path.display()
            ),
            Self::Postgres(cause) => write!(f, "the PostgreSQL store cannot be used: {cause}"),
            Self::SchemaTooNew { found, known } => write!(
                f,
                "the database has schema {found}, and this program knows schemas up to {known}; start the newer program that wrote it"
            ),
            Self::HalfMoved { source } => write!(
                f,
                "the store has a part of an installation that was being moved from {source}; finish it with the same `tenantry migrate --from … --to …`, or `tenantry restore`"
            ),
            Self::HalfRestored { path } => write!(
                f,
                "a backup was being restored here, and not all of it is in place; finish it with the same `tenantry restore`, or remove {} to give it up",
                path.display()
            ),
            Self::Connected { connections } => {
                write!(
                    f,
                    "servers have {connections} connections to the database; stop them first: what they write meanwhile would be lost"
                )
            }
            Self::NotDurable { setting, found } => {
                write!(f, "the database would not be durable: {setting} is {found}; refusing to start")
            }
        }
    }
}

impl std::error::Error for OpenFault {}
