//! The store's health, from SQLite.

use rusqlite::Connection;

use super::error::statement;
use crate::{Integrity, StoreFault, StoreReport};

/// Balances that are not the sum of their ledger, and ledgers whose account says nothing of them.
const UNBALANCED: &str = "SELECT count(*) FROM (\
    SELECT a.id FROM account a, (SELECT 'email' AS channel UNION ALL SELECT 'sms' UNION ALL SELECT 'transactions') c \
    WHERE (a.allotments <> '{}' OR EXISTS (SELECT 1 FROM quota_entry e WHERE e.tenant_id = a.tenant_id AND e.account_id = a.id)) \
    AND coalesce(json_extract(a.allotments, '$.' || c.channel || '.quota'), 0) <> coalesce((SELECT sum(q.amount) FROM quota_entry q \
    WHERE q.tenant_id = a.tenant_id AND q.account_id = a.id AND q.channel = c.channel), 0) GROUP BY a.id)";

/// Accounts whose newest event is not their version's, and events whose one before is not that of the version before.
const TORN: &str = "SELECT (SELECT count(*) FROM account a LEFT JOIN event e ON e.seq = a.newest_event \
    WHERE e.account_id IS NOT a.id OR e.version IS NOT a.version) \
    + (SELECT count(DISTINCT later.account_id) FROM event later LEFT JOIN event earlier ON earlier.seq = later.previous \
    WHERE earlier.account_id IS NOT iif(later.version = 1, NULL, later.account_id) OR coalesce(earlier.version, 0) <> later.version - 1)";

/// Looks the whole file over.
pub(crate) fn report(connection: &Connection) -> Result<StoreReport, StoreFault> {
    look_over(connection).map_err(|error| statement(&error))
}

/// The same, of a file that no store has open.
pub(crate) fn look_over(connection: &Connection) -> rusqlite::Result<StoreReport> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let mut check = connection.prepare("PRAGMA integrity_check")?;
    let found: Vec<String> = check.query_map([], |row| row.get(0)).and_then(Iterator::collect)?;
    let integrity = if found == ["ok"] { Integrity::Whole } else { Integrity::Damaged(found) };
    Ok(StoreReport {
        engine: format!("SQLite {}", rusqlite::version()),
        schema_version: number("PRAGMA user_version")?,
        integrity,
        accounts: number("SELECT count(*) FROM account")?,
        keys: number("SELECT count(*) FROM api_key")?,
        events: number("SELECT count(*) FROM event")?,
        unbalanced: number(UNBALANCED)?,
        torn: number(TORN)?,
        octets: number("PRAGMA page_count")? * number("PRAGMA page_size")?,
    })
}
