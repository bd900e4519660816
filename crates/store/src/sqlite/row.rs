//! Rows to records. A row is parsed like input: one that is not what was written is named by table, column and id.

use std::sync::Arc;

use rusqlite::Row;
use serde_json::from_str;
use tenantry_domain::account::{Kind, Status};
use tenantry_domain::key::{Key, PublicKey, Scheme, Scopes, Verifier};
use tenantry_domain::package::{Identifier, Package, PackageId, PackageStatus};
use tenantry_domain::quota::{Allotments, Channel, IdempotencyKey, MovementKind, Quota, QuotaEntry};
use tenantry_domain::value::{AccountHash, Email, ExternalId, Label, Name, PasswordHash, PinDigest};
use tenantry_domain::{Account, AccountId, TenantId, Timestamp};

use super::error::{corrupt, statement};
use crate::StoreFault;

/// The columns of an account, in the order in which [`account`] reads them. A macro, so that statements are constants.
macro_rules! account_columns {
    () => {
        "a.id, a.tenant_id, a.parent_id, a.ancestors, a.kind, a.external_id, a.hash, a.email, a.password_hash, a.call_in_pin, a.status, a.holds, \
         a.activated_at, a.ended_at, a.created_at, a.updated_at, a.version, a.profile, a.allotments"
    };
}
pub(super) use account_columns;

/// The columns of a key, in the order in which [`key`] reads them.
macro_rules! key_columns {
    () => {
        "tenant_id, account_id, scheme, public, verifier, label, scopes, allow, rate_per_minute, created_at, expires_at, revoked_at"
    };
}
pub(super) use key_columns;

/// The columns of a package, in the order in which [`package`] reads them.
macro_rules! package_columns {
    () => {
        "id, tenant_id, path, channel, name, identifier, quantity, status, created_at, updated_at"
    };
}
pub(super) use package_columns;

/// The columns of a ledger's line, in the order in which [`quota_entry`] reads them.
macro_rules! quota_entry_columns {
    () => {
        "account_id, tenant_id, version, channel, kind, amount, balance, reason, idempotency_key, at"
    };
}
pub(super) use quota_entry_columns;

/// Reads one column, naming it when it cannot be read.
struct Columns<'a, 'stmt> {
    row: &'a Row<'stmt>,
    table: &'static str,
    id: AccountId,
}

impl Columns<'_, '_> {
    fn get<T: rusqlite::types::FromSql>(&self, index: usize, name: &str) -> Result<T, StoreFault> {
        self.row.get(index).map_err(|error| corrupt(self.table, name, self.id, error))
    }

    /// A text column, parsed.
    fn parse<T, E: std::fmt::Display>(&self, index: usize, name: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<T, StoreFault> {
        let text = self.row.get_ref(index).map_err(|error| corrupt(self.table, name, self.id, error))?;
        let text = text.as_str().map_err(|error| corrupt(self.table, name, self.id, error))?;
        parse(text).map_err(|error| corrupt(self.table, name, self.id, error))
    }

    /// A text column that may be null, parsed.
    fn parse_opt<T, E: std::fmt::Display>(
        &self,
        index: usize,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, StoreFault> {
        let value = self.row.get_ref(index).map_err(|error| corrupt(self.table, name, self.id, error))?;
        let text = value.as_str_or_null().map_err(|error| corrupt(self.table, name, self.id, error))?;
        text.map(parse).transpose().map_err(|error| corrupt(self.table, name, self.id, error))
    }

    fn quota(&self, index: usize, name: &str) -> Result<Quota, StoreFault> {
        Quota::try_from(self.get::<i64>(index, name)?).map_err(|error| corrupt(self.table, name, self.id, error))
    }

    fn time(&self, index: usize, name: &str) -> Result<Option<Timestamp>, StoreFault> {
        Ok(self.get::<Option<i64>>(index, name)?.map(Timestamp::from_micros))
    }

    fn account_id(&self, index: usize, name: &str) -> Result<AccountId, StoreFault> {
        AccountId::try_from(self.get::<i64>(index, name)?).map_err(|error| corrupt(self.table, name, self.id, error))
    }
}

/// An account from a row of `account_columns!`.
pub(super) fn account(row: &Row<'_>) -> Result<Arc<Account>, StoreFault> {
    let id = row.get::<_, i64>(0).map_err(|error| statement(&error))?;
    let id = AccountId::try_from(id).map_err(|error| corrupt("account", "id", AccountId::OPERATOR, error))?;
    let columns = Columns { row, table: "account", id };
    let known = |what: &'static str| move |word: &str| format!("{word:?} is no {what}");
    Ok(Arc::new(Account {
        id,
        tenant_id: TenantId::of(columns.account_id(1, "tenant_id")?),
        parent_id: match columns.get::<Option<i64>>(2, "parent_id")? {
            Some(_) => Some(columns.account_id(2, "parent_id")?),
            None => None,
        },
        ancestors: columns.parse(3, "ancestors", ancestors)?,
        kind: columns.parse(4, "kind", |word| Kind::parse(word).ok_or_else(|| known("kind")(word)))?,
        external_id: columns.parse_opt(5, "external_id", |text| ExternalId::parse(text))?,
        hash: columns.parse(6, "hash", AccountHash::parse)?,
        email: columns.parse_opt(7, "email", |text| Email::parse(text))?,
        password_hash: columns.get::<Option<String>>(8, "password_hash")?.map(PasswordHash::from_phc),
        call_in_pin: columns.get::<Option<String>>(9, "call_in_pin")?.map(PinDigest::from_stored),
        status: columns.parse(10, "status", |word| Status::parse(word).ok_or_else(|| known("status")(word)))?,
        holds: columns.parse(11, "holds", |text| if text == "[]" { Ok(Vec::new()) } else { from_str(text) })?,
        activated_at: columns.time(12, "activated_at")?,
        ended_at: columns.time(13, "ended_at")?,
        created_at: Timestamp::from_micros(columns.get(14, "created_at")?),
        updated_at: Timestamp::from_micros(columns.get(15, "updated_at")?),
        version: columns.get(16, "version")?,
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
pub(super) fn ancestors_text(ancestors: &[AccountId]) -> String {
    let parts: Vec<String> = ancestors.iter().map(ToString::to_string).collect();
    parts.join(".")
}

/// A key from a row of `key_columns!`.
pub(super) fn key(row: &Row<'_>) -> Result<Key, StoreFault> {
    let id = row.get::<_, i64>(1).map_err(|error| statement(&error))?;
    let id = AccountId::try_from(id).map_err(|error| corrupt("api_key", "account_id", AccountId::OPERATOR, error))?;
    let columns = Columns { row, table: "api_key", id };
    Ok(Key {
        tenant_id: TenantId::of(columns.account_id(0, "tenant_id")?),
        account_id: id,
        scheme: columns.parse(2, "scheme", |word| Scheme::parse(word).ok_or("unknown scheme"))?,
        public: columns.parse(3, "public", PublicKey::parse)?,
        verifier: Verifier(columns.get(4, "verifier")?),
        label: columns.parse_opt(5, "label", |text| Label::parse(text))?,
        scopes: columns.parse(6, "scopes", Scopes::parse)?,
        allow: columns.parse(7, "allow", |text| from_str(text))?,
        rate_per_minute: columns.get::<Option<i64>>(8, "rate_per_minute")?.and_then(|rate| u32::try_from(rate).ok()),
        created_at: Timestamp::from_micros(columns.get(9, "created_at")?),
        expires_at: columns.time(10, "expires_at")?,
        revoked_at: columns.time(11, "revoked_at")?,
    })
}

/// A package from a row of `package_columns!`.
pub(super) fn package(row: &Row<'_>) -> Result<Package, StoreFault> {
    let id = row.get::<_, i64>(0).map_err(|error| statement(&error))?;
    let id = PackageId::try_from(id).map_err(|error| corrupt("package", "id", AccountId::OPERATOR, error))?;
    // Faults name an account's id; a package's has the same form.
    let columns = Columns { row, table: "package", id: AccountId::try_from(id.get()).unwrap_or(AccountId::OPERATOR) };
    Ok(Package {
        id,
        tenant_id: TenantId::of(columns.account_id(1, "tenant_id")?),
        path: columns.parse(2, "path", ancestors)?,
        channel: columns.parse(3, "channel", |word| Channel::parse(word).ok_or("unknown channel"))?,
        name: columns.parse(4, "name", |text| Name::parse(text))?,
        identifier: columns.parse_opt(5, "identifier", |text| Identifier::parse(text))?,
        quantity: columns.quota(6, "quantity")?,
        status: columns.parse(7, "status", |word| PackageStatus::parse(word).ok_or("unknown status"))?,
        created_at: Timestamp::from_micros(columns.get(8, "created_at")?),
        updated_at: Timestamp::from_micros(columns.get(9, "updated_at")?),
    })
}

/// A ledger's line from a row of `quota_entry_columns!`.
pub(super) fn quota_entry(row: &Row<'_>) -> Result<QuotaEntry, StoreFault> {
    let id = row.get::<_, i64>(0).map_err(|error| statement(&error))?;
    let id = AccountId::try_from(id).map_err(|error| corrupt("quota_entry", "account_id", AccountId::OPERATOR, error))?;
    let columns = Columns { row, table: "quota_entry", id };
    Ok(QuotaEntry {
        account_id: id,
        tenant_id: TenantId::of(columns.account_id(1, "tenant_id")?),
        version: columns.get(2, "version")?,
        channel: columns.parse(3, "channel", |word| Channel::parse(word).ok_or("unknown channel"))?,
        kind: columns.parse(4, "kind", |word| MovementKind::parse(word).ok_or("unknown kind"))?,
        amount: columns.get(5, "amount")?,
        balance: columns.quota(6, "balance")?,
        reason: columns.parse(7, "reason", |text| Label::parse(text))?,
        idempotency_key: columns.parse_opt(8, "idempotency_key", IdempotencyKey::parse)?,
        at: Timestamp::from_micros(columns.get(9, "at")?),
    })
}
