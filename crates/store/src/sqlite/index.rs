//! The index of search. A text that is put into it alone costs some 200 µs, one of a hundred together a tenth of that; so changed texts wait for each
//! other. Who searches finds them all the same: what waits is looked at text by text.

use rusqlite::{Connection, params};
use tenantry_domain::AccountId;

/// Texts that are put into the index together: as many as make each cheap, and few enough that looking at those that wait is quick and the lane does not
/// stand still for longer than some commits.
pub(super) const TOGETHER: usize = 128;

/// Notes that the index lacks an account's newest text. Gives 1, or 0 when that was noted before.
pub(super) fn note(connection: &Connection, id: AccountId) -> rusqlite::Result<usize> {
    connection.prepare_cached("INSERT OR IGNORE INTO search_waiting (account_id) VALUES (?1)")?.execute(params![id.get()])
}

/// How many texts wait.
pub(super) fn waiting(connection: &Connection) -> rusqlite::Result<usize> {
    let count: i64 = connection.query_row("SELECT count(*) FROM search_waiting", [], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Puts all that waits into the index, within the open transaction.
pub(super) fn take_in(connection: &Connection) -> rusqlite::Result<()> {
    const TAKE_IN: &str = "INSERT OR REPLACE INTO account_search (rowid, search_text) \
                           SELECT id, search_text FROM account WHERE id IN (SELECT account_id FROM search_waiting)";
    connection.prepare_cached(TAKE_IN)?.execute([])?;
    connection.prepare_cached("DELETE FROM search_waiting")?.execute([]).map(drop)
}
