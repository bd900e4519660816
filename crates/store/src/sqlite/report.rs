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

/// Looks the whole file over.
pub(crate) fn report(connection: &Connection) -> Result<StoreReport, StoreFault> {
    let fault = |error: rusqlite::Error| statement(&error);
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(fault);
    let mut check = connection.prepare("PRAGMA integrity_check").map_err(fault)?;
    let found: Vec<String> = check.query_map([], |row| row.get(0)).and_then(Iterator::collect).map_err(fault)?;
    let integrity = if found == ["ok"] { Integrity::Whole } else { Integrity::Damaged(found) };
    Ok(StoreReport {
        engine: format!("SQLite {}", rusqlite::version()),
        schema_version: number("PRAGMA user_version")?,
        integrity,
        accounts: number("SELECT count(*) FROM account")?,
        keys: number("SELECT count(*) FROM api_key")?,
        events: number("SELECT count(*) FROM event")?,
        unbalanced: number(UNBALANCED)?,
        octets: number("PRAGMA page_count")? * number("PRAGMA page_size")?,
    })
}
