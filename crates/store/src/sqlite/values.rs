//! Tags and custom fields by their values.

use rusqlite::{Connection, OptionalExtension, params};
use tenantry_domain::{Account, AccountId, TenantId};

use super::error::statement;
use crate::StoreFault;

/// Which live account has a value that may be one account's alone.
pub(super) fn value_owner(connection: &Connection, tenant_id: TenantId, name: &str, value: &str) -> Result<Option<AccountId>, StoreFault> {
    const OWNER: &str = "SELECT account_id FROM account_value WHERE tenant_id = ?1 AND name = ?2 AND value = ?3 AND is_unique = 1";
    let mut query = connection.prepare_cached(OWNER).map_err(|error| statement(&error))?;
    let id: Option<i64> =
        query.query_row(params![tenant_id.get(), name, value], |row| row.get(0)).optional().map_err(|error| statement(&error))?;
    Ok(id.and_then(|id| AccountId::try_from(id).ok()))
}

/// Notes by which values an account is listed, where that changed.
pub(super) fn save_values(connection: &Connection, before: Option<&Account>, after: &Account) -> rusqlite::Result<()> {
    const DELETE: &str = "DELETE FROM account_value WHERE tenant_id = ?1 AND name = ?2 AND value = ?3 AND account_id = ?4";
    const INSERT: &str = "INSERT INTO account_value (tenant_id, name, value, account_id, is_unique) VALUES (?1, ?2, ?3, ?4, ?5)";
    if before.is_some_and(|before| before.is_indexed_alike(after)) {
        return Ok(());
    }
    let (tenant_id, id) = (after.tenant_id.get(), after.id.get());
    let (was, is) = (before.map(Account::indexed_values).unwrap_or_default(), after.indexed_values());
    for gone in was.iter().filter(|value| !is.contains(value)) {
        connection.prepare_cached(DELETE)?.execute(params![tenant_id, gone.name, gone.value, id])?;
    }
    for new in is.iter().filter(|value| !was.contains(value)) {
        connection.prepare_cached(INSERT)?.execute(params![tenant_id, new.name, new.value, id, new.unique])?;
    }
    Ok(())
}
