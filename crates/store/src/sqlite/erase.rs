//! Erasing: what is kept of an account beside its record, and what deleted values leave behind in files.

use rusqlite::{Connection, params};
use tenantry_domain::decision::Erased;

/// Pages of the index of search that are merged at a time: some milliseconds, so that commits beside it wait for no longer.
const MERGED_PAGES: i64 = 256;

/// Takes everything personal out of what is kept of accounts beside their records. The answers of the batch itself are saved after it.
pub(super) fn erase(connection: &Connection, erased: &[Erased]) -> rusqlite::Result<()> {
    const STATEMENTS: [&str; 4] = [
        "UPDATE event SET changes = '[]', peer = NULL, claimed = NULL WHERE seq IN (WITH RECURSIVE chain (seq) AS (\
         SELECT newest_event FROM account WHERE tenant_id = ?1 AND id = ?2 UNION ALL \
         SELECT e.previous FROM event e JOIN chain c ON e.seq = c.seq WHERE e.previous IS NOT NULL) SELECT seq FROM chain) \
         AND tenant_id = ?1 AND account_id = ?2 AND version < ?3",
        "UPDATE quota_entry SET reason = 'erased' WHERE tenant_id = ?1 AND account_id = ?2 AND version < ?3",
        "DELETE FROM api_key WHERE tenant_id = ?1 AND account_id = ?2 AND ?3 > 0",
        "DELETE FROM idempotent_answer WHERE tenant_id = ?1 AND account_id = ?2 AND ?3 > 0",
    ];
    for Erased { tenant_id, account_id, version } in erased {
        connection.prepare_cached("INSERT INTO leftovers (of_account) VALUES (?1)")?.execute(params![account_id.get()])?;
        for sql in STATEMENTS {
            connection.prepare_cached(sql)?.execute(params![tenant_id.get(), account_id.get(), version])?;
        }
    }
    Ok(())
}

/// Whether something may be left of accounts that were erased.
pub(super) fn has_leftovers(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM leftovers)", [], |row| row.get(0))
}

/// Notes that nothing is left.
pub(super) fn forget_leftovers(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM leftovers")?.execute([]).map(drop)
}

/// Begins to merge the index of search to one piece, which has no word of a deleted text any more: until then each of its pieces keeps those that it had.
pub(super) fn begin_to_merge(connection: &Connection) -> rusqlite::Result<()> {
    merge(connection, -MERGED_PAGES).map(drop)
}

/// Goes on with it. Says whether that is done.
pub(super) fn go_on_merging(connection: &Connection) -> rusqlite::Result<bool> {
    merge(connection, MERGED_PAGES)
}

/// One step; nothing was left to do where it changed nothing but its own row (https://www.sqlite.org/fts5.html#the_merge_command).
fn merge(connection: &Connection, pages: i64) -> rusqlite::Result<bool> {
    let before = connection.total_changes();
    connection.prepare_cached("INSERT INTO account_search (account_search, rank) VALUES ('merge', ?1)")?.execute(params![pages])?;
    Ok(connection.total_changes() - before < 2)
}
