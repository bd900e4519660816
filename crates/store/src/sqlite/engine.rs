//! The connection that writes, as a lane's engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::wal::CheckpointMode;
use tenantry_domain::{Changes, WorkingSet};

use super::error::{commit, statement};
use super::failures::save_failure_budgets;
use super::mover::{Mover, move_log};
use super::save::save;
use super::{erase, index, load, migrations, open};
use crate::batch::Asked;
use crate::engine::{Engine, FailureBudget};
use crate::records::Records;
use crate::{Directory, OpenFault, Options, StoreFault};

/// Pages in the log from which on it is moved into the database: 16 MiB, so that a restart has little to replay.
const CHECKPOINT_PAGES: i32 = 4_000;
/// The part of that which the lane itself moves, so that the log begins anew: as long as a few commits take.
const REST_DIVISOR: i32 = 8;
/// At this many times as many pages writers wait for readers, so that the log is cut.
const TRUNCATE_FACTOR: i32 = 4;
/// How long they wait then. Point reads are done in microseconds; a long list, or somebody else's reader, must not hold up the lane.
const TRUNCATE_PATIENCE: Duration = Duration::from_millis(100);

/// Steps towards nothing being left of erased accounts that are taken before a store is closed: over a million customers a merge takes some hundred.
const LEFTOVER_STEPS_MAX: usize = 2_000;
/// How often it is looked then whether the mover is done.
const MOVER_LOOKED_AFTER: Duration = Duration::from_millis(1);

/// What deleted values have left in the files. With `secure_delete` they are overwritten in the pages of the tables, but not in the index of search, which keeps words
/// until its pieces are merged, and in the log, which keeps older states of pages until it is cut.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leftovers {
    /// Nothing.
    None,
    /// The index has words of them.
    Indexed,
    /// The same, and its pieces are being merged.
    Merging,
    /// The log has older states of pages.
    Logged,
}

/// The connection that writes, and the thread that moves its log.
pub(crate) struct Sqlite {
    connection: Connection,
    records: Arc<Records>,
    mover: Mover,
    log_pages: Arc<AtomicI32>,
    checkpoint_pages: i32,
    /// Search texts that wait for the index.
    waiting: usize,
    /// What deleted values have left in the files, and how far it is to be gone.
    leftovers: Leftovers,
    /// Pages in the log that need no further move: the database has them, or a reader kept them from it.
    settled: i32,
}

impl Sqlite {
    pub(crate) fn open(directory: &Directory, options: &Options, records: Arc<Records>) -> Result<Self, OpenFault> {
        open::rewrite_log(directory)?;
        let mut connection = open::writer(directory, options)?;
        migrations::migrate(&mut connection, directory)?;
        let half_moved = migrations::half_moved(&connection).map_err(|error| OpenFault::Database { path: directory.database(), error })?;
        if let Some(source) = half_moved {
            return Err(OpenFault::HalfMoved { source });
        }
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
        let waiting = index::waiting(&connection).map_err(|error| OpenFault::Database { path: directory.database(), error })?;
        let leftovers = erase::has_leftovers(&connection).map_err(|error| OpenFault::Database { path: directory.database(), error })?;
        let leftovers = if leftovers { Leftovers::Indexed } else { Leftovers::None };
        let mover = Mover::start(directory, options)?;
        Ok(Self { connection, records, mover, log_pages, checkpoint_pages, waiting, leftovers, settled: 0 })
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(|_| ())
    }

    /// Takes in what the mover has done: it goes on while each time brings the log much nearer to its end, and the lane moves the rest. Where it does not,
    /// the next move waits for the usual number of pages.
    fn follow(&mut self, moved: i32, pages: i32) -> Result<(), StoreFault> {
        let (before, rest) = (pages - self.settled, pages - moved);
        if pages >= self.checkpoint_pages * TRUNCATE_FACTOR {
            return self.cut(pages);
        }
        if moved <= self.settled {
            // A reader that stays must not cost each batch a try: the next waits until the log has grown again.
            self.settled = pages;
        } else if rest <= self.checkpoint_pages / REST_DIVISOR {
            // With all of it in the database, the next batch begins the log anew.
            self.settled = pages;
            move_log(&self.connection, CheckpointMode::PASSIVE)?;
        } else {
            self.settled = moved;
            if rest <= before / 2 {
                self.mover.order();
            }
        }
        Ok(())
    }

    /// Cuts the log, waiting for readers.
    fn cut(&mut self, pages: i32) -> Result<(), StoreFault> {
        self.settled = pages;
        self.connection.busy_timeout(TRUNCATE_PATIENCE).map_err(|error| statement(&error))?;
        let cut = move_log(&self.connection, CheckpointMode::TRUNCATE);
        let patient_again = self.connection.busy_timeout(open::BUSY_TIMEOUT).map_err(|error| statement(&error));
        cut.and(patient_again)
    }

    /// Moves the log into the database, when there is enough of it.
    fn tend_log(&mut self) -> Result<(), StoreFault> {
        let pages = self.log_pages.load(Ordering::Relaxed);
        if pages < self.settled {
            // The log began anew.
            self.settled = 0;
        }
        if let Some(moved) = self.mover.result() {
            return match moved {
                Ok(moved) => self.follow(moved, pages),
                Err(fault) => {
                    self.settled = pages;
                    Err(fault)
                }
            };
        }
        if self.mover.is_under_way() || pages - self.settled < self.checkpoint_pages {
            return Ok(());
        }
        if pages >= self.checkpoint_pages * TRUNCATE_FACTOR {
            return self.cut(pages);
        }
        self.mover.order();
        Ok(())
    }

    /// Puts the texts that wait into the index.
    fn index(&mut self) -> Result<(), StoreFault> {
        self.execute("BEGIN IMMEDIATE").map_err(|error| statement(&error))?;
        let taken_in = index::take_in(&self.connection).map_err(|error| statement(&error));
        self.commit(taken_in)?;
        self.waiting = 0;
        Ok(())
    }

    /// Takes a step towards nothing being left in the files of what was erased.
    fn tend_leftovers(&mut self) -> Result<(), StoreFault> {
        match self.leftovers {
            Leftovers::None => {}
            Leftovers::Indexed => {
                if self.waiting > 0 {
                    self.index()?;
                }
                let begun = erase::begin_to_merge(&self.connection);
                begun.map_err(|error| commit(&error))?;
                self.leftovers = Leftovers::Merging;
            }
            Leftovers::Merging => {
                if erase::go_on_merging(&self.connection).map_err(|error| commit(&error))? {
                    self.leftovers = Leftovers::Logged;
                }
            }
            Leftovers::Logged if self.mover.is_under_way() => {}
            Leftovers::Logged => {
                match self.cut(self.log_pages.load(Ordering::Relaxed)) {
                    // A reader is in the way: next time.
                    Err(StoreFault::Unavailable(_)) => {}
                    cut => {
                        cut?;
                        erase::forget_leftovers(&self.connection).map_err(|error| commit(&error))?;
                        self.leftovers = Leftovers::None;
                    }
                }
            }
        }
        Ok(())
    }

    /// Commits what was written, or leaves no trace of it.
    fn commit<T>(&self, written: Result<T, StoreFault>) -> Result<T, StoreFault> {
        let done = written.and_then(|written| self.execute("COMMIT").map(|()| written).map_err(|error| commit(&error)));
        done.inspect_err(|fault| {
            // After a failed flush the file is not touched again, not even to roll back.
            if !matches!(fault, StoreFault::Broken(_)) {
                self.roll_back();
            }
        })
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
    fn load(&mut self, commands: &[Asked<'_>]) -> Result<WorkingSet, StoreFault> {
        self.execute("BEGIN IMMEDIATE").map_err(|error| statement(&error))?;
        load(&self.connection, &self.records, commands).inspect_err(|_| self.roll_back())
    }

    fn save(&mut self, changes: &Changes) -> Result<(), StoreFault> {
        let written = save(&self.connection, changes).map_err(|error| statement(&error));
        self.waiting += self.commit(written)?;
        self.records.committed(changes);
        if !changes.erased.is_empty() {
            self.leftovers = Leftovers::Indexed;
        }
        Ok(())
    }

    fn release(&mut self) {
        self.roll_back();
    }

    fn tend(&mut self, idle: bool) -> Result<(), StoreFault> {
        self.tend_log()?;
        if self.waiting >= index::TOGETHER || (idle && self.waiting > 0) {
            self.index()?;
        }
        self.tend_leftovers()
    }

    fn keep_failures(&mut self, changed: &[FailureBudget], now: i64) -> Result<(), StoreFault> {
        self.execute("BEGIN IMMEDIATE").map_err(|error| statement(&error))?;
        let written = save_failure_budgets(&self.connection, changed, now).map_err(|error| statement(&error));
        self.commit(written)
    }

    fn close(mut self, fenced: bool) {
        for _ in 0..LEFTOVER_STEPS_MAX {
            if fenced || self.leftovers == Leftovers::None {
                break;
            }
            if self.mover.is_under_way() {
                std::thread::sleep(MOVER_LOOKED_AFTER);
            }
            // The mover's result is taken in by whoever tends the log.
            if let Err(fault) = self.tend_log().and_then(|()| self.tend_leftovers()) {
                tracing::warn!(%fault, "what erased customers left in files is not gone yet; the next start goes on with it");
                break;
            }
        }
        if self.mover.close(fenced) || fenced {
            // Closing would move the log into the database. What is in it is known only after a restart.
            std::mem::forget(self.connection);
        } else if let Err((_, error)) = self.connection.close() {
            tracing::warn!(%error, "the database could not be closed cleanly; the next start recovers it");
        }
    }
}
