//! Moving the log into the database beside the lane: copying and flushing thousands of pages takes as long as hundreds of commits, and the lane need
//! not wait for it. A passive move neither stops the writer nor waits for readers; the log begins anew only when the lane, between two batches, has
//! moved the rest itself.

use std::fs::File;
use std::mem::ManuallyDrop;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded};
use rusqlite::Connection;
use rusqlite::wal::CheckpointMode;

use super::error::moving;
use super::open;
use crate::{Directory, OpenFault, Options, StoreFault};

/// Moves the log. Gives how many of its pages the database has then.
pub(super) fn move_log(connection: &Connection, mode: CheckpointMode) -> Result<i32, StoreFault> {
    let (_, in_database) = connection.wal_checkpoint_v2(Some("main"), mode).map_err(|error| moving(&error))?;
    Ok(in_database)
}

/// The database's file, to be flushed: SQLite flushes it only with the last page of the log, and then the lane would wait for all pages at once.
///
/// Its descriptor is never closed: closing any descriptor of a file ends the locks that this process's other descriptors have on it (fcntl(2)), and
/// those are SQLite's. A process opens a store once, so that one descriptor is all that stays.
struct Flushed(ManuallyDrop<File>);

impl Flushed {
    fn open(path: &Path) -> std::io::Result<Self> {
        File::options().read(true).write(true).open(path).map(|file| Self(ManuallyDrop::new(file)))
    }

    fn flush(&self) -> Result<(), StoreFault> {
        // After a failed flush the system may have dropped pages that the database lacks; they are in the log until a restart.
        self.0.sync_data().map_err(|error| StoreFault::Broken(error.to_string()))
    }
}

/// A thread with a connection of its own that moves the log when it is asked to.
pub(super) struct Mover {
    orders: Option<Sender<()>>,
    results: Receiver<Result<i32, StoreFault>>,
    /// Asked, and not yet answered.
    under_way: bool,
    /// What the thread finds when it ends: after a failed flush nothing may touch the file, not even to close it.
    fenced: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Mover {
    /// Starts the thread.
    pub(super) fn start(directory: &Directory, options: &Options) -> Result<Self, OpenFault> {
        let io = |error| OpenFault::Io { path: directory.database(), error };
        let connection = open::mover(directory, options)?;
        let database = Flushed::open(&directory.database()).map_err(io)?;
        let (orders, ordered) = bounded::<()>(1);
        let (answer, results) = bounded(1);
        let fenced = Arc::new(AtomicBool::new(false));
        let fence = Arc::clone(&fenced);
        let work = move || {
            for () in &ordered {
                let moved = move_log(&connection, CheckpointMode::PASSIVE).and_then(|moved| database.flush().map(|()| moved));
                let broken = matches!(moved, Err(StoreFault::Broken(_)));
                fence.fetch_or(broken, Ordering::AcqRel);
                if answer.send(moved).is_err() || broken {
                    break;
                }
            }
            if fence.load(Ordering::Acquire) {
                std::mem::forget(connection);
            }
        };
        let thread = std::thread::Builder::new().name("log mover".to_owned()).spawn(work).map_err(io)?;
        Ok(Self { orders: Some(orders), results, under_way: false, fenced, thread: Some(thread) })
    }

    /// Asks for a move, unless one is under way.
    pub(super) fn order(&mut self) {
        if !self.under_way {
            self.under_way = self.orders.as_ref().is_some_and(|orders| orders.try_send(()).is_ok());
        }
    }

    /// Whether a move is under way.
    pub(super) const fn is_under_way(&self) -> bool {
        self.under_way
    }

    /// How many pages of the log the database has after the last move; told once.
    pub(super) fn result(&mut self) -> Option<Result<i32, StoreFault>> {
        let result = match self.results.try_recv() {
            Ok(result) => result,
            Err(TryRecvError::Empty) => return None,
            // Told once: after it nothing is under way.
            Err(TryRecvError::Disconnected) if self.under_way => Err(StoreFault::Broken("the thread that moves the log ended".to_owned())),
            Err(TryRecvError::Disconnected) => return None,
        };
        self.under_way = false;
        Some(result)
    }

    /// Waits for the move under way and ends the thread. Says whether a move failed so that nothing may touch the file any more.
    pub(super) fn close(mut self, fenced: bool) -> bool {
        self.fenced.fetch_or(fenced, Ordering::AcqRel);
        self.orders = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that moves the log panicked");
        }
        if let Ok(Err(fault)) = self.results.try_recv() {
            tracing::error!(%fault, "the last move of the log into the database failed; the next start recovers it");
        }
        self.fenced.load(Ordering::Acquire)
    }
}
