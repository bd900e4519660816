//! Connections that read. A point read takes a few microseconds, less than handing it to another thread would: it runs where it is asked, on a
//! connection that is free.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rusqlite::Connection;

use super::open;
use crate::{Directory, OpenFault, Options, StoreFault};

thread_local! {
    /// Which connection this thread tries first: its own one, so that threads do not meet and each cache stays warm.
    static PREFERRED: usize = {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        THREADS.fetch_add(1, Ordering::Relaxed)
    };
}

/// Lists that run at once: they share the processors with everything else.
pub(crate) const LISTS_AT_ONCE: usize = 2;
/// How long a list may take: a thousand times what one by an index takes.
const LIST_PATIENCE: Duration = Duration::from_secs(5);
/// SQLite's steps between two looks at the clock: some tenths of a millisecond.
const STEPS_BETWEEN_LOOKS: i32 = 10_000;

/// The reading connections. Lists have theirs, so that no list keeps a point read waiting.
pub(crate) struct Readers {
    points: Box<[Mutex<Connection>]>,
    lists: Box<[Mutex<Lister>]>,
}

/// A connection for lists, and until when its present one may run.
struct Lister {
    connection: Connection,
    until: Arc<Mutex<Instant>>,
}

impl Lister {
    fn open(directory: &Directory) -> Result<Self, OpenFault> {
        let mut connection = open::lister(directory)?;
        let until = Arc::new(Mutex::new(Instant::now()));
        let deadline = Arc::clone(&until);
        let handler = Some(move || Instant::now() > *deadline.lock());
        let fault = |error| OpenFault::Database { path: directory.database(), error };
        connection.progress_handler(STEPS_BETWEEN_LOOKS, handler).map_err(fault)?;
        Ok(Self { connection, until })
    }
}

impl Readers {
    pub(crate) fn open(directory: &Directory, options: &Options) -> Result<Self, OpenFault> {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        let points = if options.readers == 0 { processors } else { options.readers };
        let points = (0..points).map(|_| open::point_reader(directory).map(Mutex::new)).collect::<Result<_, _>>()?;
        let lists = (0..LISTS_AT_ONCE).map(|_| Lister::open(directory).map(Mutex::new)).collect::<Result<_, _>>()?;
        Ok(Self { points, lists })
    }

    /// Runs a point read on a free connection.
    pub(crate) fn with<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreFault>) -> Result<T, StoreFault> {
        let first = PREFERRED.with(|index| *index) % self.points.len();
        let (before, from_first) = self.points.split_at(first);
        let free = from_first.iter().chain(before).find_map(Mutex::try_lock);
        let connection = free.unwrap_or_else(|| self.points[first].lock());
        read(&connection)
    }

    /// Runs a list on a connection for lists. One that takes too long is ended.
    pub(crate) fn list<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreFault>) -> Result<T, StoreFault> {
        let first = PREFERRED.with(|index| *index) % self.lists.len();
        let lister = self.lists.iter().find_map(Mutex::try_lock).unwrap_or_else(|| self.lists[first].lock());
        *lister.until.lock() = Instant::now() + LIST_PATIENCE;
        read(&lister.connection)
    }
}
