//! What a store engine does for a lane: load the records that a batch names, and save what deciding made of them, durably.

use std::fmt;

use tenantry_domain::{Changes, WorkingSet};

use crate::batch::Asked;

/// A database under a lane.
pub(crate) trait Engine: Send + 'static {
    /// Opens a transaction and loads everything that the commands name.
    fn load(&mut self, commands: &[Asked<'_>]) -> Result<WorkingSet, StoreFault>;

    /// Writes the changes and commits. When this returns `Ok`, they are durable; when it fails, no transaction is left open.
    fn save(&mut self, changes: &Changes) -> Result<(), StoreFault>;

    /// Ends the transaction of a batch that changed nothing.
    fn release(&mut self);

    /// Does what can wait, between two batches: moves the log into the database, and puts texts into the index of search. With nothing else to do it
    /// leaves nothing waiting.
    fn tend(&mut self, idle: bool) -> Result<(), StoreFault>;

    /// Keeps budgets of failed authentications that changed, and forgets those that are full at this time.
    fn keep_failures(&mut self, changed: &[FailureBudget], now: i64) -> Result<(), StoreFault>;

    /// Gives the database up; after a failed commit without touching it again.
    fn close(self, fenced: bool);
}

/// A budget of failed authentications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureBudget {
    /// Whose it is: a digest.
    pub bucket: String,
    /// When it is full again, in microseconds since 1970.
    pub full_at: i64,
    /// By how much that was put off since it was last kept, in microseconds: where several servers count, each adds what it counted.
    pub taken: i64,
}

/// Why the database did not do what it was asked. What a caller is told of it is decided in the lane and the service.
#[derive(Debug, Clone)]
pub enum StoreFault {
    /// The disk is full. Nothing was written.
    Full(String),
    /// A constraint was hit: another writer was first.
    Conflict(String),
    /// The database is busy or cannot be read now. Nothing was written.
    Unavailable(String),
    /// A list took longer than lists may.
    TooSlow,
    /// A stored row is not what was written: table, column and id are named.
    Corrupt(String),
    /// The connection was lost, or nothing came back, while the commit was under way. It may have been done, or not.
    Unknown(String),
    /// A write or a flush failed in the middle. It may be there after a restart, or not; nothing more may be written before.
    Broken(String),
}

impl fmt::Display for StoreFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(cause) => write!(f, "the disk is full: {cause}"),
            Self::Conflict(cause) => write!(f, "a constraint was hit: {cause}"),
            Self::Unavailable(cause) => write!(f, "the database cannot be used now: {cause}"),
            Self::TooSlow => f.write_str("a list took too long"),
            Self::Corrupt(cause) => write!(f, "a stored row is corrupt: {cause}"),
            Self::Unknown(cause) => write!(f, "a commit may have been done or not: {cause}"),
            Self::Broken(cause) => write!(f, "a write failed in the middle: {cause}"),
        }
    }
}

impl std::error::Error for StoreFault {}
