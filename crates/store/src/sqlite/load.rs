//! Loading what a batch of commands names.

use std::collections::HashSet;
use std::iter::successors;

use rusqlite::{Connection, OptionalExtension, params};
use tenantry_domain::package::PackageId;
use tenantry_domain::{AccountId, Command, Lookups, TenantId, WorkingSet};

use super::answers::idempotent_answer;
use super::error::statement;
use super::packages::{live_holders, packages_meant, packages_of};
use super::quotas::quota_entry;
use super::reads::{account, keys};
use super::twins::load_twins;
use super::values::value_owner;
use crate::batch::Asked;
use crate::records::Records;
use crate::{Reach, StoreFault};

/// How far is counted what must not be there: that there is some is what decides, and a batch of 256 commands must not count a tenant's customers 256 times.
/// More than a batch can take away.
pub(super) const COUNTED_MAX: i64 = 1_000;

/// The records and facts that the commands decide on: first the accounts they name, then what follows from those accounts' tenants.
pub(crate) fn load(connection: &Connection, records: &Records, commands: &[Asked<'_>]) -> Result<WorkingSet, StoreFault> {
    let (next_account, next_package) = next(connection)?;
    let count = |adds: fn(&Command) -> bool| commands.iter().filter(|(command, _)| adds(command)).count();
    let account_ids = successors(AccountId::try_from(next_account).ok(), |id| id.next()).take(count(Command::adds_account));
    let package_ids = successors(PackageId::try_from(next_package).ok(), |id| id.next()).take(count(Command::adds_package));
    let mut set = WorkingSet::new(account_ids, package_ids);
    for (command, _) in commands {
        put_account(connection, records, command.account_id(), &mut set)?;
        command.other_account_id().map_or(Ok(()), |id| put_account(connection, records, id, &mut set))?;
    }
    let mut loaded = Loaded::default();
    for (command, context) in commands {
        let lookups = command.lookups(&set, context);
        look_up(connection, &lookups, &mut loaded, &mut set)?;
        for id in lookups.settings_of.iter().map(|tenant_id| tenant_id.provider_id()) {
            put_account(connection, records, id, &mut set)?;
        }
    }
    Ok(set)
}

/// Puts an account in that is not in yet. The tenant is not known before the account is: the decision itself checks who may reach it.
fn put_account(connection: &Connection, records: &Records, id: AccountId, set: &mut WorkingSet) -> Result<(), StoreFault> {
    let mut next = Some(id);
    while let Some(id) = next {
        if set.unresolved(id).is_none() {
            let account = match records.get(id) {
                Some(account) => Some(account),
                None => account(connection, Reach::EveryTenant, id)?,
            };
            account.into_iter().for_each(|account| set.put_account(account));
        }
        // Of one that was merged into another the survivor, too: that is who is meant.
        next = set.unresolved(id).and_then(|account| account.profile.merged_into());
    }
    Ok(())
}

/// What was loaded for an earlier command of the batch.
#[derive(Default)]
struct Loaded {
    packages_of: HashSet<AccountId>,
    holders_of: HashSet<PackageId>,
}

fn look_up(connection: &Connection, lookups: &Lookups, loaded: &mut Loaded, set: &mut WorkingSet) -> Result<(), StoreFault> {
    for (tenant_id, folded) in &lookups.emails {
        const OWNER: &str = "SELECT id FROM account WHERE tenant_id = ?1 AND email_folded = ?2 AND status <> 'deleted'";
        if let Some(owner) = owner(connection, OWNER, *tenant_id, folded)? {
            set.put_email_owner(*tenant_id, folded.clone(), owner);
        }
    }
    for (tenant_id, external_id) in &lookups.external_ids {
        const OWNER: &str = "SELECT id FROM account WHERE tenant_id = ?1 AND external_id = ?2 AND status <> 'deleted'";
        if let Some(owner) = owner(connection, OWNER, *tenant_id, external_id)? {
            set.put_external_id_owner(*tenant_id, external_id.clone(), owner);
        }
    }
    for (tenant_id, name, value) in &lookups.values {
        if let Some(owner) = value_owner(connection, *tenant_id, name, value)? {
            set.put_value_owner(*tenant_id, name.clone(), value.clone(), owner);
        }
    }
    for (tenant_id, reference) in &lookups.packages {
        packages_meant(connection, *tenant_id, reference)?.into_iter().for_each(|package| set.put_package(package));
    }
    for (tenant_id, provider_id) in lookups.packages_of.iter().filter(|(_, id)| loaded.packages_of.insert(*id)) {
        packages_of(connection, *tenant_id, *provider_id)?.into_iter().for_each(|package| set.put_package(package));
    }
    for (tenant_id, id) in lookups.holders_of.iter().filter(|(_, id)| loaded.holders_of.insert(*id)) {
        set.put_package_holders(*id, live_holders(connection, *tenant_id, *id)?);
    }
    for (tenant_id, account_id, key) in &lookups.quota_entries {
        quota_entry(connection, *tenant_id, *account_id, key)?.into_iter().for_each(|entry| set.put_quota_entry(entry));
    }
    for (tenant_id, key) in &lookups.idempotent_answers {
        idempotent_answer(connection, *tenant_id, key)?.into_iter().for_each(|answer| set.put_idempotent_answer(answer));
    }
    for (tenant_id, key) in &lookups.twins {
        load_twins(connection, *tenant_id, key, set)?;
    }
    for account_id in &lookups.keys_of {
        set.put_keys(*account_id, keys(connection, Some(*account_id))?);
    }
    for account_id in &lookups.children_of {
        if let Some(account) = set.account(*account_id) {
            let count = live_children(connection, account.tenant_id, *account_id)?;
            set.put_live_children(*account_id, count);
        }
    }
    Ok(())
}

/// The ids that the next account and the next package get.
fn next(connection: &Connection) -> Result<(i64, i64), StoreFault> {
    const NEXT: &str = "SELECT (SELECT next FROM sequence WHERE name = 'account'), (SELECT next FROM sequence WHERE name = 'package')";
    let mut next = connection.prepare_cached(NEXT).map_err(|error| statement(&error))?;
    next.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(|error| statement(&error))
}

fn owner(connection: &Connection, sql: &str, tenant_id: TenantId, text: &str) -> Result<Option<AccountId>, StoreFault> {
    let mut query = connection.prepare_cached(sql).map_err(|error| statement(&error))?;
    let id: Option<i64> =
        query.query_row(params![tenant_id.get(), text], |row| row.get(0)).optional().map_err(|error| statement(&error))?;
    Ok(id.and_then(|id| AccountId::try_from(id).ok()))
}

fn live_children(connection: &Connection, tenant_id: TenantId, parent_id: AccountId) -> Result<u64, StoreFault> {
    const COUNT: &str =
        "SELECT count(*) FROM (SELECT 1 FROM account WHERE tenant_id = ?1 AND parent_id = ?2 AND status <> 'deleted' LIMIT ?3)";
    let mut query = connection.prepare_cached(COUNT).map_err(|error| statement(&error))?;
    let bound = params![tenant_id.get(), parent_id.get(), COUNTED_MAX];
    let count: i64 = query.query_row(bound, |row| row.get(0)).map_err(|error| statement(&error))?;
    Ok(count.unsigned_abs())
}
