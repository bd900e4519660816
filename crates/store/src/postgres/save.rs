//! Saving what a batch came to: one statement for each kind of row, and the commit, in one round, however many rows there are.

use std::collections::BTreeMap;

use serde::Serialize;
use tenantry_domain::AccountChange;
use tenantry_domain::account::custom_fields::IndexedValue;
use tenantry_domain::decision::Erased;
use tenantry_domain::event::Event;
use tenantry_domain::idempotency::IdempotentAnswer;
use tenantry_domain::key::Key;
use tenantry_domain::package::Package;
use tenantry_domain::quota::QuotaEntry;
use tenantry_domain::search::{is_named_alike, is_searched_alike, name_folded, search_text};
use tenantry_domain::{Account, AccountId, Changes, TenantId};

use super::session::{Ask, Session, Values, values};
use super::statements::{
    DELETE_HOLD_ENDS, DELETE_HOLDERS, DELETE_TWINS, DELETE_VALUES, ERASE_EVENTS, ERASE_IDEMPOTENT_ANSWERS, ERASE_KEYS, ERASE_QUOTA_ENTRIES,
    FORGET_IDEMPOTENT_ANSWERS, INSERT_ACCOUNTS, INSERT_EVENTS, INSERT_HOLDERS, INSERT_IDEMPOTENT_ANSWERS, INSERT_LINEAGE,
    INSERT_QUOTA_ENTRIES, INSERT_TWINS, INSERT_VALUES, SET_HOLD_ENDS, UPDATE_ACCOUNTS, UPDATE_PROFILES, UPSERT_KEYS, UPSERT_PACKAGES,
};
use crate::row::{acquires, ancestors_text, forgotten_at_most, same_life};
use crate::{StoreFault, twins};

/// Writes every change and commits, in one round.
pub(super) async fn save(session: &mut Session, tenant_id: TenantId, changes: &Changes) -> Result<(), StoreFault> {
    let tenants = by_tenant(changes);
    let mut asks = Vec::new();
    for (tenant_id, of) in &tenants {
        of.asks(*tenant_id, &mut asks)?;
    }
    // A provider below the operator is a new tenant.
    let others = (!tenants.keys().eq([&tenant_id])).then(|| {
        let numbers: Vec<String> = tenants.keys().map(|tenant_id| tenant_id.get().to_string()).collect();
        format!("{{{}}}", numbers.join(","))
    });
    session.finish(others.as_deref(), &asks).await
}

/// An account before and after.
type Pair<'a> = (&'a Account, &'a Account);

/// The changes of one tenant.
#[derive(Default)]
struct OfTenant<'a> {
    added: Vec<&'a Account>,
    changed: Vec<Pair<'a>>,
    keys: Vec<&'a Key>,
    packages: BTreeMap<i64, &'a Package>,
    quota_entries: Vec<&'a QuotaEntry>,
    events: Vec<&'a Event>,
    answers: Vec<&'a IdempotentAnswer>,
    erased: Vec<&'a Erased>,
}

fn by_tenant(changes: &Changes) -> BTreeMap<TenantId, OfTenant<'_>> {
    let mut tenants: BTreeMap<TenantId, OfTenant<'_>> = BTreeMap::new();
    for AccountChange { before, after } in changes.accounts.values() {
        let of = tenants.entry(after.tenant_id).or_default();
        match before {
            None => of.added.push(after),
            Some(before) => of.changed.push((before, after)),
        }
    }
    for key in &changes.keys {
        let keys = &mut tenants.entry(key.tenant_id).or_default().keys;
        // One statement puts each key in place once: the last state of it.
        keys.retain(|earlier| (earlier.account_id, earlier.scheme, &earlier.public) != (key.account_id, key.scheme, &key.public));
        keys.push(key);
    }
    for package in &changes.packages {
        tenants.entry(package.tenant_id).or_default().packages.insert(package.id.get(), package);
    }
    for entry in &changes.quota_entries {
        tenants.entry(entry.tenant_id).or_default().quota_entries.push(entry);
    }
    for event in &changes.events {
        tenants.entry(event.tenant_id).or_default().events.push(event);
    }
    for erased in &changes.erased {
        tenants.entry(erased.tenant_id).or_default().erased.push(erased);
    }
    for answer in &changes.answers {
        tenants.entry(answer.tenant_id).or_default().answers.push(answer);
    }
    tenants
}

impl<'a> OfTenant<'a> {
    /// The statements. Their values are those of the records, and not copies of them.
    fn asks(&self, tenant_id: TenantId, asks: &mut Vec<Ask<'a>>) -> Result<(), StoreFault> {
        let tenant = tenant_id.get();
        if !self.added.is_empty() {
            asks.push(Ask::new(INSERT_ACCOUNTS, self.inserted(tenant)?));
        }
        let (profiles, whole): (Vec<Pair<'a>>, Vec<Pair<'a>>) =
            self.changed.iter().partition(|(before, after)| only_profile(before, after));
        if !profiles.is_empty() {
            asks.push(Ask::new(UPDATE_PROFILES, updated_profiles(tenant, &profiles)?));
        }
        let (last, first): (Vec<Pair<'a>>, Vec<Pair<'a>>) = whole.into_iter().partition(|(before, after)| acquires(Some(before), after));
        for some in [first, last] {
            if !some.is_empty() {
                asks.push(Ask::new(UPDATE_ACCOUNTS, updated(tenant, &some)?));
            }
        }
        let lines = |account: &&Account| {
            let id = account.id.get();
            account
                .ancestors
                .iter()
                .map(|ancestor| ancestor.get())
                .filter(move |ancestor| *ancestor != tenant)
                .map(move |ancestor| (ancestor, id))
                .collect::<Vec<_>>()
        };
        let (ancestors, accounts): (Vec<i64>, Vec<i64>) = self.added.iter().flat_map(lines).unzip();
        if !accounts.is_empty() {
            asks.push(Ask::new(INSERT_LINEAGE, values![tenant, ancestors, accounts]));
        }
        let held = |account: &Account| account.allotments.package_ids().map(|id| (id.get(), account.id.get())).collect::<Vec<_>>();
        let changed = || self.changed.iter().filter(|(before, after)| before.allotments != after.allotments);
        let (packages, accounts): (Vec<i64>, Vec<i64>) = changed().flat_map(|(before, _)| held(before)).unzip();
        if !accounts.is_empty() {
            asks.push(Ask::new(DELETE_HOLDERS, values![tenant, packages, accounts]));
        }
        let now = self.added.iter().copied().chain(changed().map(|(_, after)| *after));
        let (packages, accounts): (Vec<i64>, Vec<i64>) = now.flat_map(held).unzip();
        if !accounts.is_empty() {
            asks.push(Ask::new(INSERT_HOLDERS, values![tenant, packages, accounts]));
        }
        self.hold_ends(tenant, asks);
        self.values(tenant, asks);
        self.twins(tenant, asks);
        if !self.keys.is_empty() {
            asks.push(Ask::new(UPSERT_KEYS, self.keys(tenant)?));
        }
        if !self.packages.is_empty() {
            asks.push(Ask::new(UPSERT_PACKAGES, self.packages(tenant)));
        }
        if !self.quota_entries.is_empty() {
            asks.push(Ask::new(INSERT_QUOTA_ENTRIES, self.quota_entries(tenant)));
        }
        if !self.events.is_empty() {
            asks.push(Ask::new(INSERT_EVENTS, self.events(tenant)?));
        }
        self.erase(tenant, asks);
        self.answers(tenant, asks);
        Ok(())
    }

    /// When the first hold of each account ends by itself, where that changed.
    fn hold_ends(&self, tenant: i64, asks: &mut Vec<Ask<'a>>) {
        let end = |account: &Account| account.first_hold_ends_at().map(|at| at.micros());
        let changed =
            || self.changed.iter().filter(|(before, after)| end(before) != end(after)).map(|(_, after)| (after.id.get(), end(after)));
        let added = self.added.iter().map(|account| (account.id.get(), end(account)));
        let (accounts, ends): (Vec<i64>, Vec<i64>) = added.chain(changed()).filter_map(|(id, end)| Some((id, end?))).unzip();
        if !accounts.is_empty() {
            asks.push(Ask::new(SET_HOLD_ENDS, values![tenant, accounts, ends]));
        }
        let gone: Vec<i64> = changed().filter(|(_, end)| end.is_none()).map(|(id, _)| id).collect();
        if !gone.is_empty() {
            asks.push(Ask::new(DELETE_HOLD_ENDS, values![tenant, gone]));
        }
    }

    /// By which values accounts are listed, where that changed.
    fn values(&self, tenant: i64, asks: &mut Vec<Ask<'a>>) {
        let (mut gone, mut new) = (Vec::new(), Vec::new());
        for account in &self.added {
            new.extend(account.indexed_values().into_iter().map(|value| (account.id.get(), value)));
        }
        for (before, after) in self.changed.iter().filter(|(before, after)| !before.is_indexed_alike(after)) {
            let (was, is) = (before.indexed_values(), after.indexed_values());
            let id = after.id.get();
            gone.extend(was.iter().filter(|value| !is.contains(value)).map(|value| (id, value.clone())));
            new.extend(is.into_iter().filter(|value| !was.contains(value)).map(|value| (id, value)));
        }
        if !gone.is_empty() {
            let (accounts, names, values, _) = columns_of(gone);
            asks.push(Ask::new(DELETE_VALUES, values![tenant, names, values, accounts]));
        }
        if !new.is_empty() {
            let (accounts, names, values, unique) = columns_of(new);
            asks.push(Ask::new(INSERT_VALUES, values![tenant, names, values, accounts, unique]));
        }
    }

    /// What accounts have by which their twins would be found, where that changed.
    fn twins(&self, tenant: i64, asks: &mut Vec<Ask<'a>>) {
        let added = self.added.iter().map(|account| (account.id.get(), twins::changed(None, account)));
        let changed = self.changed.iter().map(|(before, after)| (after.id.get(), twins::changed(Some(before), after)));
        let (mut gone, mut new) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
        for (id, (old_keys, new_keys)) in added.chain(changed) {
            gone.extend(old_keys.into_iter().map(|key| (key, id)));
            new.extend(new_keys.into_iter().map(|key| (key, id)));
        }
        for (sql, (keys, accounts)) in [(DELETE_TWINS, gone), (INSERT_TWINS, new)] {
            if !accounts.is_empty() {
                asks.push(Ask::new(sql, values![tenant, keys, accounts]));
            }
        }
    }

    /// Takes everything personal out of what is kept of accounts beside their records. The answers of the batch itself are saved after it.
    fn erase(&self, tenant: i64, asks: &mut Vec<Ask<'a>>) {
        if self.erased.is_empty() {
            return;
        }
        let all = &self.erased;
        let (accounts, versions) = (column(all, |erased| erased.account_id.get()), column(all, |erased| erased.version));
        for sql in [ERASE_EVENTS, ERASE_QUOTA_ENTRIES] {
            asks.push(Ask::new(sql, values![tenant, accounts.clone(), versions.clone()]));
        }
        for sql in [ERASE_KEYS, ERASE_IDEMPOTENT_ANSWERS] {
            asks.push(Ask::new(sql, values![tenant, accounts.clone()]));
        }
    }

    /// What requests are answered. With each some that are no longer kept are forgotten, so that the table does not grow for ever.
    fn answers(&self, tenant: i64, asks: &mut Vec<Ask<'a>>) {
        let Some(now) = self.answers.iter().map(|answer| answer.kept_since().micros()).max() else { return };
        let all = &self.answers;
        asks.push(Ask::new(
            INSERT_IDEMPOTENT_ANSWERS,
            values![
                tenant,
                column(all, |answer| &answer.request.key[..]),
                column(all, |answer| &answer.request.fingerprint[..]),
                column(all, |answer| answer.account_id.get()),
                column(all, |answer| &answer.answer[..]),
                column(all, |answer| answer.expires_at.micros()),
                now,
            ],
        ));
        asks.push(Ask::new(FORGET_IDEMPOTENT_ANSWERS, values![tenant, now, forgotten_at_most(all.len())]));
    }

    fn inserted(&self, tenant: i64) -> Result<Values<'a>, StoreFault> {
        let all = &self.added;
        Ok(values![
            tenant,
            column(all, |account| account.id.get()),
            column(all, |account| account.parent_id.map(AccountId::get)),
            column(all, |account| ancestors_text(&account.ancestors)),
            column(all, |account| account.kind.as_str()),
            column(all, external_id),
            column(all, |account| account.hash.as_str()),
            column(all, email),
            column(all, email_folded),
            column(all, password_hash),
            column(all, call_in_pin),
            column(all, |account| account.status.as_str()),
            try_column(all, |account| json(&account.holds))?,
            column(all, |account| account.activated_at.map(|at| at.micros())),
            column(all, |account| account.ended_at.map(|at| at.micros())),
            column(all, |account| account.created_at.micros()),
            column(all, |account| account.updated_at.micros()),
            column(all, |account| account.version),
            try_column(all, |account| json(&account.profile))?,
            try_column(all, |account| json(&account.allotments))?,
            column(all, |account| name_folded(&account.profile)),
            column(all, search_text),
        ])
    }

    fn keys(&self, tenant: i64) -> Result<Values<'a>, StoreFault> {
        let all = &self.keys;
        Ok(values![
            tenant,
            column(all, |key| key.account_id.get()),
            column(all, |key| key.scheme.as_str()),
            column(all, |key| key.public.as_str()),
            column(all, |key| &key.verifier.0[..]),
            column(all, |key| key.label.as_ref().map(|label| label.as_str())),
            column(all, |key| key.scopes.to_string()),
            try_column(all, |key| json(&key.allow))?,
            column(all, |key| key.rate_per_minute.map(i64::from)),
            column(all, |key| key.created_at.micros()),
            column(all, |key| key.expires_at.map(|at| at.micros())),
            column(all, |key| key.revoked_at.map(|at| at.micros())),
        ])
    }

    fn packages(&self, tenant: i64) -> Values<'a> {
        let all: Vec<&Package> = self.packages.values().copied().collect();
        values![
            tenant,
            column(&all, |package| package.id.get()),
            column(&all, |package| ancestors_text(&package.path)),
            column(&all, |package| package.provider_id().get()),
            column(&all, |package| package.channel.as_str()),
            column(&all, |package| package.name.as_str()),
            column(&all, |package| package.identifier.as_ref().map(|identifier| identifier.as_str())),
            column(&all, |package| package.quantity.get()),
            column(&all, |package| package.status.as_str()),
            column(&all, |package| package.created_at.micros()),
            column(&all, |package| package.updated_at.micros()),
        ]
    }

    fn quota_entries(&self, tenant: i64) -> Values<'a> {
        let all = &self.quota_entries;
        values![
            tenant,
            column(all, |entry| entry.account_id.get()),
            column(all, |entry| entry.version),
            column(all, |entry| entry.channel.as_str()),
            column(all, |entry| entry.kind.as_str()),
            column(all, |entry| entry.amount),
            column(all, |entry| entry.balance.get()),
            column(all, |entry| entry.reason.as_str()),
            column(all, |entry| entry.idempotency_key.as_ref().map(|key| key.as_str())),
            column(all, |entry| entry.at.micros()),
        ]
    }

    fn events(&self, tenant: i64) -> Result<Values<'a>, StoreFault> {
        let all = &self.events;
        Ok(values![
            tenant,
            column(all, |event| event.account_id.get()),
            column(all, |event| event.version),
            column(all, |event| event.name.as_str()),
            column(all, |event| event.at.micros()),
            column(all, |event| event.actor_id.get()),
            column(all, |event| event.credential.as_deref()),
            column(all, |event| event.peer.map(|peer| peer.to_string())),
            column(all, |event| event.claimed.as_ref().map(|claimed| claimed.as_str())),
            column(all, |event| event.dialect.as_str()),
            column(all, |event| event.request_id.as_str()),
            try_column(all, |event| json(&event.changes))?,
        ])
    }
}

/// Whether nothing differs but the profile, and what every change changes.
fn only_profile(before: &Account, after: &Account) -> bool {
    same_life(before, after) && before.allotments == after.allotments && is_named_alike(before, after) && is_searched_alike(before, after)
}

fn updated_profiles<'a>(tenant: i64, both: &[Pair<'a>]) -> Result<Values<'a>, StoreFault> {
    Ok(values![
        tenant,
        column(both, |(_, after)| after.id.get()),
        column(both, |(before, _)| before.version),
        column(both, |(_, after)| after.updated_at.micros()),
        column(both, |(_, after)| after.version),
        try_column(both, |(_, after)| json(&after.profile))?,
    ])
}

fn updated<'a>(tenant: i64, both: &[Pair<'a>]) -> Result<Values<'a>, StoreFault> {
    let all: Vec<&Account> = both.iter().map(|(_, after)| *after).collect();
    Ok(values![
        tenant,
        column(&all, |account| account.id.get()),
        column(both, |(before, _)| before.version),
        column(&all, external_id),
        column(&all, email),
        column(&all, email_folded),
        column(&all, password_hash),
        column(&all, call_in_pin),
        column(&all, |account| account.status.as_str()),
        try_column(&all, |account| json(&account.holds))?,
        column(&all, |account| account.activated_at.map(|at| at.micros())),
        column(&all, |account| account.ended_at.map(|at| at.micros())),
        column(&all, |account| account.updated_at.micros()),
        column(&all, |account| account.version),
        try_column(&all, |account| json(&account.profile))?,
        try_column(&all, |account| json(&account.allotments))?,
        // What stays is not sent: most edits touch neither.
        column(both, |(before, after)| (!is_named_alike(before, after)).then(|| name_folded(&after.profile))),
        column(both, |(before, after)| (!is_searched_alike(before, after)).then(|| search_text(after))),
    ])
}

/// Values of accounts, column by column.
fn columns_of(rows: Vec<(i64, IndexedValue)>) -> (Vec<i64>, Vec<String>, Vec<String>, Vec<i64>) {
    let (mut accounts, mut names, mut values, mut unique) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (account, row) in rows {
        accounts.push(account);
        names.push(row.name);
        values.push(row.value);
        unique.push(i64::from(row.unique));
    }
    (accounts, names, values, unique)
}

fn external_id(account: &Account) -> Option<&str> {
    account.external_id.as_ref().map(|id| id.as_str())
}

fn email(account: &Account) -> Option<&str> {
    account.email.as_ref().map(|email| email.as_str())
}

fn email_folded(account: &Account) -> Option<String> {
    account.email.as_ref().map(|email| email.folded())
}

fn password_hash(account: &Account) -> Option<&str> {
    account.password_hash.as_ref().map(|hash| hash.expose())
}

fn call_in_pin(account: &Account) -> Option<&str> {
    account.call_in_pin.as_ref().map(|pin| pin.expose())
}

/// One column of the rows.
fn column<R: Copy, T>(rows: &[R], value: impl Fn(R) -> T) -> Vec<T> {
    rows.iter().copied().map(value).collect()
}

fn try_column<R: Copy, T>(rows: &[R], value: impl Fn(R) -> Result<T, StoreFault>) -> Result<Vec<T>, StoreFault> {
    rows.iter().copied().map(value).collect()
}

fn json(value: &impl Serialize) -> Result<String, StoreFault> {
    serde_json::to_string(value).map_err(|error| StoreFault::Unavailable(error.to_string()))
}
