//! What an operator wants to know of a store's health.

use rusqlite::Connection;

use super::error::statement;
use crate::StoreFault;

/// The health of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreReport {
    /// The SQLite version.
    pub sqlite_version: String,
    /// The schema's version.
    pub schema_version: i64,
    /// What `PRAGMA integrity_check` says: `ok`, or its findings.
    pub integrity: Vec<String>,
    /// Accounts, deleted ones included.
    pub accounts: i64,
    /// Keys, revoked ones included.
    pub keys: i64,
    /// Events.
    pub events: i64,
    /// Accounts of which a balance is not the sum of its ledger.
    pub unbalanced: i64,
    /// Size of the database file in octets.
    pub octets: i64,
}

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
    let integrity = check.query_map([], |row| row.get(0)).and_then(Iterator::collect).map_err(fault)?;
    Ok(StoreReport {
        sqlite_version: rusqlite::version().to_owned(),
        schema_version: number("PRAGMA user_version")?,
        integrity,
        accounts: number("SELECT count(*) FROM account")?,
        keys: number("SELECT count(*) FROM api_key")?,
        events: number("SELECT count(*) FROM event")?,
        unbalanced: number(UNBALANCED)?,
        octets: number("PRAGMA page_count")? * number("PRAGMA page_size")?,
    })
}
