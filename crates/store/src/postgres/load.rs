//! Loading what a batch of one tenant's commands names: at most three rounds, however many commands there are.

use std::collections::{BTreeSet, HashMap};

use tenantry_domain::key::Key;
use tenantry_domain::limits::TWINS_MAX;
use tenantry_domain::package::{PackageId, PackageRef};
use tenantry_domain::{AccountId, Command, Lookups, TenantId, WorkingSet};
use tokio_postgres::Row;

use super::ids::{Given, Ids};
use super::reader::PLAIN;
use super::session::{Ask, Mode, Session, values};
use super::statements::{
    ACCOUNTS, ACCOUNTS_LOCKED, ACCOUNTS_TO_STAND_BELOW, EMAIL_OWNERS, EXTERNAL_ID_OWNERS, IDEMPOTENT_ANSWERS, KEYS_OF, LIVE_CHILDREN,
    LIVE_HOLDERS, NEXT_ACCOUNT_IDS, NEXT_PACKAGE_IDS, PACKAGES_BY_ID, PACKAGES_BY_IDENTIFIER, PACKAGES_OF, QUOTA_ENTRIES_BY_KEY, TWINS,
    VALUE_OWNERS,
};
use crate::batch::Asked;
use crate::twins::stored;
use crate::{Reach, StoreFault, row};

/// How far is counted what must not be there: that there is some is what decides. More than a batch can take away.
const COUNTED_MAX: i64 = 1_000;

/// Why a batch is loaded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To be changed, if nobody else changes it meanwhile: that is looked at when it is saved. Only what stands below it, and what it stands on, is locked.
    Write,
    /// To be changed after somebody else was first: nobody changes it until the commit.
    WriteLocked,
    /// To see what a command would come to.
    Rehearse,
}

/// Begins a transaction and loads everything that the commands name. All of them are of this tenant.
pub(super) async fn load(
    session: &mut Session,
    tenant_id: TenantId,
    commands: &[Asked<'_>],
    ids: &Ids,
    purpose: Purpose,
) -> Result<WorkingSet, StoreFault> {
    let (mut set, mut lookups) = accounts(session, tenant_id, commands, ids, purpose).await?;
    let knows_settings = set.account(tenant_id.provider_id()).is_some();
    if knows_settings {
        lookups.settings_of.clear();
    }
    if !lookups.twins.is_empty() {
        set.know_twins();
    }
    let (asks, kinds) = asks(tenant_id, &lookups, purpose);
    let found = session.ask(&asks).await?;
    let mut keys: HashMap<AccountId, Vec<Key>> = HashMap::new();
    for (kind, rows) in kinds.into_iter().zip(found) {
        for found in &rows {
            match kind {
                Found::Key => {
                    let key = row::key(found)?;
                    keys.entry(key.account_id).or_default().push(key);
                }
                Found::Twin => put_twin(found, &lookups, &mut set)?,
                other => other.put(found, tenant_id, &mut set)?,
            }
        }
    }
    keys.into_iter().for_each(|(account_id, keys)| set.put_keys(account_id, keys));
    // In a round of its own: holders are counted after the lock on their package was waited for, not as they stood before.
    if !lookups.holders_of.is_empty() {
        let packages = numbers(lookups.holders_of.iter().map(|(_, id)| id.get()));
        let counted = session.ask(&[Ask::new(LIVE_HOLDERS, values![tenant_id.get(), packages, COUNTED_MAX])]).await?;
        for row in counted.iter().flatten() {
            let id = PackageId::try_from(get(row, 0)?).map_err(|error| StoreFault::Corrupt(error.to_string()))?;
            set.put_package_holders(id, get(row, 1)?.unsigned_abs());
        }
    }
    Ok(set)
}

/// The first round: the accounts that the commands name, and the ids of those that they make.
async fn accounts(
    session: &mut Session,
    tenant_id: TenantId,
    commands: &[Asked<'_>],
    ids: &Ids,
    purpose: Purpose,
) -> Result<(WorkingSet, Lookups), StoreFault> {
    let writes = purpose != Purpose::Rehearse;
    let count = |adds: fn(&Command) -> bool| commands.iter().filter(|(command, _)| adds(command)).count();
    let mut given = if writes { ids.take(count(Command::adds_account), count(Command::adds_package)) } else { Given::rehearsed() };
    let of = |which: &dyn Fn(&Command) -> bool| {
        let named = commands.iter().filter(|(command, _)| which(command)).map(|(command, _)| command);
        numbers(named.flat_map(|command| [Some(command.account_id()), command.other_account_id()]).flatten().map(AccountId::get))
    };
    // Nobody is put below an account while it is found out whether anybody stands there.
    let locked = of(&|command| purpose == Purpose::WriteLocked || command.may_delete_account());
    let mut parents = of(&Command::adds_account);
    parents.retain(|id| locked.binary_search(id).is_err());
    let mut changed = of(&|_| true);
    changed.retain(|id| locked.binary_search(id).is_err() && parents.binary_search(id).is_err());
    let mut asks = Vec::new();
    for (sql, lacking) in [(NEXT_ACCOUNT_IDS, given.accounts_lacking), (NEXT_PACKAGE_IDS, given.packages_lacking)] {
        if lacking > 0 {
            asks.push(Ask::new(sql, values![i64::try_from(lacking).unwrap_or(i64::MAX)]));
        }
    }
    let fetched = asks.len();
    for (sql, ids) in [(ACCOUNTS_LOCKED, locked), (ACCOUNTS_TO_STAND_BELOW, parents), (ACCOUNTS, changed)] {
        if !ids.is_empty() {
            asks.push(Ask::new(if writes { sql } else { ACCOUNTS }, values![tenant_id.get(), ids]));
        }
    }
    let reach = Reach::Tenant(tenant_id);
    let mode: &Mode = if writes { &["ISOLATION LEVEL READ COMMITTED"] } else { PLAIN };
    let found = match session.begin(reach, mode, &asks).await {
        Ok(found) => found,
        Err(fault) => {
            ids.give_back(given.accounts, given.packages);
            return Err(fault);
        }
    };
    let (numbers, accounts) = found.split_at(fetched);
    let mut numbers = numbers.iter();
    if given.accounts_lacking > 0 {
        given.accounts.extend(numbers.next().into_iter().flatten().filter_map(|row| AccountId::try_from(get(row, 0).ok()?).ok()));
    }
    if given.packages_lacking > 0 {
        given.packages.extend(numbers.next().into_iter().flatten().filter_map(|row| PackageId::try_from(get(row, 0).ok()?).ok()));
    }
    let mut set = WorkingSet::new(given.accounts, given.packages);
    for row in accounts.iter().flatten() {
        set.put_account(row::account(row)?);
    }
    // Of those that were merged into others the survivors, too: these are meant.
    loop {
        let lacking: BTreeSet<i64> = set.lacking_survivors().into_iter().map(AccountId::get).collect();
        let lacking: Vec<i64> = lacking.into_iter().collect();
        if lacking.is_empty() {
            break;
        }
        let sql = if purpose == Purpose::WriteLocked { ACCOUNTS_LOCKED } else { ACCOUNTS };
        let expected = lacking.len();
        let found = session.ask(&[Ask::new(sql, values![tenant_id.get(), lacking])]).await?;
        for row in found.iter().flatten() {
            set.put_account(row::account(row)?);
        }
        if found.iter().flatten().count() < expected {
            return Err(StoreFault::Corrupt("table account: a customer was merged into one that is not there".to_owned()));
        }
    }
    let mut all = Lookups::default();
    for (command, context) in commands {
        merge(&mut all, command.lookups(&set, context));
    }
    Ok((set, all))
}

/// Numbers in rising order, each once: locks are taken in this order.
fn numbers(numbers: impl Iterator<Item = i64>) -> Vec<i64> {
    numbers.collect::<BTreeSet<_>>().into_iter().collect()
}

fn merge(all: &mut Lookups, one: Lookups) {
    all.emails.extend(one.emails);
    all.external_ids.extend(one.external_ids);
    all.keys_of.extend(one.keys_of);
    all.children_of.extend(one.children_of);
    all.packages.extend(one.packages);
    all.packages_of.extend(one.packages_of);
    all.holders_of.extend(one.holders_of);
    all.quota_entries.extend(one.quota_entries);
    all.idempotent_answers.extend(one.idempotent_answers);
    all.values.extend(one.values);
    all.settings_of.extend(one.settings_of);
    all.twins.extend(one.twins);
}

/// What a statement's rows are.
#[derive(Clone, Copy)]
enum Found {
    EmailOwner,
    ExternalIdOwner,
    Package,
    QuotaEntry,
    Key,
    LiveChildren,
    IdempotentAnswer,
    ValueOwner,
    Provider,
    Twin,
}

impl Found {
    fn put(self, found: &Row, tenant_id: TenantId, set: &mut WorkingSet) -> Result<(), StoreFault> {
        let account_id = |index| AccountId::try_from(get(found, index)?).map_err(|error| StoreFault::Corrupt(error.to_string()));
        let text = |index| found.try_get::<_, String>(index).map_err(|error| super::error::statement(&error));
        match self {
            Self::EmailOwner => set.put_email_owner(tenant_id, text(0)?, account_id(1)?),
            Self::ExternalIdOwner => set.put_external_id_owner(tenant_id, text(0)?, account_id(1)?),
            Self::Package => set.put_package(row::package(found)?),
            Self::QuotaEntry => set.put_quota_entry(row::quota_entry(found)?),
            // Put together by account, and by what they have in common, before this is asked.
            Self::Key | Self::Twin => {}
            Self::IdempotentAnswer => set.put_idempotent_answer(row::idempotent_answer(found)?),
            Self::ValueOwner => set.put_value_owner(tenant_id, text(0)?, text(1)?, account_id(2)?),
            Self::Provider => set.put_account(row::account(found)?),
            Self::LiveChildren => set.put_live_children(account_id(0)?, get(found, 1)?.unsigned_abs()),
        }
        Ok(())
    }
}

/// Puts in who has what was asked for.
fn put_twin(found: &Row, lookups: &Lookups, set: &mut WorkingSet) -> Result<(), StoreFault> {
    let kept: String = found.try_get("key").map_err(|error| super::error::statement(&error))?;
    let account = row::account(found)?;
    for (_, key) in lookups.twins.iter().filter(|(_, key)| stored(key) == kept) {
        set.put_twin(key.clone(), std::sync::Arc::clone(&account));
    }
    Ok(())
}

/// The second round: what follows from the accounts.
fn asks(tenant_id: TenantId, lookups: &Lookups, purpose: Purpose) -> (Vec<Ask<'static>>, Vec<Found>) {
    let tenant = tenant_id.get();
    let mut asks = Vec::new();
    let mut kinds = Vec::new();
    let mut ask = |kind, sql: &'static str, values| {
        asks.push(Ask::new(if purpose == Purpose::Rehearse { unlocked(sql) } else { sql }, values));
        kinds.push(kind);
    };
    let texts = |pairs: &[(TenantId, String)]| pairs.iter().map(|(_, text)| text.clone()).collect::<Vec<_>>();
    if !lookups.emails.is_empty() {
        ask(Found::EmailOwner, EMAIL_OWNERS, values![tenant, texts(&lookups.emails)]);
    }
    if !lookups.external_ids.is_empty() {
        ask(Found::ExternalIdOwner, EXTERNAL_ID_OWNERS, values![tenant, texts(&lookups.external_ids)]);
    }
    if !lookups.values.is_empty() {
        let (names, values): (Vec<String>, Vec<String>) =
            lookups.values.iter().map(|(_, name, value)| (name.clone(), value.clone())).unzip();
        ask(Found::ValueOwner, VALUE_OWNERS, values![tenant, names, values]);
    }
    if !lookups.settings_of.is_empty() {
        ask(Found::Provider, ACCOUNTS, values![tenant, vec![tenant]]);
    }
    let (mut by_id, mut by_identifier) = (Vec::new(), Vec::new());
    for (_, reference) in &lookups.packages {
        match reference {
            PackageRef::Id(id) => by_id.push(id.get()),
            PackageRef::Identifier(identifier) => by_identifier.push(identifier.as_str().to_owned()),
        }
    }
    if !by_id.is_empty() {
        ask(Found::Package, PACKAGES_BY_ID, values![tenant, numbers(by_id.into_iter())]);
    }
    if !by_identifier.is_empty() {
        ask(Found::Package, PACKAGES_BY_IDENTIFIER, values![tenant, by_identifier]);
    }
    if !lookups.packages_of.is_empty() {
        ask(Found::Package, PACKAGES_OF, values![tenant, numbers(lookups.packages_of.iter().map(|(_, id)| id.get()))]);
    }
    if !lookups.quota_entries.is_empty() {
        let accounts: Vec<i64> = lookups.quota_entries.iter().map(|(_, id, _)| id.get()).collect();
        let keys: Vec<String> = lookups.quota_entries.iter().map(|(_, _, key)| key.as_str().to_owned()).collect();
        ask(Found::QuotaEntry, QUOTA_ENTRIES_BY_KEY, values![tenant, accounts, keys]);
    }
    if !lookups.idempotent_answers.is_empty() {
        let keys: Vec<Vec<u8>> = lookups.idempotent_answers.iter().map(|(_, key)| key.to_vec()).collect();
        ask(Found::IdempotentAnswer, IDEMPOTENT_ANSWERS, values![tenant, keys]);
    }
    if !lookups.twins.is_empty() {
        let keys: BTreeSet<String> = lookups.twins.iter().map(|(_, key)| stored(key)).collect();
        ask(Found::Twin, TWINS, values![tenant, keys.into_iter().collect::<Vec<_>>(), TWINS_MAX as i64]);
    }
    if !lookups.keys_of.is_empty() {
        ask(Found::Key, KEYS_OF, values![tenant, numbers(lookups.keys_of.iter().map(|id| id.get()))]);
    }
    if !lookups.children_of.is_empty() {
        ask(Found::LiveChildren, LIVE_CHILDREN, values![tenant, numbers(lookups.children_of.iter().map(|id| id.get())), COUNTED_MAX]);
    }
    (asks, kinds)
}

/// A statement that locks, without its lock.
fn unlocked(sql: &'static str) -> &'static str {
    sql.split(" FOR ").next().unwrap_or(sql)
}

fn get(row: &Row, index: usize) -> Result<i64, StoreFault> {
    row.try_get(index).map_err(|error| super::error::statement(&error))
}
