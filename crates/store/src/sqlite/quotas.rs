//! The ledger of prepaid balances.

use rusqlite::{Connection, params};
use tenantry_domain::quota::{IdempotencyKey, QuotaEntry};
use tenantry_domain::{AccountId, TenantId};

use super::error::statement;
use crate::row::{self, quota_entry_columns};
use crate::{LedgerQuery, StoreFault};

/// The move that was made with a key.
pub(super) fn quota_entry(
    connection: &Connection,
    tenant_id: TenantId,
    account_id: AccountId,
    key: &IdempotencyKey,
) -> Result<Option<QuotaEntry>, StoreFault> {
    const ONE: &str =
        concat!("SELECT ", quota_entry_columns!(), " FROM quota_entry WHERE tenant_id = ?1 AND account_id = ?2 AND idempotency_key = ?3");
    let mut query = connection.prepare_cached(ONE).map_err(|error| statement(&error))?;
    let mut rows = query.query(params![tenant_id.get(), account_id.get(), key.as_str()]).map_err(|error| statement(&error))?;
    rows.next().map_err(|error| statement(&error))?.map(row::quota_entry).transpose()
}

/// The newest lines of an account's ledger, newest first.
pub(crate) fn quota_entries(
    connection: &Connection,
    tenant_id: TenantId,
    account_id: AccountId,
    limit: u32,
) -> Result<Vec<QuotaEntry>, StoreFault> {
    const NEWEST: &str = concat!(
        "SELECT ",
        quota_entry_columns!(),
        " FROM quota_entry WHERE tenant_id = ?1 AND account_id = ?2 ORDER BY version DESC, channel LIMIT ?3"
    );
    let mut query = connection.prepare_cached(NEWEST).map_err(|error| statement(&error))?;
    let mut rows = query.query(params![tenant_id.get(), account_id.get(), limit]).map_err(|error| statement(&error))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(|error| statement(&error))? {
        found.push(row::quota_entry(row)?);
    }
    Ok(found)
}

/// A page of one balance's ledger, the newest line first.
pub(crate) fn ledger(connection: &Connection, query: &LedgerQuery) -> Result<Vec<QuotaEntry>, StoreFault> {
    const PAGE: &str = concat!(
        "SELECT ",
        quota_entry_columns!(),
        " FROM quota_entry WHERE tenant_id = ?1 AND account_id = ?2 AND version < ?3 AND channel = ?4 ORDER BY version DESC LIMIT ?5"
    );
    let LedgerQuery { tenant_id, account_id, channel, before_version, limit } = query;
    let before = before_version.unwrap_or(i64::MAX);
    let mut page = connection.prepare_cached(PAGE).map_err(|error| statement(&error))?;
    let mut rows =
        page.query(params![tenant_id.get(), account_id.get(), before, channel.as_str(), limit]).map_err(|error| statement(&error))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(|error| statement(&error))? {
        found.push(row::quota_entry(row)?);
    }
    Ok(found)
}

/// Appends lines.
pub(super) fn save_quota_entries(connection: &Connection, entries: &[QuotaEntry]) -> rusqlite::Result<()> {
    const INSERT: &str = "INSERT INTO quota_entry (tenant_id, account_id, version, channel, kind, amount, balance, reason, idempotency_key, at) \
                          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    for entry in entries {
        connection.prepare_cached(INSERT)?.execute(params![
            entry.tenant_id.get(),
            entry.account_id.get(),
            entry.version,
            entry.channel.as_str(),
            entry.kind.as_str(),
            entry.amount,
            entry.balance.get(),
            entry.reason.as_str(),
            entry.idempotency_key.as_ref().map(|key| key.as_str()),
            entry.at.micros(),
        ])?;
    }
    Ok(())
}
