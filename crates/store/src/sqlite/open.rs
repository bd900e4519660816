//! Opening connections, with every setting that durability and privacy rest on read back.

use std::fs;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::{Directory, Durability, OpenFault, Options};

/// SQLite before 3.51.3 can corrupt a database when two connections reset the log at once.
const SQLITE_MIN_VERSION: i32 = 3_051_003;
/// How long a connection waits for another's lock: only the moment when the log is reset.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Pages that the writing connection caches, in KiB: what a batch touches stays in it.
const WRITER_CACHE_KIB: i64 = 12 * 1024;
/// Pages that each connection for point reads caches, in KiB: the inner pages of a million accounts; records themselves are kept elsewhere.
const POINT_CACHE_KIB: i64 = 4 * 1024;
/// Pages that each connection for lists caches, in KiB: a list reads each of its pages once.
const LIST_CACHE_KIB: i64 = 2 * 1024;
/// Pages that the connection that moves the log caches, in KiB: it copies pages past its cache.
const MOVER_CACHE_KIB: i64 = 64;
/// Octets of the log that are written again at a time.
const REWRITTEN_OCTETS: usize = 1024 * 1024;
/// Statements kept prepared on each connection: more than there are in this crate.
const STATEMENTS_KEPT: usize = 64;

/// Opens the connection that writes.
pub(crate) fn writer(directory: &Directory, options: &Options) -> Result<Connection, OpenFault> {
    let path = directory.database();
    let fault = |error| OpenFault::Database { path: path.clone(), error };
    if rusqlite::version_number() < SQLITE_MIN_VERSION {
        return Err(OpenFault::NotDurable { setting: "the SQLite version", found: rusqlite::version().to_owned() });
    }
    make_private(&path).map_err(|error| OpenFault::Io { path: path.clone(), error })?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags).map_err(fault)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(fault)?;
    connection.pragma_update(None, "synchronous", synchronous(options.durability)).map_err(fault)?;
    // Erased values leave no bytes in free pages.
    connection.pragma_update(None, "secure_delete", true).map_err(fault)?;
    common(&connection, WRITER_CACHE_KIB).map_err(fault)?;
    check(&connection, options).map_err(fault)??;
    Ok(connection)
}

/// Writes the log that an earlier process left once more, as it reads, and flushes it.
///
/// When a flush fails, Linux may keep what it could not write in memory as if it had: the next process reads it, takes it for durable, and writes behind it;
/// a power cut then leaves a hole, and recovery stops there, before what was acknowledged since. What is written again is flushed again. Nothing can be lost
/// by it, because every octet is written where it was read.
pub(crate) fn rewrite_log(directory: &Directory) -> Result<(), OpenFault> {
    let path = directory.log();
    rewrite(&path).map_err(|error| OpenFault::Io { path, error })
}

fn rewrite(path: &Path) -> std::io::Result<()> {
    let file = match fs::OpenOptions::new().read(true).write(true).open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    let mut piece = vec![0; REWRITTEN_OCTETS];
    let mut at = 0;
    loop {
        let read = file.read_at(&mut piece, at)?;
        if read == 0 {
            break;
        }
        file.write_all_at(&piece[..read], at)?;
        at += read as u64;
    }
    if at > 0 { file.sync_data() } else { Ok(()) }
}

/// Makes the file when there is none, for its owner only, whoever may look into the directory; SQLite gives its log the same mode.
pub(crate) fn make_private(path: &Path) -> std::io::Result<()> {
    fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path).map(drop)
}

/// Opens a connection for point reads.
pub(super) fn point_reader(directory: &Directory) -> Result<Connection, OpenFault> {
    reader(directory, POINT_CACHE_KIB)
}

/// Opens a connection for lists.
pub(crate) fn lister(directory: &Directory) -> Result<Connection, OpenFault> {
    reader(directory, LIST_CACHE_KIB)
}

fn reader(directory: &Directory, cache_kib: i64) -> Result<Connection, OpenFault> {
    let path = directory.database();
    let fault = |error| OpenFault::Database { path: path.clone(), error };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags).map_err(fault)?;
    connection.pragma_update(None, "query_only", true).map_err(fault)?;
    common(&connection, cache_kib).map_err(fault)?;
    Ok(connection)
}

/// Opens a connection that moves the log, with a database that is there.
pub(super) fn mover(directory: &Directory, options: &Options) -> Result<Connection, OpenFault> {
    let path = directory.database();
    let fault = |error| OpenFault::Database { path: path.clone(), error };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags).map_err(fault)?;
    connection.pragma_update(None, "synchronous", synchronous(options.durability)).map_err(fault)?;
    common(&connection, MOVER_CACHE_KIB).map_err(fault)?;
    check(&connection, options).map_err(fault)??;
    Ok(connection)
}

/// SQLite's word for it (https://sqlite.org/pragma.html#pragma_synchronous).
const fn synchronous(durability: Durability) -> &'static str {
    match durability {
        Durability::Full => "FULL",
        Durability::UnsafeForTests => "NORMAL",
    }
}

fn common(connection: &Connection, cache_kib: i64) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // The log is moved when we say so, and we look at the result: SQLite's own way swallows errors of the flush.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // A failing disk must be an error code, not a signal that kills the process.
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(())
}

/// Reads back what durability rests on: a setting that silently did not take is the worst kind.
fn check(connection: &Connection, options: &Options) -> rusqlite::Result<Result<(), OpenFault>> {
    let journal_mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    let synchronous: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    if journal_mode != "wal" {
        return Ok(Err(OpenFault::NotDurable { setting: "journal_mode", found: journal_mode }));
    }
    // 2 is FULL: https://sqlite.org/pragma.html#pragma_synchronous
    if options.durability == Durability::Full && synchronous < 2 {
        return Ok(Err(OpenFault::NotDurable { setting: "synchronous", found: synchronous.to_string() }));
    }
    Ok(Ok(()))
}
