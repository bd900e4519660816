//! The pages of a store in use, copied beside the writer.
//!
//! A read transaction stays open from the first page to the last: what is copied is what was acknowledged at its beginning, however much is written meanwhile.
//! While it stays, the log cannot begin anew; it grows by what is written during the copy, and the lane cuts it afterwards.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use rusqlite::backup::{self, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::{BackupFault, BackupProgress, Making, Tell, at, of};
use crate::Directory;
use crate::sqlite::open;

/// Pages that are copied between two looks at whether to go on: 1 MiB, some milliseconds.
const PAGES_AT_ONCE: i32 = 256;
/// Steps after which the copy is flushed: one flush of all of it in the end would keep the log's flushes waiting, and with them every write.
const STEPS_BETWEEN_FLUSHES: usize = 16;
/// How long to wait for a lock, and how often. Nobody else knows the copy, so this is the moment in which the log is made.
const LOCKED_FOR: Duration = Duration::from_millis(10);
const LOCKED_TRIES: usize = 500;

/// Copies a store as of now into a new file.
pub(super) fn copy(directory: &Directory, to: &Path, making: &Making<'_>, tell: Tell<'_>) -> Result<(), BackupFault> {
    let source = open::lister(directory)?;
    let database = directory.database();
    let from = of(&database);
    // The first read is what makes the snapshot.
    source.execute_batch("BEGIN; SELECT count(*) FROM sequence;").map_err(&from)?;
    open::make_private(to).map_err(at(to))?;
    let mut target = writer(to)?;
    let flushed = File::options().read(true).write(true).open(to).map_err(at(to))?;
    copy_pages(&source, &mut target, &flushed, making, tell).map_err(|fault| match fault {
        Halt::Fault(fault) => fault,
        Halt::Database(error) => of(to)(error),
    })?;
    drop(target);
    settle(to)?;
    source.execute_batch("COMMIT").map_err(&from)
}

enum Halt {
    Fault(BackupFault),
    Database(rusqlite::Error),
}

fn copy_pages(source: &Connection, target: &mut Connection, flushed: &File, making: &Making<'_>, tell: Tell<'_>) -> Result<(), Halt> {
    let copy = backup::Backup::new(source, target).map_err(Halt::Database)?;
    let mut locked = 0;
    for step in 1_usize.. {
        making.go_on().map_err(Halt::Fault)?;
        match copy.step(PAGES_AT_ONCE).map_err(Halt::Database)? {
            StepResult::Done => break,
            StepResult::More => locked = 0,
            _ if locked < LOCKED_TRIES => {
                locked += 1;
                std::thread::sleep(LOCKED_FOR);
                continue;
            }
            _ => return Err(Halt::Fault(BackupFault::UnderWay { path: making.to.to_owned() })),
        }
        let progress = copy.progress();
        let (total, left) = (progress.pagecount.unsigned_abs().into(), progress.remaining.unsigned_abs().into());
        tell(BackupProgress { doing: "copying".to_owned(), unit: "pages".to_owned(), done: u64::saturating_sub(total, left), total });
        if step % STEPS_BETWEEN_FLUSHES == 0 {
            flushed.sync_data().map_err(|error| Halt::Fault(at(making.to)(error)))?;
        }
    }
    Ok(())
}

/// A connection to a file that nobody relies on yet: it is flushed when it is whole.
fn writer(path: &Path) -> Result<Connection, BackupFault> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(of(path))?;
    connection.pragma_update(None, "synchronous", "OFF").map_err(of(path))?;
    Ok(connection)
}

/// Makes a database one file: without a log beside it, and said to have none.
pub(super) fn settle(path: &Path) -> Result<(), BackupFault> {
    let connection = writer(path)?;
    connection.pragma_update(None, "journal_mode", "DELETE").map_err(of(path))?;
    connection.close().map_err(|(_, error)| of(path)(error))
}
