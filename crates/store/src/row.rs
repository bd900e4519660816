//! Rows to records. A row is parsed like input: one that is not what was written is named by table, column and id.

use std::fmt::Display;
use std::sync::Arc;

use serde_json::from_str;
use tenantry_domain::account::{Kind, Status};
use tenantry_domain::event::PastEvent;
use tenantry_domain::idempotency::{Idempotency, IdempotentAnswer};
use tenantry_domain::key::{Key, PublicKey, Scheme, Scopes, Verifier};
use tenantry_domain::package::{Identifier, Package, PackageId, PackageStatus};
use tenantry_domain::quota::{Allotments, Channel, IdempotencyKey, MovementKind, Quota, QuotaEntry};
use tenantry_domain::value::{AccountHash, Email, ExternalId, Label, Name, PasswordHash, PinDigest};
use tenantry_domain::{Account, AccountId, TenantId, Timestamp};

use crate::StoreFault;

/// A row of a result, whatever the engine. An index beyond the row, or a value of another type, is a text that says so.
pub(crate) trait Row {
    /// An integer that may be null.
    fn int(&self, index: usize) -> Result<Option<i64>, String>;
    /// A text that may be null.
    fn text(&self, index: usize) -> Result<Option<&str>, String>;
    /// Octets.
    fn octets(&self, index: usize) -> Result<&[u8], String>;
}

/// The columns of an account, in the order in which [`account`] reads them. A macro, so that statements are constants.
macro_rules! account_columns {
    () => {
        "a.id, a.tenant_id, a.parent_id, a.ancestors, a.kind, a.external_id, a.hash, a.email, a.password_hash, a.call_in_pin, a.status, a.holds, \
         a.activated_at, a.ended_at, a.created_at, a.updated_at, a.version, a.profile, a.allotments"
    };
}
pub(crate) use account_columns;

/// The columns of a key, in the order in which [`key`] reads them.
macro_rules! key_columns {
    () => {
        "tenant_id, account_id, scheme, public, verifier, label, scopes, allow, rate_per_minute, created_at, expires_at, revoked_at"
    };
}
pub(crate) use key_columns;

/// The columns of a package, in the order in which [`package`] reads them.
macro_rules! package_columns {
    () => {
        "id, tenant_id, path, channel, name, identifier, quantity, status, created_at, updated_at"
    };
}
pub(crate) use package_columns;

/// The columns of a ledger's line, in the order in which [`quota_entry`] reads them.
macro_rules! quota_entry_columns {
    () => {
        "account_id, tenant_id, version, channel, kind, amount, balance, reason, idempotency_key, at"
    };
}
pub(crate) use quota_entry_columns;

/// The columns of an event, in the order in which [`past_event`] reads them.
macro_rules! event_columns {
    () => {
        "e.account_id, e.version, e.name, e.at, e.actor_id, e.credential, e.peer, e.claimed, e.dialect, e.request_id, e.changes"
    };
}
pub(crate) use event_columns;

/// The columns of a kept answer, in the order in which [`idempotent_answer`] reads them.
macro_rules! idempotent_answer_columns {
    () => {
        "account_id, tenant_id, key, fingerprint, answer, expires_at"
    };
}
pub(crate) use idempotent_answer_columns;

/// How many answers that are no longer kept are forgotten when so many are kept: more than come, so that the table shrinks to what is kept.
pub(crate) fn forgotten_at_most(kept: usize) -> i64 {
    i64::try_from(kept).unwrap_or(i64::MAX).saturating_mul(2)
}

/// Whether a change takes an address or an id of the caller's that another of the same batch may give up: those that give up are written first.
pub(crate) fn acquires(before: Option<&Account>, after: &Account) -> bool {
    let live = |account: &Account| account.status != Status::Deleted;
    let takes = |before: &Account| {
        !live(before)
            || (after.email.is_some() && before.email != after.email)
            || (after.external_id.is_some() && before.external_id != after.external_id)
    };
    live(after) && before.is_none_or(takes)
}

/// Whether what queries and rules look at is the same in two states of an account; its profile, its allotments and what follows from them apart.
pub(crate) fn same_life(before: &Account, after: &Account) -> bool {
    before.email == after.email
        && before.external_id == after.external_id
        && before.password_hash == after.password_hash
        && before.call_in_pin == after.call_in_pin
        && before.status == after.status
        && before.holds == after.holds
        && before.activated_at == after.activated_at
        && before.ended_at == after.ended_at
}

/// Reads one column, naming it when it cannot be read.
struct Columns<'a, R> {
    row: &'a R,
    table: &'static str,
    id: AccountId,
}

impl<'a, R: Row> Columns<'a, R> {
    /// The columns of a row that names an account in this one.
    fn of(row: &'a R, table: &'static str, id_index: usize) -> Result<Self, StoreFault> {
        let unnamed = Self { row, table, id: AccountId::OPERATOR };
        Ok(Self { id: unnamed.account_id(id_index, "id")?, ..unnamed })
    }

    fn fault(&self, name: &str, cause: impl Display) -> StoreFault {
        corrupt(self.table, name, self.id, cause)
    }

    fn int_opt(&self, index: usize, name: &str) -> Result<Option<i64>, StoreFault> {
        self.row.int(index).map_err(|cause| self.fault(name, cause))
    }

    fn int(&self, index: usize, name: &str) -> Result<i64, StoreFault> {
        self.int_opt(index, name)?.ok_or_else(|| self.fault(name, "this is null"))
    }

    fn text_opt(&self, index: usize, name: &str) -> Result<Option<&'a str>, StoreFault> {
        self.row.text(index).map_err(|cause| self.fault(name, cause))
    }

    /// A text column, parsed.
    fn parse<T, E: Display>(&self, index: usize, name: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<T, StoreFault> {
        let text = self.text_opt(index, name)?.ok_or_else(|| self.fault(name, "this is null"))?;
        parse(text).map_err(|error| self.fault(name, error))
    }

    /// A text column that may be null, parsed.
    fn parse_opt<T, E: Display>(
        &self,
        index: usize,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, StoreFault> {
        self.text_opt(index, name)?.map(parse).transpose().map_err(|error| self.fault(name, error))
    }

    fn quota(&self, index: usize, name: &str) -> Result<Quota, StoreFault> {
        Quota::try_from(self.int(index, name)?).map_err(|error| self.fault(name, error))
    }

    fn time(&self, index: usize, name: &str) -> Result<Timestamp, StoreFault> {
        self.int(index, name).map(Timestamp::from_micros)
    }

    fn time_opt(&self, index: usize, name: &str) -> Result<Option<Timestamp>, StoreFault> {
        Ok(self.int_opt(index, name)?.map(Timestamp::from_micros))
    }

    fn account_id(&self, index: usize, name: &str) -> Result<AccountId, StoreFault> {
        AccountId::try_from(self.int(index, name)?).map_err(|error| self.fault(name, error))
    }

    fn octets<const N: usize>(&self, index: usize, name: &str) -> Result<[u8; N], StoreFault> {
        let octets = self.row.octets(index).map_err(|cause| self.fault(name, cause))?;
        octets.try_into().map_err(|_| self.fault(name, format!("{} octets instead of {N}", octets.len())))
    }
}

/// A stored row that is not what was written.
fn corrupt(table: &str, column: &str, id: AccountId, cause: impl Display) -> StoreFault {
    StoreFault::Corrupt(format!("{table}.{column} of account {id}: {cause}"))
}

/// An account from a row of `account_columns!`.
pub(crate) fn account(row: &impl Row) -> Result<Arc<Account>, StoreFault> {
    let columns = Columns::of(row, "account", 0)?;
    let known = |what: &'static str| move |word: &str| format!("{word:?} is no {what}");
    Ok(Arc::new(Account {
        id: columns.id,
        tenant_id: TenantId::of(columns.account_id(1, "tenant_id")?),
        parent_id: match columns.int_opt(2, "parent_id")? {
            Some(_) => Some(columns.account_id(2, "parent_id")?),
            None => None,
        },
        ancestors: columns.parse(3, "ancestors", ancestors)?,
        kind: columns.parse(4, "kind", |word| Kind::parse(word).ok_or_else(|| known("kind")(word)))?,
        external_id: columns.parse_opt(5, "external_id", |text| ExternalId::parse(text))?,
        hash: columns.parse(6, "hash", AccountHash::parse)?,
        email: columns.parse_opt(7, "email", |text| Email::parse(text))?,
        password_hash: columns.text_opt(8, "password_hash")?.map(PasswordHash::from_phc),
        call_in_pin: columns.text_opt(9, "call_in_pin")?.map(PinDigest::from_stored),
        status: columns.parse(10, "status", |word| Status::parse(word).ok_or_else(|| known("status")(word)))?,
        holds: columns.parse(11, "holds", |text| if text == "[]" { Ok(Vec::new()) } else { from_str(text) })?,
        activated_at: columns.time_opt(12, "activated_at")?,
        ended_at: columns.time_opt(13, "ended_at")?,
        created_at: columns.time(14, "created_at")?,
        updated_at: columns.time(15, "updated_at")?,
        version: columns.int(16, "version")?,
        profile: columns.parse(17, "profile", |text| from_str(text))?,
        allotments: columns.parse(18, "allotments", |text| if text == "{}" { Ok(Allotments::default()) } else { from_str(text) })?,
    }))
}

/// `1.5.9` as ids.
fn ancestors(text: &str) -> Result<Vec<AccountId>, String> {
    text.split('.')
        .filter(|part| !part.is_empty())
        .map(|part| AccountId::parse(part).ok_or_else(|| format!("{text:?} is no list of ids")))
        .collect()
}

/// Ids as `1.5.9`.
pub(crate) fn ancestors_text(ancestors: &[AccountId]) -> String {
    let parts: Vec<String> = ancestors.iter().map(ToString::to_string).collect();
    parts.join(".")
}

/// A key from a row of `key_columns!`.
pub(crate) fn key(row: &impl Row) -> Result<Key, StoreFault> {
    let columns = Columns::of(row, "api_key", 1)?;
    Ok(Key {
        tenant_id: TenantId::of(columns.account_id(0, "tenant_id")?),
        account_id: columns.id,
        scheme: columns.parse(2, "scheme", |word| Scheme::parse(word).ok_or("unknown scheme"))?,
        public: columns.parse(3, "public", PublicKey::parse)?,
        verifier: Verifier(columns.octets(4, "verifier")?),
        label: columns.parse_opt(5, "label", |text| Label::parse(text))?,
        scopes: columns.parse(6, "scopes", Scopes::parse)?,
        allow: columns.parse(7, "allow", |text| from_str(text))?,
        rate_per_minute: columns.int_opt(8, "rate_per_minute")?.and_then(|rate| u32::try_from(rate).ok()),
        created_at: columns.time(9, "created_at")?,
        expires_at: columns.time_opt(10, "expires_at")?,
        revoked_at: columns.time_opt(11, "revoked_at")?,
    })
}

/// A package from a row of `package_columns!`.
pub(crate) fn package(row: &impl Row) -> Result<Package, StoreFault> {
    // Faults name an account's id; a package's has the same form.
    let columns = Columns::of(row, "package", 0)?;
    let id = PackageId::try_from(columns.id.get()).map_err(|error| columns.fault("id", error))?;
    Ok(Package {
        id,
        tenant_id: TenantId::of(columns.account_id(1, "tenant_id")?),
        path: columns.parse(2, "path", ancestors)?,
        channel: columns.parse(3, "channel", |word| Channel::parse(word).ok_or("unknown channel"))?,
        name: columns.parse(4, "name", |text| Name::parse(text))?,
        identifier: columns.parse_opt(5, "identifier", |text| Identifier::parse(text))?,
        quantity: columns.quota(6, "quantity")?,
        status: columns.parse(7, "status", |word| PackageStatus::parse(word).ok_or("unknown status"))?,
        created_at: columns.time(8, "created_at")?,
        updated_at: columns.time(9, "updated_at")?,
    })
}

/// An event from a row of `event_columns!`.
pub(crate) fn past_event(row: &impl Row) -> Result<PastEvent, StoreFault> {
    let columns = Columns::of(row, "event", 0)?;
    let text = |index, name| columns.parse(index, name, |text| Ok::<_, String>(text.to_owned()));
    let text_opt = |index, name| columns.text_opt(index, name).map(|text| text.map(str::to_owned));
    Ok(PastEvent {
        account_id: columns.id,
        version: columns.int(1, "version")?,
        name: text(2, "name")?,
        at: columns.time(3, "at")?,
        actor_id: columns.account_id(4, "actor_id")?,
        credential: text_opt(5, "credential")?,
        peer: text_opt(6, "peer")?,
        claimed: text_opt(7, "claimed")?,
        dialect: text(8, "dialect")?,
        request_id: text(9, "request_id")?,
        changes: columns.parse(10, "changes", |text| from_str(text))?,
    })
}

/// A ledger's line from a row of `quota_entry_columns!`.
pub(crate) fn quota_entry(row: &impl Row) -> Result<QuotaEntry, StoreFault> {
    let columns = Columns::of(row, "quota_entry", 0)?;
    Ok(QuotaEntry {
        account_id: columns.id,
        tenant_id: TenantId::of(columns.account_id(1, "tenant_id")?),
        version: columns.int(2, "version")?,
        channel: columns.parse(3, "channel", |word| Channel::parse(word).ok_or("unknown channel"))?,
        kind: columns.parse(4, "kind", |word| MovementKind::parse(word).ok_or("unknown kind"))?,
        amount: columns.int(5, "amount")?,
        balance: columns.quota(6, "balance")?,
        reason: columns.parse(7, "reason", |text| Label::parse(text))?,
        idempotency_key: columns.parse_opt(8, "idempotency_key", IdempotencyKey::parse)?,
        at: columns.time(9, "at")?,
    })
}

/// A kept answer from a row of `idempotent_answer_columns!`.
pub(crate) fn idempotent_answer(row: &impl Row) -> Result<IdempotentAnswer, StoreFault> {
    let columns = Columns::of(row, "idempotent_answer", 0)?;
    Ok(IdempotentAnswer {
        account_id: columns.id,
        tenant_id: TenantId::of(columns.account_id(1, "tenant_id")?),
        request: Idempotency { key: columns.octets(2, "key")?, fingerprint: columns.octets(3, "fingerprint")? },
        answer: row.octets(4).map_err(|cause| columns.fault("answer", cause))?.into(),
        expires_at: columns.time(5, "expires_at")?,
    })
}
