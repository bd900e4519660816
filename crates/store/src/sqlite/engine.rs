//! The connection that writes, as a lane's engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};
use tenantry_domain::{Changes, Command, WorkingSet};

use super::error::{commit, statement};
use super::save::save;
use super::{Directory, OpenFault, Options, load, migrations, open};
use crate::StoreFault;
use crate::engine::Engine;
use rusqlite::wal::CheckpointMode;

/// Pages in the log from which on it is moved into the database: 16 MiB, so that a restart has little to replay.
const CHECKPOINT_PAGES: i32 = 4_000;
/// At this many times as many pages writers wait for readers, so that the log is cut.
const TRUNCATE_FACTOR: i32 = 4;
/// How long they wait then. Our own readers are done in milliseconds; somebody else's, who stays, must not hold up the lane.
const TRUNCATE_PATIENCE: Duration = Duration::from_millis(100);

/// The connection that writes. It alone moves the log.
pub(crate) struct Sqlite {
    connection: Connection,
    log_pages: Arc<AtomicI32>,
    checkpoint_pages: i32,
    /// Pages in the log when it was last moved.
    tended_at: i32,
}

impl Sqlite {
    pub(crate) fn open(directory: &Directory, options: &Options) -> Result<Self, OpenFault> {
        let mut connection = open::writer(directory, options)?;
        migrations::migrate(&mut connection, directory)?;
        // At every start, not only at the first: that one may have been killed before it came here, and SQLite passes over an error when it makes
        // the name of a new log durable.
        directory.sync()?;
        let log_pages = Arc::new(AtomicI32::new(0));
        let pages = Arc::clone(&log_pages);
        let watch = move |_: &mut _, count| {
            pages.store(count, Ordering::Relaxed);
            Ok(())
        };
        connection.wal_hook(Some(watch)).map_err(|error| OpenFault::Database { path: directory.database(), error })?;
        let checkpoint_pages = if options.checkpoint_pages > 0 { options.checkpoint_pages } else { CHECKPOINT_PAGES };
        Ok(Self { connection, log_pages, checkpoint_pages, tended_at: 0 })
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(|_| ())
    }

    /// Moves the log into the database.
    fn move_log(&self, mode: CheckpointMode) -> Result<(), StoreFault> {
        match self.connection.wal_checkpoint_v2(Some("main"), mode) {
            Ok(_) => Ok(()),
            Err(error) => Err(match error.sqlite_error_code() {
                // A reader was in the way, or the disk is full: the log keeps everything.
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::DiskFull) => statement(&error),
                _ => StoreFault::Broken(error.to_string()),
            }),
        }
    }

    /// Leaves no transaction open. A rollback that fails has nothing to undo: SQLite has rolled back itself.
    fn roll_back(&self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.execute("ROLLBACK")
        {
            tracing::warn!(%error, "a transaction could not be rolled back");
        }
    }
}

impl Engine for Sqlite {
    fn load(&mut self, commands: &[&Command]) -> Result<WorkingSet, StoreFault> {
        self.execute("BEGIN IMMEDIATE").map_err(|error| statement(&error))?;
        load(&self.connection, commands).inspect_err(|_| self.roll_back())
    }

    fn save(&mut self, changes: &Changes) -> Result<(), StoreFault> {
        let written = save(&self.connection, changes).map_err(|error| statement(&error));
        let done = written.and_then(|()| self.execute("COMMIT").map_err(|error| commit(&error)));
        done.inspect_err(|fault| {
            // After a failed flush the file is not touched again, not even to roll back.
            if !matches!(fault, StoreFault::Broken(_)) {
                self.roll_back();
            }
        })
    }

    fn release(&mut self) {
        self.roll_back();
    }

    fn tend(&mut self) -> Result<(), StoreFault> {
        let pages = self.log_pages.load(Ordering::Relaxed);
        if pages < self.tended_at {
            // The log began anew.
            self.tended_at = 0;
        }
        if pages - self.tended_at < self.checkpoint_pages {
            return Ok(());
        }
        // Whatever comes of it, the next try waits until the log has grown again: a reader that stays must not cost each batch a try.
        self.tended_at = pages;
        if pages < self.checkpoint_pages * TRUNCATE_FACTOR {
            return self.move_log(CheckpointMode::PASSIVE);
        }
        self.connection.busy_timeout(TRUNCATE_PATIENCE).map_err(|error| statement(&error))?;
        let cut = self.move_log(CheckpointMode::TRUNCATE);
        self.connection.busy_timeout(open::BUSY_TIMEOUT).map_err(|error| statement(&error))?;
        cut
    }

    fn close(self, fenced: bool) {
        if fenced {
            // Closing would move the log into the database. What is in it is known only after a restart.
            std::mem::forget(self.connection);
        } else if let Err((_, error)) = self.connection.close() {
            tracing::warn!(%error, "the database could not be closed cleanly; the next start recovers it");
        }
    }
}
