//! Packages: reading and saving them, and who has them.

use rusqlite::{Connection, Params, params};
use tenantry_domain::package::{Package, PackageId, PackageRef};
use tenantry_domain::{Account, AccountId, TenantId};

use super::error::statement;
use super::load::COUNTED_MAX;
use crate::row::{self, ancestors_text, package_columns};
use crate::{Reach, StoreFault};

const OF_TENANT: &str = concat!("SELECT ", package_columns!(), " FROM package WHERE tenant_id = ?1 AND status <> 'deleted' ORDER BY id");
const OF_PROVIDER: &str =
    concat!("SELECT ", package_columns!(), " FROM package WHERE tenant_id = ?1 AND provider_id = ?2 AND status <> 'deleted'");
const BY_IDENTIFIER: &str =
    concat!("SELECT ", package_columns!(), " FROM package WHERE tenant_id = ?1 AND identifier = ?2 AND status <> 'deleted'");
const LIVE_HOLDERS: &str = "SELECT count(*) FROM (SELECT 1 FROM package_holder h JOIN account a ON a.id = h.account_id AND a.tenant_id = h.tenant_id \
                            WHERE h.tenant_id = ?1 AND h.package_id = ?2 AND a.status <> 'deleted' LIMIT ?3)";

/// One package that is not deleted.
pub(crate) fn package(connection: &Connection, reach: Reach, id: PackageId) -> Result<Option<Package>, StoreFault> {
    const ONE: &str = concat!("SELECT ", package_columns!(), " FROM package WHERE id = ?1 AND tenant_id = ?2 AND status <> 'deleted'");
    const ONE_OF_EVERY_TENANT: &str = concat!("SELECT ", package_columns!(), " FROM package WHERE id = ?1 AND status <> 'deleted'");
    let found = match reach {
        Reach::Tenant(tenant_id) => all(connection, ONE, params![id.get(), tenant_id.get()]),
        Reach::EveryTenant => all(connection, ONE_OF_EVERY_TENANT, params![id.get()]),
    };
    Ok(found?.pop())
}

/// Every package in reach that is not deleted, by rising id.
pub(crate) fn packages(connection: &Connection, reach: Reach) -> Result<Vec<Package>, StoreFault> {
    const OF_EVERY_TENANT: &str = concat!("SELECT ", package_columns!(), " FROM package WHERE status <> 'deleted' ORDER BY id");
    match reach {
        Reach::Tenant(tenant_id) => all(connection, OF_TENANT, params![tenant_id.get()]),
        Reach::EveryTenant => all(connection, OF_EVERY_TENANT, []),
    }
}

/// The packages that a reference may mean; which of them it does is the domain's to say.
pub(super) fn packages_meant(connection: &Connection, tenant_id: TenantId, reference: &PackageRef) -> Result<Vec<Package>, StoreFault> {
    const BY_ID: &str = concat!("SELECT ", package_columns!(), " FROM package WHERE id = ?1 AND tenant_id = ?2");
    match reference {
        PackageRef::Id(id) => all(connection, BY_ID, params![id.get(), tenant_id.get()]),
        PackageRef::Identifier(identifier) => all(connection, BY_IDENTIFIER, params![tenant_id.get(), identifier.as_str()]),
    }
}

/// The packages of a provider that are not deleted.
pub(super) fn packages_of(connection: &Connection, tenant_id: TenantId, provider_id: AccountId) -> Result<Vec<Package>, StoreFault> {
    all(connection, OF_PROVIDER, params![tenant_id.get(), provider_id.get()])
}

/// How many accounts that are not deleted have a package, as far as anybody wants to know.
pub(super) fn live_holders(connection: &Connection, tenant_id: TenantId, id: PackageId) -> Result<u64, StoreFault> {
    let mut count = connection.prepare_cached(LIVE_HOLDERS).map_err(|error| statement(&error))?;
    let count: i64 =
        count.query_row(params![tenant_id.get(), id.get(), COUNTED_MAX], |row| row.get(0)).map_err(|error| statement(&error))?;
    Ok(count.unsigned_abs())
}

fn all(connection: &Connection, sql: &str, parameters: impl Params) -> Result<Vec<Package>, StoreFault> {
    let mut query = connection.prepare_cached(sql).map_err(|error| statement(&error))?;
    let mut rows = query.query(parameters).map_err(|error| statement(&error))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(|error| statement(&error))? {
        found.push(row::package(row)?);
    }
    Ok(found)
}

/// Writes new and changed packages.
pub(super) fn save_packages(connection: &Connection, packages: &[Package]) -> rusqlite::Result<()> {
    const UPSERT: &str = "INSERT INTO package (id, tenant_id, path, provider_id, channel, name, identifier, quantity, status, created_at, updated_at) \
                          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (id) DO UPDATE SET name = excluded.name, \
                          identifier = excluded.identifier, quantity = excluded.quantity, status = excluded.status, \
                          updated_at = excluded.updated_at";
    for package in packages {
        connection.prepare_cached(UPSERT)?.execute(params![
            package.id.get(),
            package.tenant_id.get(),
            ancestors_text(&package.path),
            package.provider_id().get(),
            package.channel.as_str(),
            package.name.as_str(),
            package.identifier.as_ref().map(|identifier| identifier.as_str()),
            package.quantity.get(),
            package.status.as_str(),
            package.created_at.micros(),
            package.updated_at.micros(),
        ])?;
    }
    if let Some(next) = packages.iter().map(|package| package.id).max().and_then(PackageId::next) {
        // A changed package is an older one: the number never goes back.
        connection.prepare_cached("UPDATE sequence SET next = max(next, ?1) WHERE name = 'package'")?.execute([next.get()])?;
    }
    Ok(())
}

/// Notes which packages an account has.
pub(super) fn save_holder(connection: &Connection, before: Option<&Account>, after: &Account) -> rusqlite::Result<()> {
    let (id, tenant_id) = (after.id.get(), after.tenant_id.get());
    for package_id in before.iter().flat_map(|before| before.allotments.package_ids()) {
        const DELETE: &str = "DELETE FROM package_holder WHERE tenant_id = ?1 AND package_id = ?2 AND account_id = ?3";
        connection.prepare_cached(DELETE)?.execute(params![tenant_id, package_id.get(), id])?;
    }
    for package_id in after.allotments.package_ids() {
        const INSERT: &str = "INSERT INTO package_holder (tenant_id, package_id, account_id) VALUES (?1, ?2, ?3)";
        connection.prepare_cached(INSERT)?.execute(params![tenant_id, package_id.get(), id])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::migrations::newest_schema;
    use super::*;

    /// Each of these runs inside a call, some on the writing lane: none may grow with other providers' packages or customers.
    #[test]
    fn every_statement_walks_an_index() {
        let connection = newest_schema();
        for (sql, indexes) in [
            (OF_TENANT, &["INDEX package_by_tenant (tenant_id=?)"][..]),
            (OF_PROVIDER, &["INDEX package_by_provider (tenant_id=? AND provider_id=?)"]),
            (BY_IDENTIFIER, &["INDEX package_identifier (tenant_id=? AND identifier=?)"]),
            (LIVE_HOLDERS, &["SEARCH h USING PRIMARY KEY (tenant_id=? AND package_id=?)", "SEARCH a USING INTEGER PRIMARY KEY (rowid=?)"]),
        ] {
            let mut explained = connection.prepare(&["EXPLAIN QUERY PLAN ", sql].concat()).unwrap();
            let nothing = vec![1; explained.parameter_count()];
            let plan: Vec<String> =
                explained.query_map(rusqlite::params_from_iter(nothing), |row| row.get(3)).unwrap().map(Result::unwrap).collect();
            for index in indexes {
                assert!(plan.iter().any(|line| line.contains(index)), "{sql}: {plan:#?}");
            }
            assert!(!plan.iter().any(|line| line.starts_with("SCAN ") && !line.contains('(')), "{sql}: {plan:#?}");
            assert!(!plan.iter().any(|line| line.contains("TEMP B-TREE")), "sorted by hand: {plan:#?}");
        }
    }
}
