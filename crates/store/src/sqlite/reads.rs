//! Reads of one record by what names it.

use std::sync::Arc;

use rusqlite::{Connection, params};
use tenantry_domain::key::{Key, PublicKey, Scheme};
use tenantry_domain::{Account, AccountId, TenantId};

use super::error::statement;
use crate::row::{self, account_columns, key_columns};
use crate::{Reach, StoreFault};

/// One account.
pub(crate) fn account(connection: &Connection, reach: Reach, id: AccountId) -> Result<Option<Arc<Account>>, StoreFault> {
    const ONE: &str = concat!("SELECT ", account_columns!(), " FROM account a WHERE a.id = ?1 AND a.tenant_id = ?2");
    const ONE_OF_EVERY_TENANT: &str = concat!("SELECT ", account_columns!(), " FROM account a WHERE a.id = ?1");
    let mut query = connection
        .prepare_cached(match reach {
            Reach::Tenant(_) => ONE,
            Reach::EveryTenant => ONE_OF_EVERY_TENANT,
        })
        .map_err(|error| statement(&error))?;
    let mut rows = match reach {
        Reach::Tenant(tenant_id) => query.query(params![id.get(), tenant_id.get()]),
        Reach::EveryTenant => query.query(params![id.get()]),
    }
    .map_err(|error| statement(&error))?;
    rows.next().map_err(|error| statement(&error))?.map(row::account).transpose()
}

/// The keys of a scheme with a public part, whoever's they are: for finding out who calls.
pub(crate) fn keys_by_public(connection: &Connection, scheme: Scheme, public: &PublicKey) -> Result<Vec<Key>, StoreFault> {
    const ALL: &str = concat!("SELECT ", key_columns!(), " FROM api_key WHERE scheme = ?1 AND public = ?2");
    let mut query = connection.prepare_cached(ALL).map_err(|error| statement(&error))?;
    let mut rows = query.query(params![scheme.as_str(), public.as_str()]).map_err(|error| statement(&error))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(|error| statement(&error))? {
        found.push(row::key(row)?);
    }
    Ok(found)
}

/// The keys of an account, or all of them.
pub(crate) fn keys(connection: &Connection, account_id: Option<AccountId>) -> Result<Vec<Key>, StoreFault> {
    const OF_ONE: &str = concat!(
        "SELECT ",
        key_columns!(),
        " FROM api_key WHERE tenant_id = (SELECT tenant_id FROM account WHERE id = ?1) AND account_id = ?1 ORDER BY created_at, public"
    );
    const ALL: &str = concat!("SELECT ", key_columns!(), " FROM api_key ORDER BY tenant_id, account_id, created_at, public");
    let mut query = connection.prepare_cached(if account_id.is_some() { OF_ONE } else { ALL }).map_err(|error| statement(&error))?;
    let mut rows = match account_id {
        Some(id) => query.query(params![id.get()]),
        None => query.query([]),
    }
    .map_err(|error| statement(&error))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(|error| statement(&error))? {
        found.push(row::key(row)?);
    }
    Ok(found)
}

/// The keys of one tenant's account, oldest first.
pub(crate) fn keys_of(connection: &Connection, tenant_id: TenantId, account_id: AccountId) -> Result<Vec<Key>, StoreFault> {
    const OF_ONE: &str =
        concat!("SELECT ", key_columns!(), " FROM api_key WHERE tenant_id = ?1 AND account_id = ?2 ORDER BY created_at, public");
    let mut query = connection.prepare_cached(OF_ONE).map_err(|error| statement(&error))?;
    let mut rows = query.query(params![tenant_id.get(), account_id.get()]).map_err(|error| statement(&error))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(|error| statement(&error))? {
        found.push(row::key(row)?);
    }
    Ok(found)
}

/// Accounts with a hold that has ended by itself, the longest ended first.
pub(crate) fn ended_holds(connection: &Connection, now: i64, limit: u32) -> Result<Vec<AccountId>, StoreFault> {
    const ENDED: &str = "SELECT account_id FROM hold_end WHERE ends_at <= ?1 ORDER BY ends_at LIMIT ?2";
    let mut query = connection.prepare_cached(ENDED).map_err(|error| statement(&error))?;
    let ids = query.query_map(params![now, limit], |row| row.get::<_, i64>(0)).map_err(|error| statement(&error))?;
    ids.map(|id| {
        let id = id.map_err(|error| statement(&error))?;
        AccountId::try_from(id).map_err(|error| StoreFault::Corrupt(error.to_string()))
    })
    .collect()
}
