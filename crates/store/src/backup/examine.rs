//! Looking a database file over that nobody has open: whether it is whole, what is in it, and whether its histories are gapless.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::{Connection, OpenFlags};

use super::{BackupFault, TableLine, Tell, doing, of};
use crate::Integrity;
use crate::sqlite::report;
use crate::transfer::tallied;

/// SQLite's steps between two looks at whether to go on: some milliseconds.
const STEPS_BETWEEN_LOOKS: i32 = 100_000;

/// What is in a database file.
pub(super) struct Contents {
    pub(super) schema_version: i64,
    pub(super) next_ids: BTreeMap<String, i64>,
    pub(super) tables: Vec<TableLine>,
}

/// Looks a file over. Nothing is written, so that it may lie on a medium that cannot be.
pub(super) fn examine(path: &Path, folder: &Path, stop: &Arc<AtomicBool>, tell: Tell<'_>) -> Result<Contents, BackupFault> {
    let stopped = Arc::clone(stop);
    let fault = |error: rusqlite::Error| if stop.load(Ordering::Relaxed) { BackupFault::Stopped } else { of(path)(error) };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(fault)?;
    connection.pragma_update(None, "trusted_schema", false).map_err(fault)?;
    connection.progress_handler(STEPS_BETWEEN_LOOKS, Some(move || stopped.load(Ordering::Relaxed))).map_err(fault)?;
    tell(doing("checking"));
    let report = report::look_over(&connection).map_err(fault)?;
    let damaged = |what: String| Err(BackupFault::Damaged { path: folder.to_owned(), what });
    if let Integrity::Damaged(found) = report.integrity {
        return damaged(found.join("; "));
    }
    if report.unbalanced > 0 || report.torn > 0 {
        return damaged(format!(
            "{} accounts have a balance that is not the sum of its ledger, {} a history that is no gapless chain",
            report.unbalanced, report.torn
        ));
    }
    let mut tables = Vec::new();
    for name in names(&connection).map_err(fault)? {
        tell(doing(&format!("adding up {name}")));
        let tally = tallied(&connection, &name).map_err(fault)?;
        tables.push(TableLine { name, rows: tally.rows, checksum: tally.checksum() });
    }
    let next_ids = next_ids(&connection).map_err(fault)?;
    Ok(Contents { schema_version: report.schema_version, next_ids, tables })
}

/// Every table of the file itself, whatever version its schema has.
fn names(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let ask = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    connection.prepare(ask)?.query_map([], |row| row.get(0))?.collect()
}

fn next_ids(connection: &Connection) -> rusqlite::Result<BTreeMap<String, i64>> {
    let mut ask = connection.prepare("SELECT name, next FROM sequence")?;
    ask.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}
