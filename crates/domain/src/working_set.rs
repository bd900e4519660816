//! The records that a batch of commands names, in memory, and what deciding makes of them. A store fills the set and saves the changes; neither
//! is known here.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use crate::account::{Account, CustomField, Status};
use crate::context::Actor;
use crate::decision::{AccountChange, Decision};
use crate::id::{AccountId, TenantId};
use crate::idempotency::{Digest, IdempotentAnswer};
use crate::key::Key;
use crate::limits::TWINS_MAX;
use crate::package::{Package, PackageId, PackageRef};
use crate::quota::{IdempotencyKey, QuotaEntry};
use crate::refusal::Refusal;
use crate::twin::{Twin, TwinKey, likeness};
use crate::value::{Email, ExternalId};

/// What a command asks of the store beside the accounts that it names: filled in a second step, when the tenants are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lookups {
    /// Who has these e-mail addresses (folded), by tenant.
    pub emails: Vec<(TenantId, String)>,
    /// Who has these external ids, by tenant.
    pub external_ids: Vec<(TenantId, String)>,
    /// The keys of these accounts.
    pub keys_of: Vec<AccountId>,
    /// How many live accounts stand directly below these.
    pub children_of: Vec<AccountId>,
    /// The packages that these references mean, by tenant.
    pub packages: Vec<(TenantId, PackageRef)>,
    /// The packages of these providers.
    pub packages_of: Vec<(TenantId, AccountId)>,
    /// How many live accounts have these packages.
    pub holders_of: Vec<(TenantId, PackageId)>,
    /// The moves of quotas that were made with these keys.
    pub quota_entries: Vec<(TenantId, AccountId, IdempotencyKey)>,
    /// What requests with these keys were answered.
    pub idempotent_answers: Vec<(TenantId, Digest)>,
    /// Who has these values, which may be one account's alone: the name of the index, and the value.
    pub values: Vec<(TenantId, String, String)>,
    /// The top providers of these tenants, who have their settings.
    pub settings_of: Vec<TenantId>,
    /// Who has these things in common with a new customer.
    pub twins: Vec<(TenantId, TwinKey)>,
}

/// The records and facts that a batch's commands decide on.
#[derive(Debug, Default)]
pub struct WorkingSet {
    accounts: HashMap<AccountId, Arc<Account>>,
    email_owners: HashMap<(TenantId, String), AccountId>,
    external_id_owners: HashMap<(TenantId, String), AccountId>,
    value_owners: HashMap<(TenantId, String, String), AccountId>,
    keys: HashMap<AccountId, Vec<Key>>,
    live_children: HashMap<AccountId, u64>,
    account_ids: VecDeque<AccountId>,
    packages: HashMap<PackageId, Package>,
    package_holders: HashMap<PackageId, u64>,
    package_ids: VecDeque<PackageId>,
    quota_entries: HashMap<(AccountId, IdempotencyKey), QuotaEntry>,
    idempotent_answers: HashMap<(TenantId, Digest), IdempotentAnswer>,
    /// Who has what; `None`: no command of the batch asks.
    twins: Option<HashMap<(TenantId, TwinKey), BTreeSet<AccountId>>>,
}

/// How a store fills a set.
impl WorkingSet {
    /// A set in which new accounts and new packages get these ids, one after the other.
    pub fn new(account_ids: impl IntoIterator<Item = AccountId>, package_ids: impl IntoIterator<Item = PackageId>) -> Self {
        Self { account_ids: account_ids.into_iter().collect(), package_ids: package_ids.into_iter().collect(), ..Self::default() }
    }

    /// The ids that nothing got.
    pub fn into_unused_ids(self) -> (VecDeque<AccountId>, VecDeque<PackageId>) {
        (self.account_ids, self.package_ids)
    }

    /// Puts an account in.
    pub fn put_account(&mut self, account: Arc<Account>) {
        self.accounts.insert(account.id, account);
    }

    /// Says which live account has an e-mail address.
    pub fn put_email_owner(&mut self, tenant_id: TenantId, folded: String, owner: AccountId) {
        self.email_owners.insert((tenant_id, folded), owner);
    }

    /// Says which live account has an external id.
    pub fn put_external_id_owner(&mut self, tenant_id: TenantId, external_id: String, owner: AccountId) {
        self.external_id_owners.insert((tenant_id, external_id), owner);
    }

    /// Says which live account has a value that may be one account's alone.
    pub fn put_value_owner(&mut self, tenant_id: TenantId, name: String, value: String, owner: AccountId) {
        self.value_owners.insert((tenant_id, name, value), owner);
    }

    /// Puts an account's keys in.
    pub fn put_keys(&mut self, account_id: AccountId, keys: Vec<Key>) {
        self.keys.insert(account_id, keys);
    }

    /// Says how many live accounts stand directly below one.
    pub fn put_live_children(&mut self, account_id: AccountId, count: u64) {
        self.live_children.insert(account_id, count);
    }

    /// Puts a package in.
    pub fn put_package(&mut self, package: Package) {
        self.packages.insert(package.id, package);
    }

    /// Says how many live accounts have a package.
    pub fn put_package_holders(&mut self, id: PackageId, count: u64) {
        self.package_holders.insert(id, count);
    }

    /// Puts a move of a quota in that has a key.
    pub fn put_quota_entry(&mut self, entry: QuotaEntry) {
        if let Some(key) = &entry.idempotency_key {
            self.quota_entries.insert((entry.account_id, key.clone()), entry);
        }
    }

    /// Puts in what a request was answered.
    pub fn put_idempotent_answer(&mut self, answer: IdempotentAnswer) {
        self.idempotent_answers.insert((answer.tenant_id, answer.request.key), answer);
    }

    /// Says that it is known who has the keys that the commands ask for.
    pub fn know_twins(&mut self) {
        self.twins.get_or_insert_default();
    }

    /// Says that an account has a key, and puts it in, unless the set has it.
    pub fn put_twin(&mut self, key: TwinKey, account: Arc<Account>) {
        self.twins.get_or_insert_default().entry((account.tenant_id, key)).or_default().insert(account.id);
        self.accounts.entry(account.id).or_insert(account);
    }

    /// The id that the next account gets.
    pub fn next_account_id(&self) -> Option<AccountId> {
        self.account_ids.front().copied()
    }
}

/// What decisions ask.
impl WorkingSet {
    /// The account, whoever asks; of one that was merged into another, the survivor.
    pub fn account(&self, id: AccountId) -> Option<&Arc<Account>> {
        let mut account = self.accounts.get(&id)?;
        // It ends: an account is merged into one that is not.
        while let Some(into) = account.profile.merged_into() {
            account = self.accounts.get(&into)?;
        }
        Some(account)
    }

    /// The account itself, whether or not it was merged into another.
    pub fn unresolved(&self, id: AccountId) -> Option<&Arc<Account>> {
        self.accounts.get(&id)
    }

    /// Survivors of merged accounts that the set has not.
    pub fn lacking_survivors(&self) -> Vec<AccountId> {
        let survivors = self.accounts.values().filter_map(|account| account.profile.merged_into());
        survivors.filter(|id| !self.accounts.contains_key(id)).collect()
    }

    /// The account, for one who may act on it.
    ///
    /// # Errors
    /// Not found: there is none, or it is not the actor's. Nobody can tell which.
    pub fn reach(&self, actor: &Actor, id: AccountId) -> Result<Arc<Account>, Refusal> {
        self.account(id).filter(|account| actor.reaches(account)).cloned().ok_or_else(Refusal::not_found)
    }

    pub(crate) fn email_owner(&self, tenant_id: TenantId, email: &Email) -> Option<AccountId> {
        self.email_owners.get(&(tenant_id, email.folded())).copied()
    }

    pub(crate) fn external_id_owner(&self, tenant_id: TenantId, external_id: &ExternalId) -> Option<AccountId> {
        self.external_id_owners.get(&(tenant_id, external_id.as_str().to_owned())).copied()
    }

    pub(crate) fn value_owner(&self, tenant_id: TenantId, name: &str, value: &str) -> Option<AccountId> {
        self.value_owners.get(&(tenant_id, name.to_owned(), value.to_owned())).copied()
    }

    /// The custom fields that a tenant has defined.
    pub(crate) fn custom_fields(&self, tenant_id: TenantId) -> &[CustomField] {
        self.accounts.get(&tenant_id.provider_id()).map_or(&[], |provider| &provider.profile.settings.custom_fields)
    }

    /// Likely twins of a record, for one who may see them, in rising order.
    pub(crate) fn twins(&self, record: &Account, actor: &Actor) -> Vec<Twin> {
        let Some(twins) = &self.twins else { return Vec::new() };
        let having = record.twin_keys().into_iter().filter_map(|key| twins.get(&(record.tenant_id, key)));
        let ids: BTreeSet<AccountId> = having.flatten().copied().collect();
        let named = ids.into_iter().filter_map(|id| {
            let account = self.accounts.get(&id).filter(|account| account.id != record.id && actor.reaches(account))?;
            Some(Twin { id, because: likeness(record, account) }).filter(|twin| !twin.because.is_empty())
        });
        named.take(TWINS_MAX).collect()
    }

    pub(crate) fn keys(&self, account_id: AccountId) -> &[Key] {
        self.keys.get(&account_id).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn live_children(&self, account_id: AccountId) -> u64 {
        self.live_children.get(&account_id).copied().unwrap_or(0)
    }

    pub(crate) fn package(&self, id: PackageId) -> Option<&Package> {
        self.packages.get(&id)
    }

    pub(crate) fn packages_of(&self, provider_id: AccountId) -> impl Iterator<Item = &Package> {
        self.packages.values().filter(move |package| package.provider_id() == provider_id)
    }

    pub(crate) fn packages_named(&self, reference: &PackageRef) -> impl Iterator<Item = &Package> {
        self.packages.values().filter(move |package| match reference {
            PackageRef::Id(id) => package.id == *id,
            PackageRef::Identifier(identifier) => package.identifier.as_ref() == Some(identifier),
        })
    }

    pub(crate) fn package_holders(&self, id: PackageId) -> u64 {
        self.package_holders.get(&id).copied().unwrap_or(0)
    }

    /// The id that the next package gets.
    pub(crate) fn next_package_id(&self) -> Option<PackageId> {
        self.package_ids.front().copied()
    }

    pub(crate) fn quota_entry(&self, account_id: AccountId, key: &IdempotencyKey) -> Option<&QuotaEntry> {
        self.quota_entries.get(&(account_id, key.clone()))
    }

    pub(crate) fn idempotent_answer(&self, tenant_id: TenantId, key: &Digest) -> Option<&IdempotentAnswer> {
        self.idempotent_answers.get(&(tenant_id, *key))
    }

    /// Takes a decision in, so that the next command of the batch sees it.
    pub fn apply(&mut self, decision: &Decision) {
        for change in &decision.accounts {
            self.apply_account(change);
        }
        for key in &decision.keys {
            let keys = self.keys.entry(key.account_id).or_default();
            match keys.iter_mut().find(|present| present.scheme == key.scheme && present.public == key.public) {
                Some(present) => present.clone_from(key),
                None => keys.push(key.clone()),
            }
        }
        for package in &decision.packages {
            if Some(package.id) == self.next_package_id() {
                self.package_ids.pop_front();
            }
            self.put_package(package.clone());
        }
        for entry in &decision.quota_entries {
            self.put_quota_entry(entry.clone());
        }
        for answer in &decision.answers {
            self.put_idempotent_answer(answer.clone());
        }
    }

    fn apply_account(&mut self, change: &AccountChange) {
        let live = |account: &Account| account.status != Status::Deleted;
        if let Some(before) = change.before.as_deref().filter(|before| live(before)) {
            if let Some(email) = &before.email {
                self.email_owners.remove(&(before.tenant_id, email.folded()));
            }
            if let Some(external_id) = &before.external_id {
                self.external_id_owners.remove(&(before.tenant_id, external_id.as_str().to_owned()));
            }
            for unique in before.indexed_values().into_iter().filter(|value| value.unique) {
                self.value_owners.remove(&(before.tenant_id, unique.name, unique.value));
            }
            self.count_child(before, u64::wrapping_sub);
            self.count_holder(before, u64::wrapping_sub);
        }
        let after = &change.after;
        if live(after) {
            if let Some(email) = &after.email {
                self.email_owners.insert((after.tenant_id, email.folded()), after.id);
            }
            if let Some(external_id) = &after.external_id {
                self.external_id_owners.insert((after.tenant_id, external_id.as_str().to_owned()), after.id);
            }
            for unique in after.indexed_values().into_iter().filter(|value| value.unique) {
                self.value_owners.insert((after.tenant_id, unique.name, unique.value), after.id);
            }
            self.count_child(after, u64::wrapping_add);
            self.count_holder(after, u64::wrapping_add);
        }
        if let Some(twins) = &mut self.twins {
            for key in change.before.iter().flat_map(|before| before.twin_keys()) {
                twins.entry((after.tenant_id, key)).or_default().remove(&after.id);
            }
            for key in after.twin_keys() {
                twins.entry((after.tenant_id, key)).or_default().insert(after.id);
            }
        }
        if change.before.is_none() {
            // Nobody can stand below it yet; those that the batch adds are counted.
            self.live_children.insert(after.id, 0);
        }
        if change.before.is_none() && Some(after.id) == self.next_account_id() {
            self.account_ids.pop_front();
        }
        self.accounts.insert(after.id, Arc::clone(after));
    }

    /// Counts a holder of packages in or out where the set knows their number.
    fn count_holder(&mut self, account: &Account, step: fn(u64, u64) -> u64) {
        for id in account.allotments.package_ids() {
            if let Some(count) = self.package_holders.get_mut(&id) {
                *count = step(*count, 1);
            }
        }
    }

    /// Counts a child in or out where the set knows the number; where it does not, no command of the batch asks.
    fn count_child(&mut self, child: &Account, step: fn(u64, u64) -> u64) {
        if let Some(count) = child.parent_id.and_then(|parent| self.live_children.get_mut(&parent)) {
            *count = step(*count, 1);
        }
    }
}
