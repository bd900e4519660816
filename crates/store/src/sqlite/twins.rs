//! What twins have in common.

use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};
use tenantry_domain::limits::TWINS_MAX;
use tenantry_domain::twin::TwinKey;
use tenantry_domain::{Account, TenantId, WorkingSet};

use super::error::statement;
use crate::row::{self, account_columns};
use crate::twins::{changed, group, stored};
use crate::{Reach, StoreFault, TwinGroup, TwinQuery};

/// Puts into the set who has a key: of many, those that were added last.
pub(super) fn load_twins(connection: &Connection, tenant_id: TenantId, key: &TwinKey, set: &mut WorkingSet) -> Result<(), StoreFault> {
    const HAVING: &str = concat!(
        "SELECT ",
        account_columns!(),
        " FROM twin_key t CROSS JOIN account a ON a.id = t.account_id AND a.tenant_id = t.tenant_id WHERE t.tenant_id = ?1 AND t.key = ?2 \
         ORDER BY t.account_id DESC LIMIT ?3"
    );
    set.know_twins();
    let mut query = connection.prepare_cached(HAVING).map_err(|error| statement(&error))?;
    let mut rows = query.query(params![tenant_id.get(), stored(key), TWINS_MAX as i64]).map_err(|error| statement(&error))?;
    while let Some(row) = rows.next().map_err(|error| statement(&error))? {
        set.put_twin(key.clone(), row::account(row)?);
    }
    Ok(())
}

/// Notes what an account has by which its twins would be found, where that changed.
pub(super) fn save_twins(connection: &Connection, before: Option<&Account>, after: &Account) -> rusqlite::Result<()> {
    const DELETE: &str = "DELETE FROM twin_key WHERE tenant_id = ?1 AND key = ?2 AND account_id = ?3";
    const INSERT: &str = "INSERT INTO twin_key (tenant_id, key, account_id) VALUES (?1, ?2, ?3)";
    let (gone, new) = changed(before, after);
    for (sql, keys) in [(DELETE, gone), (INSERT, new)] {
        for key in keys {
            connection.prepare_cached(sql)?.execute(params![after.tenant_id.get(), key, after.id.get()])?;
        }
    }
    Ok(())
}

/// Groups of accounts that have something in common.
pub(super) fn groups(connection: &Connection, query: &TwinQuery) -> Result<Vec<TwinGroup>, StoreFault> {
    let mut sql = "SELECT t.tenant_id, t.key, group_concat(t.account_id) FROM twin_key t".to_owned();
    let mut values: Vec<Value> = Vec::new();
    if let Some(id) = query.below {
        sql.push_str(" CROSS JOIN lineage l ON l.tenant_id = t.tenant_id AND l.ancestor_id = ? AND l.account_id = t.account_id");
        values.push(id.get().into());
    }
    sql.push_str(" WHERE true");
    if let Reach::Tenant(tenant_id) = query.reach {
        sql.push_str(" AND t.tenant_id = ?");
        values.push(tenant_id.get().into());
    }
    if let Some(after) = &query.after {
        sql.push_str(" AND (t.tenant_id, t.key) > (?, ?)");
        values.extend([after.tenant_id.get().into(), after.key.clone().into()]);
    }
    sql.push_str(" GROUP BY t.tenant_id, t.key HAVING count(*) > 1 ORDER BY t.tenant_id, t.key LIMIT ?");
    values.push(i64::try_from(query.limit).unwrap_or(i64::MAX).into());
    let mut statement_ = connection.prepare_cached(&sql).map_err(|error| statement(&error))?;
    let mut rows = statement_.query(params_from_iter(values)).map_err(|error| statement(&error))?;
    let mut groups = Vec::new();
    while let Some(row) = rows.next().map_err(|error| statement(&error))? {
        groups.push(group(row)?);
    }
    Ok(groups)
}
