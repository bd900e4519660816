//! What twins have in common.

use tokio_postgres::Transaction;

use super::session::{Ask, values};
use super::statements::{TWIN_GROUPS, TWIN_GROUPS_OF_EVERY_TENANT};
use crate::twins::of_columns;
use crate::{Reach, TwinQuery};

/// Customers that are read at a time while all of them get their keys.
const PAGE_ROWS: i64 = 2_000;

/// The statement for groups of accounts that have something in common.
pub(super) fn groups(query: &TwinQuery) -> Ask<'static> {
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    let below = query.below.map(|id| id.get());
    let (tenant, key) = query.after.as_ref().map_or((-1, String::new()), |after| (after.tenant_id.get(), after.key.clone()));
    match query.reach {
        Reach::Tenant(tenant_id) => Ask::new(TWIN_GROUPS, values![tenant_id.get(), key, below, limit]),
        Reach::EveryTenant => Ask::new(TWIN_GROUPS_OF_EVERY_TENANT, values![tenant, key, limit]),
    }
}

/// Gives all customers that there are their keys: what these are only the domain can tell.
pub(super) async fn fill(transaction: &Transaction<'_>) -> Result<(), tokio_postgres::Error> {
    const CUSTOMERS: &str = "SELECT a.tenant_id, a.id, a.status, a.email, a.profile FROM tenantry.account a \
        WHERE a.kind = 'customer' AND (a.tenant_id, a.id) > ($1, $2) ORDER BY a.tenant_id, a.id LIMIT $3";
    const INSERT: &str =
        "INSERT INTO tenantry.twin_key (tenant_id, key, account_id) SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[])";
    let mut after = (-1_i64, -1_i64);
    loop {
        let rows = transaction.query(CUSTOMERS, &[&after.0, &after.1, &PAGE_ROWS]).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = (last.try_get(0)?, last.try_get(1)?);
        let (mut tenants, mut keys, mut ids) = (Vec::new(), Vec::new(), Vec::new());
        for row in &rows {
            let (tenant, id): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            for key in of_columns(id, row.try_get(2)?, row.try_get(3)?, row.try_get(4)?) {
                tenants.push(tenant);
                keys.push(key);
                ids.push(id);
            }
        }
        transaction.execute(INSERT, &[&tenants, &keys, &ids]).await?;
    }
}
