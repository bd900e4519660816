//! Lists of accounts.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::error::statement;
use super::row::{self, account_columns};
use crate::{AccountList, AccountQuery, Reach, StoreFault};

/// Characters from which on a word is found through the trigram index.
const TRIGRAM_CHARS: usize = 3;

/// The conditions of a query: constant pieces of SQL, and the values bound to them in order.
#[derive(Default)]
struct Conditions {
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    fn and(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(sql);
        self.values.extend(values);
    }

    fn of(query: &AccountQuery) -> Self {
        let mut conditions = Self::default();
        if let Reach::Tenant(tenant_id) = query.reach {
            conditions.and("a.tenant_id = ?", [tenant_id.get().into()]);
        }
        if let Some(id) = query.below {
            conditions.and("l.ancestor_id = ?", [id.get().into()]);
        }
        if let Some(id) = query.only {
            conditions.and("a.id = ?", [id.get().into()]);
        }
        if let Some(id) = query.except {
            conditions.and("a.id <> ?", [id.get().into()]);
        }
        if let Some(id) = query.parent_id {
            conditions.and("a.parent_id = ?", [id.get().into()]);
        }
        if let Some(email) = &query.email_folded {
            conditions.and("a.email_folded = ?", [email.clone().into()]);
        }
        if !query.statuses.is_empty() {
            let marks = vec!["?"; query.statuses.len()].join(", ");
            conditions.and(&["a.status IN (", &marks, ")"].concat(), query.statuses.iter().map(|status| status.as_str().to_owned().into()));
        }
        conditions.words(&query.words);
        conditions
    }

    /// Every word is a substring of the search text.
    fn words(&mut self, words: &[String]) {
        let (long, short): (Vec<_>, Vec<_>) = words.iter().partition(|word| word.chars().count() >= TRIGRAM_CHARS);
        if !long.is_empty() {
            // Each word as a phrase: in quotation marks, with those inside it doubled.
            let phrases: Vec<String> = long.iter().map(|word| ["\"", &word.replace('"', "\"\""), "\""].concat()).collect();
            self.and("a.id IN (SELECT rowid FROM account_search WHERE account_search MATCH ?)", [phrases.join(" AND ").into()]);
        }
        for word in short {
            self.and("instr(a.search_text, ?) > 0", [word.clone().into()]);
        }
    }
}

/// A page of accounts by rising id, and how many there are in all.
pub(crate) fn list(connection: &Connection, query: &AccountQuery) -> Result<AccountList, StoreFault> {
    let conditions = Conditions::of(query);
    let from = if query.below.is_some() {
        " FROM lineage l JOIN account a ON a.id = l.account_id AND a.tenant_id = l.tenant_id"
    } else {
        " FROM account a"
    };
    let count = ["SELECT count(*)", from, &conditions.sql].concat();
    let mut count = connection.prepare_cached(&count).map_err(|error| statement(&error))?;
    let total: i64 = count.query_row(params_from_iter(&conditions.values), |row| row.get(0)).map_err(|error| statement(&error))?;

    // The ids of the page first, from indexes alone; passing over rows is cheap only while they are small.
    let page = ["SELECT a.id", from, &conditions.sql, " ORDER BY a.id LIMIT ? OFFSET ?"].concat();
    let whole = [concat!("SELECT ", account_columns!(), " FROM account a WHERE a.id IN ("), &page, ") ORDER BY a.id"].concat();
    let mut whole = connection.prepare_cached(&whole).map_err(|error| statement(&error))?;
    let bound = |number: u64| Value::from(i64::try_from(number).unwrap_or(i64::MAX));
    let values = conditions.values.iter().cloned().chain([bound(query.limit), bound(query.skip)]);
    let mut rows = whole.query(params_from_iter(values)).map_err(|error| statement(&error))?;
    let mut accounts = Vec::new();
    while let Some(row) = rows.next().map_err(|error| statement(&error))? {
        accounts.push(row::account(row)?);
    }
    Ok(AccountList { total: total.unsigned_abs(), accounts })
}
