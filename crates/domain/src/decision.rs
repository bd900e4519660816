//! What a command came to, and what a whole batch of them did: what to save, and what to answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::account::{Account, changes};
use crate::context::Context;
use crate::event::{Event, EventName, FieldChange};
use crate::id::{AccountId, TenantId};
use crate::idempotency::IdempotentAnswer;
use crate::key::Key;
use crate::package::Package;
use crate::quota::{QuotaEntry, entries_of_edit};
use crate::twin::Twin;
use crate::value::Reason;

/// An account before and after.
#[derive(Debug, Clone)]
pub struct AccountChange {
    /// As it was; `None` for a new one.
    pub before: Option<Arc<Account>>,
    /// As it is.
    pub after: Arc<Account>,
}

/// What a command came to: what to save, and what to answer.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The answer.
    pub outcome: Outcome,
    /// New and changed accounts.
    pub accounts: Vec<AccountChange>,
    /// New and changed keys.
    pub keys: Vec<Key>,
    /// New and changed packages.
    pub packages: Vec<Package>,
    /// New lines of ledgers.
    pub quota_entries: Vec<QuotaEntry>,
    /// One event for each changed record.
    pub events: Vec<Event>,
    /// What the request is answered, where it is kept.
    pub answers: Vec<IdempotentAnswer>,
    /// Accounts of which nothing personal may be left.
    pub erased: Vec<Erased>,
}

/// An account of which nothing personal may be left, wherever it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    /// Its tenant.
    pub tenant_id: TenantId,
    /// The account.
    pub account_id: AccountId,
    /// Its version since: the events before it say no more what was changed.
    pub version: i64,
}

/// What a carried-out command answers.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The account that the command was about, as it stands.
    pub account: Arc<Account>,
    /// The package that it was about, if it was about one.
    pub package: Option<Package>,
    /// Whether anything was changed.
    pub changed: bool,
    /// Who may be the same customer as one that was added, where that was asked.
    pub twins: Vec<Twin>,
    /// What the same request was answered before, when it was: then nothing was done now.
    pub replayed: Option<Arc<[u8]>>,
}

impl Decision {
    /// Nothing is to be done.
    pub(crate) fn unchanged(account: Arc<Account>) -> Self {
        Self {
            outcome: Outcome { account, package: None, changed: false, twins: Vec::new(), replayed: None },
            accounts: Vec::new(),
            keys: Vec::new(),
            packages: Vec::new(),
            quota_entries: Vec::new(),
            events: Vec::new(),
            answers: Vec::new(),
            erased: Vec::new(),
        }
    }

    /// A new account.
    pub(crate) fn added(account: Account, name: EventName, context: &Context) -> Self {
        let event = Event::new(&account, name, changes(None, &account), context);
        let quota_entries = entries_of_edit(None, &account, context);
        Self { quota_entries, ..Self::saved(None, account, event) }
    }

    /// A changed account; when nothing differs, nothing is to be done.
    pub(crate) fn changed(before: Arc<Account>, after: Account, name: EventName, context: &Context) -> Self {
        if *before == after {
            return Self::unchanged(before);
        }
        let was = Arc::clone(&before);
        let moved = Self::moved(before, after, name, context);
        Self { quota_entries: entries_of_edit(Some(&was), &moved.outcome.account, context), ..moved }
    }

    /// A changed account, whether or not anything differs: for what is a change by having been asked for.
    pub(crate) fn moved(before: Arc<Account>, after: Account, name: EventName, context: &Context) -> Self {
        let changes = changes(Some(&before), &after);
        let after = next_version(after, context);
        let event = Event::new(&after, name, changes, context);
        Self::saved(Some(before), after, event)
    }

    /// The same, with the lines of balances that it moves.
    pub(crate) fn moved_with_balances(before: Arc<Account>, after: Account, name: EventName, context: &Context) -> Self {
        let was = Arc::clone(&before);
        let moved = Self::moved(before, after, name, context);
        Self { quota_entries: entries_of_edit(Some(&was), &moved.outcome.account, context), ..moved }
    }

    /// Adds to what changed which other account it was about.
    #[must_use]
    pub(crate) fn about(mut self, field: &'static str, id: AccountId) -> Self {
        if let Some(event) = self.events.first_mut() {
            event.changes.push(FieldChange { field, old: Value::Null, new: id.get().into() });
        }
        self
    }

    /// Both, with the outcome of the first.
    #[must_use]
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.accounts.extend(other.accounts);
        self.quota_entries.extend(other.quota_entries);
        self.events.extend(other.events);
        self
    }

    /// A new or changed key: a change of the account whose key it is.
    pub(crate) fn key(account: Account, key: Key, name: EventName, change: &FieldChange, context: &Context) -> Self {
        let before = Arc::new(account.clone());
        let after = next_version(account, context);
        let event = Event::new(&after, name, vec![change.clone()], context);
        Self { keys: vec![key], ..Self::saved(Some(before), after, event) }
    }

    /// A new or changed package: a change of the account whose package it is. When nothing differs, nothing is to be done.
    pub(crate) fn package(provider: Account, before: Option<&Package>, after: Package, name: EventName, context: &Context) -> Self {
        if before == Some(&after) {
            let mut decision = Self::unchanged(Arc::new(provider));
            decision.outcome.package = Some(after);
            return decision;
        }
        let change = FieldChange { field: "package", old: before.map_or(Value::Null, Package::shown), new: after.shown() };
        let after = Package { updated_at: context.at.max(after.updated_at), ..after };
        let account = Arc::new(provider.clone());
        let provider = next_version(provider, context);
        let event = Event::new(&provider, name, vec![change], context);
        let mut decision = Self { packages: vec![after.clone()], ..Self::saved(Some(account), provider, event) };
        decision.outcome.package = Some(after);
        decision
    }

    /// Adds to what changed why it was done, in the caller's words.
    #[must_use]
    pub(crate) fn because(mut self, reason: Option<&Reason>) -> Self {
        if let (Some(event), Some(reason)) = (self.events.first_mut(), reason) {
            event.changes.push(FieldChange { field: "reason", old: Value::Null, new: reason.as_str().into() });
        }
        self
    }

    pub(crate) fn saved(before: Option<Arc<Account>>, after: Account, event: Event) -> Self {
        let after = Arc::new(after);
        Self {
            outcome: Outcome { account: Arc::clone(&after), package: None, changed: true, twins: Vec::new(), replayed: None },
            accounts: vec![AccountChange { before, after }],
            keys: Vec::new(),
            packages: Vec::new(),
            quota_entries: Vec::new(),
            events: vec![event],
            answers: Vec::new(),
            erased: Vec::new(),
        }
    }
}

fn next_version(account: Account, context: &Context) -> Account {
    // A clock that was set back must not let a record seem to change before it was made.
    let updated_at = context.at.max(account.updated_at);
    Account { version: account.version + 1, updated_at, ..account }
}

/// What a whole batch came to: the last state of each record, and every event.
#[derive(Debug, Default)]
pub struct Changes {
    /// Each changed account: as it was before the batch, and as it is after it.
    pub accounts: BTreeMap<AccountId, AccountChange>,
    /// New and changed keys, in order.
    pub keys: Vec<Key>,
    /// New and changed packages, in order.
    pub packages: Vec<Package>,
    /// New lines of ledgers, in order.
    pub quota_entries: Vec<QuotaEntry>,
    /// Every event, in order.
    pub events: Vec<Event>,
    /// What requests are answered, where it is kept.
    pub answers: Vec<IdempotentAnswer>,
    /// Accounts of which nothing personal may be left.
    pub erased: Vec<Erased>,
}

impl Changes {
    /// Takes a decision in.
    pub fn add(&mut self, decision: Decision) {
        for change in decision.accounts {
            match self.accounts.get_mut(&change.after.id) {
                Some(earlier) => earlier.after = change.after,
                None => {
                    self.accounts.insert(change.after.id, change);
                }
            }
        }
        self.keys.extend(decision.keys);
        self.packages.extend(decision.packages);
        self.quota_entries.extend(decision.quota_entries);
        self.events.extend(decision.events);
        // What an earlier command of the batch was answered about one that is erased.
        self.answers.retain(|answer| decision.erased.iter().all(|erased| erased.account_id != answer.account_id));
        self.answers.extend(decision.answers);
        self.erased.extend(decision.erased);
    }

    /// Whether there is nothing to save.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty() && self.keys.is_empty() && self.events.is_empty() && self.answers.is_empty()
    }
}
