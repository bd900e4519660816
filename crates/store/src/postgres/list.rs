//! Lists of accounts.

use tenantry_domain::account::Status;
use tenantry_domain::quota::Channel;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::session::{Ask, Mode, Values};
use crate::row::{self, account_columns};
use crate::{AccountList, AccountOrder, AccountQuery, ProfileField, Reach, StoreFault};

/// Characters from which on a word is found through the index of trigrams.
const TRIGRAM_CHARS: usize = 3;
/// How a list reads: one state of the store for the page and the number of all, and no longer than lists may take: a thousand times what one by an index does.
pub(super) const MODE: &Mode = &["ISOLATION LEVEL REPEATABLE READ READ ONLY", "SET LOCAL statement_timeout = '5s'"];

/// The conditions of a query: pieces of SQL, and the values bound to them in order.
#[derive(Default)]
struct Conditions {
    sql: String,
    values: Values<'static>,
}

impl Conditions {
    /// The mark of a value.
    fn bind(&mut self, value: impl ToSql + Sync + Send + 'static) -> String {
        self.values.push(Box::new(value));
        format!("${}", self.values.len())
    }

    fn and(&mut self, sql: &str) {
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(sql);
    }

    fn of(query: &AccountQuery) -> Self {
        let mut conditions = Self::default();
        // The tenant first: it is $1 in every statement.
        let tenant = match query.reach {
            Reach::Tenant(tenant_id) => Some(conditions.bind(tenant_id.get())),
            Reach::EveryTenant => None,
        };
        if let Some(tenant) = &tenant {
            conditions.and(&format!("a.tenant_id = {tenant}"));
        }
        let of_tenant = |alias: &str| tenant.as_ref().map(|tenant| format!("{alias}.tenant_id = {tenant} AND ")).unwrap_or_default();
        if let Some(id) = query.below {
            let mark = conditions.bind(id.get());
            // sql: constants, and marks of bound values
            let below = format!(
                "EXISTS (SELECT FROM lineage l WHERE {}l.tenant_id = a.tenant_id AND l.ancestor_id = {mark} AND l.account_id = a.id)",
                of_tenant("l")
            );
            conditions.and(&below);
        }
        for id in [query.only, query.id].into_iter().flatten() {
            let mark = conditions.bind(id.get());
            conditions.and(&format!("a.id = {mark}"));
        }
        if let Some(id) = query.except {
            let mark = conditions.bind(id.get());
            conditions.and(&format!("a.id <> {mark}"));
        }
        if let Some(id) = query.after {
            let mark = conditions.bind(id.get());
            conditions.and(&format!("a.id > {mark}"));
        }
        if query.customers_only {
            // Providers are few: their ids are read once from an index of their own, and no row is looked at for its kind.
            // sql: constants, and marks of bound values
            conditions.and(&format!("a.id NOT IN (SELECT p.id FROM account p WHERE {}p.kind <> 'customer')", of_tenant("p")));
        }
        if query.providers_only {
            // sql: constants, and marks of bound values
            conditions.and(&format!("a.id IN (SELECT p.id FROM account p WHERE {}p.kind <> 'customer')", of_tenant("p")));
            conditions.and("a.kind = 'provider'");
        }
        conditions.times(query);
        if let Some(id) = query.parent_id {
            let mark = conditions.bind(id.get());
            conditions.and(&format!("a.parent_id = {mark}"));
        }
        for (column, value) in
            [("a.email_folded", &query.email_folded), ("a.external_id", &query.external_id), ("a.name_folded", &query.name_folded)]
        {
            if let Some(value) = value {
                let mark = conditions.bind(value.clone());
                conditions.and(&format!("{column} = {mark}"));
            }
        }
        if query.external_id.is_some() && !query.statuses.contains(&Status::Deleted) {
            // The index has those that are not deleted.
            conditions.and("a.status <> 'deleted'");
        }
        conditions.packages(query, &of_tenant("h"));
        conditions.values(query, &of_tenant("v"));
        for (field, value) in &query.profile {
            let mark = conditions.bind(value.clone());
            conditions.and(&equals(*field).replace("$", &mark));
        }
        if !query.statuses.is_empty() {
            let mark = conditions.bind(query.statuses.iter().map(|status| status.as_str()).collect::<Vec<_>>());
            conditions.and(&format!("a.status = ANY ({mark})"));
        }
        if query.statuses.is_empty() || query.statuses.contains(&Status::Deleted) {
            // What was merged into another is that one.
            conditions.and("a.profile::json -> 'merge' IS NULL");
        }
        conditions.words(&query.words, tenant.as_deref());
        conditions
    }

    /// When they were made, and when they last changed.
    fn times(&mut self, query: &AccountQuery) {
        let bounds = [
            ("a.created_at >=", query.created.from),
            ("a.created_at <", query.created.before),
            ("a.updated_at >=", query.updated.from),
            ("a.updated_at <", query.updated.before),
        ];
        for (condition, at) in bounds {
            if let Some(at) = at {
                let mark = self.bind(at.micros());
                self.and(&format!("{condition} {mark}"));
            }
        }
    }

    /// What accounts have of each channel. Who has a package is found by an index; of which channel, the account says.
    fn packages(&mut self, query: &AccountQuery, of_tenant: &str) {
        for (channel, package_id) in &query.packages {
            let column = match channel {
                Channel::Email => "(a.allotments::json #>> '{email,package_id}')",
                Channel::Sms => "(a.allotments::json #>> '{sms,package_id}')",
                Channel::Transactions => "(a.allotments::json #>> '{transactions,package_id}')",
            };
            let Some(id) = package_id else {
                self.and(&format!("{column} IS NULL"));
                continue;
            };
            let mark = self.bind(id.get());
            // sql: constants, and marks of bound values
            self.and(&format!("a.id IN (SELECT h.account_id FROM package_holder h WHERE {of_tenant}h.package_id = {mark})"));
            self.and(&format!("{column}::bigint = {mark}"));
        }
    }

    /// Tags and custom fields, by the index of their values.
    fn values(&mut self, query: &AccountQuery, of_tenant: &str) {
        for (name, value) in &query.values {
            let (name, value) = (self.bind(name.clone()), self.bind(value.clone()));
            // sql: constants, and marks of bound values
            self.and(&format!("a.id IN (SELECT v.account_id FROM account_value v WHERE {of_tenant}v.name = {name} AND v.value = {value})"));
        }
    }

    /// Every word is a substring of the search text. The longest is looked up in the index; the text itself decides.
    fn words(&mut self, words: &[String], tenant: Option<&str>) {
        let longest = words.iter().filter(|word| word.chars().count() >= TRIGRAM_CHARS).max_by_key(|word| word.len());
        if let Some(word) = longest {
            let pattern = self.bind(format!("%{}%", escaped(word)));
            // sql: constants, and marks of bound values
            self.and(&format!("a.id IN (SELECT accounts_found({}, {pattern}))", tenant.unwrap_or("NULL")));
        }
        for word in words {
            let mark = self.bind(word.clone());
            self.and(&format!("strpos(a.search_text, {mark}) > 0"));
        }
    }
}

/// A text as a pattern of LIKE that matches it alone.
fn escaped(word: &str) -> String {
    word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// Whether a field has a value, as it was given; `$` stands for the value.
const fn equals(field: ProfileField) -> &'static str {
    match field {
        ProfileField::StateProvince => "a.profile::json #>> '{address,state_province}' = $",
        ProfileField::PostalCode => "a.profile::json #>> '{address,postal_code}' = $",
        ProfileField::CountryCode => "upper(a.profile::json #>> '{address,country_code}') = upper($)",
        ProfileField::Voice => "a.profile::json #>> '{voice,number,text}' = $",
        ProfileField::Fax => "a.profile::json #>> '{fax,number,text}' = $",
        ProfileField::WebsiteUrl => "a.profile::json ->> 'website_url' = $",
        ProfileField::Industry => "a.profile::json ->> 'industry' = $",
    }
}

/// The order of a list. Accounts without a value come first, as in the embedded engine.
const fn ordered(query: &AccountQuery) -> &'static str {
    match (query.order, query.descending) {
        (AccountOrder::Id, false) => " ORDER BY a.id",
        (AccountOrder::Id, true) => " ORDER BY a.id DESC",
        (AccountOrder::Name, false) => " ORDER BY a.name_folded, a.id",
        (AccountOrder::Name, true) => " ORDER BY a.name_folded DESC, a.id DESC",
        (AccountOrder::Email, false) => " ORDER BY a.email_folded NULLS FIRST, a.id",
        (AccountOrder::Email, true) => " ORDER BY a.email_folded DESC NULLS LAST, a.id DESC",
    }
}

/// The statements of a list: the page, and the number of all where that is wanted.
pub(super) fn asks(query: &AccountQuery) -> Vec<Ask<'static>> {
    let mut page = Conditions::of(query);
    let bound = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let (limit, skip) = (page.bind(bound(query.limit)), page.bind(bound(query.skip)));
    // sql: constants, and marks of bound values
    let page_sql = format!(
        concat!("SELECT ", account_columns!(), " FROM account a{}{} LIMIT {}::bigint OFFSET {}::bigint"),
        page.sql,
        ordered(query),
        limit,
        skip
    );
    let mut asks = vec![Ask::new(page_sql, page.values)];
    if query.counted {
        let count = Conditions::of(query);
        asks.push(Ask::new(["SELECT count(*) FROM account a", &count.sql].concat(), count.values));
    }
    asks
}

/// What came back of them.
pub(super) fn list(rows: Vec<Vec<Row>>) -> Result<AccountList, StoreFault> {
    let mut rows = rows.into_iter();
    let accounts = rows.next().unwrap_or_default().iter().map(row::account).collect::<Result<_, _>>()?;
    let total = rows.next().and_then(|rows| rows.first().and_then(|row| row.try_get::<_, i64>(0).ok())).unwrap_or(0);
    Ok(AccountList { total: total.unsigned_abs(), accounts })
}

#[cfg(test)]
mod tests {
    use tenantry_domain::package::PackageId;
    use tenantry_domain::{AccountId, TenantId, Timestamp};

    use super::super::statements::tests::unrouted;
    use super::*;
    use crate::TimeRange;

    /// Citus sends a list to one shard however it is narrowed.
    #[test]
    fn every_list_is_about_one_tenant() {
        let id = AccountId::try_from(7).unwrap();
        let of = || AccountQuery::of(Reach::Tenant(TenantId::of(id)), 50);
        let text = || Some("x".to_owned());
        let package = PackageId::try_from(1).unwrap();
        let since = TimeRange { from: Some(Timestamp::from_micros(7)), before: Some(Timestamp::from_micros(9)) };
        for query in [
            of(),
            AccountQuery { below: Some(id), except: Some(id), ..of() },
            AccountQuery { only: Some(id), customers_only: true, ..of() },
            AccountQuery { providers_only: true, created: since, updated: since, ..of() },
            AccountQuery { parent_id: Some(id), email_folded: text(), external_id: text(), name_folded: text(), ..of() },
            AccountQuery { packages: vec![(Channel::Email, Some(package)), (Channel::Sms, None)], ..of() },
            AccountQuery { values: vec![("tag".to_owned(), "x".to_owned())], ..of() },
            AccountQuery { profile: vec![(ProfileField::Industry, "x".to_owned())], statuses: vec![Status::Active], ..of() },
            AccountQuery { words: vec!["abc".to_owned(), "x".to_owned()], order: AccountOrder::Name, ..of() },
        ] {
            for ask in asks(&query) {
                assert_eq!(unrouted(&ask.sql), None);
                assert!(query.words.is_empty() != ask.sql.contains("accounts_found($1, "), "search is about the same tenant: {}", ask.sql);
            }
        }
    }
}
