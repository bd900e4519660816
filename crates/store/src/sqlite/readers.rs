//! Connections that read. A point read takes a few microseconds, less than handing it to another thread would: it runs where it is asked, on a
//! connection that is free.

use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use rusqlite::Connection;

use super::{Directory, OpenFault, Options, open};
use crate::StoreFault;

thread_local! {
    /// Which connection this thread tries first: its own one, so that threads do not meet and each cache stays warm.
    static PREFERRED: usize = {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        THREADS.fetch_add(1, Ordering::Relaxed)
    };
}

/// The reading connections.
pub(crate) struct Readers {
    connections: Box<[Mutex<Connection>]>,
}

impl Readers {
    pub(crate) fn open(directory: &Directory, options: &Options) -> Result<Self, OpenFault> {
        // Two more than there are processors, so that a list does not keep a point read waiting.
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        let count = if options.readers == 0 { processors + 2 } else { options.readers };
        let connections = (0..count).map(|_| open::reader(directory).map(Mutex::new)).collect::<Result<_, _>>()?;
        Ok(Self { connections })
    }

    /// Runs a read on a free connection.
    pub(crate) fn with<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreFault>) -> Result<T, StoreFault> {
        let first = PREFERRED.with(|index| *index) % self.connections.len();
        let (before, from_first) = self.connections.split_at(first);
        let free = from_first.iter().chain(before).find_map(Mutex::try_lock);
        let connection = free.unwrap_or_else(|| self.connections[first].lock());
        read(&connection)
    }
}
