//! Lists of accounts.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use tenantry_domain::account::Status;
use tenantry_domain::quota::Channel;

use super::error::statement;
use crate::row::{self, account_columns};
use crate::{AccountList, AccountOrder, AccountQuery, ProfileField, Reach, StoreFault};

/// Characters from which on a word is found through the trigram index.
const TRIGRAM_CHARS: usize = 3;
/// Characters up to which a word is looked up as a phrase: with less than three trigrams side by side too many texts have all of them elsewhere.
const PHRASE_CHARS: usize = 8;

/// From where the accounts of a list come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// From wherever an index names few of them, or from all of a tenant.
    Accounts,
    /// From the index of search, in the order of its rows, which are accounts' ids: whoever wants a page of them stops where it is full.
    Index,
    /// From those whose newest text the index lacks.
    Waiting,
}

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

    fn of(query: &AccountQuery, source: Source) -> Self {
        let mut conditions = Self::default();
        if let Reach::Tenant(tenant_id) = query.reach {
            // The plus keeps SQLite from walking the tenant where an index names the few accounts that can be meant.
            let column = if is_narrow(query) { "+a.tenant_id = ?" } else { "a.tenant_id = ?" };
            conditions.and(column, [tenant_id.get().into()]);
        }
        if let Some(id) = query.below {
            conditions.and("l.ancestor_id = ?", [id.get().into()]);
            if let Reach::Tenant(tenant_id) = query.reach {
                conditions.and("l.tenant_id = ?", [tenant_id.get().into()]);
            }
        }
        if let Some(id) = query.only {
            conditions.and("a.id = ?", [id.get().into()]);
        }
        if let Some(id) = query.except {
            conditions.and("a.id <> ?", [id.get().into()]);
        }
        if let Some(id) = query.after {
            conditions.and(if source == Source::Index { "s.rowid > ?" } else { "a.id > ?" }, [id.get().into()]);
        }
        if query.customers_only {
            // Providers are few: their ids are read once from an index of their own, and no row is looked at for its kind.
            match query.reach {
                Reach::Tenant(tenant_id) => conditions.and(
                    "a.id NOT IN (SELECT p.id FROM account p WHERE p.tenant_id = ? AND p.kind <> 'customer')",
                    [tenant_id.get().into()],
                ),
                Reach::EveryTenant => conditions.and("a.id NOT IN (SELECT p.id FROM account p WHERE p.kind <> 'customer')", []),
            }
        }
        if query.providers_only {
            match query.reach {
                Reach::Tenant(tenant_id) => conditions
                    .and("a.id IN (SELECT p.id FROM account p WHERE p.tenant_id = ? AND p.kind <> 'customer')", [tenant_id.get().into()]),
                Reach::EveryTenant => conditions.and("a.id IN (SELECT p.id FROM account p WHERE p.kind <> 'customer')", []),
            }
            conditions.and("a.kind = 'provider'", []);
        }
        conditions.times(query);
        if let Some(id) = query.parent_id {
            conditions.and("a.parent_id = ?", [id.get().into()]);
        }
        if let Some(email) = &query.email_folded {
            // Two partial indexes have it: that of the accounts that are not deleted keeps addresses unique.
            const ONES: &str = "a.id IN (SELECT e.id FROM account e WHERE e.email_folded = ? AND e.status <> 'deleted' \
                                UNION ALL SELECT d.id FROM account d WHERE d.email_folded = ? AND d.status = 'deleted')";
            conditions.and(ONES, [email.clone().into(), email.clone().into()]);
        }
        if let Some(id) = query.id {
            conditions.and("a.id = ?", [id.get().into()]);
        }
        if let Some(external_id) = &query.external_id {
            // The index has those that are not deleted: it keeps external ids unique among them.
            let deleted = query.statuses.contains(&Status::Deleted);
            let live = if deleted { "a.external_id = ?" } else { "a.external_id = ? AND a.status <> 'deleted'" };
            conditions.and(live, [external_id.clone().into()]);
        }
        if let Some(name) = &query.name_folded {
            conditions.and("a.name_folded = ?", [name.clone().into()]);
        }
        conditions.packages(query);
        conditions.values(query);
        for (field, value) in &query.profile {
            conditions.and(equals(*field), [value.clone().into()]);
        }
        conditions.statuses(&query.statuses);
        conditions.words(&query.words, source);
        conditions
    }

    /// When they were made, and when they last changed.
    fn times(&mut self, query: &AccountQuery) {
        let bounds = [
            ("a.created_at >= ?", query.created.from),
            ("a.created_at < ?", query.created.before),
            ("a.updated_at >= ?", query.updated.from),
            ("a.updated_at < ?", query.updated.before),
        ];
        for (condition, at) in bounds {
            if let Some(at) = at {
                self.and(condition, [at.micros().into()]);
            }
        }
    }

    /// In which statuses they are. What was merged into another is that one, and stands in no list.
    fn statuses(&mut self, statuses: &[Status]) {
        if !statuses.is_empty() {
            let marks = vec!["?"; statuses.len()].join(", ");
            self.and(&["a.status IN (", &marks, ")"].concat(), statuses.iter().map(|status| status.as_str().to_owned().into()));
        }
        if statuses.is_empty() || statuses.contains(&Status::Deleted) {
            self.and("json_extract(a.profile, '$.merge.into') IS NULL", []);
        }
    }

    /// What accounts have of each channel. Who has a package is found by an index; of which channel, the account says.
    fn packages(&mut self, query: &AccountQuery) {
        for (channel, package_id) in &query.packages {
            let column = match channel {
                Channel::Email => "json_extract(a.allotments, '$.email.package_id')",
                Channel::Sms => "json_extract(a.allotments, '$.sms.package_id')",
                Channel::Transactions => "json_extract(a.allotments, '$.transactions.package_id')",
            };
            let Some(id) = package_id else {
                self.and(&[column, " IS NULL"].concat(), []);
                continue;
            };
            if let Reach::Tenant(tenant_id) = query.reach {
                const HOLDERS: &str = "a.id IN (SELECT h.account_id FROM package_holder h WHERE h.tenant_id = ? AND h.package_id = ?)";
                self.and(HOLDERS, [tenant_id.get().into(), id.get().into()]);
            }
            self.and(&[column, " = ?"].concat(), [id.get().into()]);
        }
    }

    /// Tags and custom fields, by the index of their values.
    fn values(&mut self, query: &AccountQuery) {
        for (name, value) in &query.values {
            match query.reach {
                Reach::Tenant(tenant_id) => self.and(
                    "a.id IN (SELECT v.account_id FROM account_value v WHERE v.tenant_id = ? AND v.name = ? AND v.value = ?)",
                    [tenant_id.get().into(), name.clone().into(), value.clone().into()],
                ),
                Reach::EveryTenant => self.and(
                    "EXISTS (SELECT 1 FROM account_value v WHERE v.tenant_id = a.tenant_id AND v.name = ? AND v.value = ? AND v.account_id = a.id)",
                    [name.clone().into(), value.clone().into()],
                ),
            }
        }
    }

    /// Every word is a substring of the search text.
    fn words(&mut self, words: &[String], source: Source) {
        let long: Vec<_> = words.iter().filter(|word| is_long(word)).collect();
        if !long.is_empty() {
            let phrases: Vec<String> = long.into_iter().flat_map(|word| pieces(word)).map(|piece| phrase(&piece)).collect();
            // The index may lack the newest texts, or have older ones: it names those that may match, and the text itself decides.
            const ONES: &str =
                "a.id IN (SELECT rowid FROM account_search WHERE account_search MATCH ? UNION ALL SELECT account_id FROM search_waiting)";
            match source {
                Source::Accounts => self.and(ONES, [phrases.join(" AND ").into()]),
                Source::Index => self.and("s.account_search MATCH ?", [phrases.join(" AND ").into()]),
                Source::Waiting => {}
            }
        }
        for word in words {
            self.and("instr(a.search_text, ?) > 0", [word.clone().into()]);
        }
    }
}

/// What a word is looked up by: its trigrams one behind the other. Of a long number trigrams side by side, the last at its end: a third of the lists to compare, no
/// places in them, and still so many that few other texts have all of them. (Of a long word of letters many texts have them all: what is common in it says nothing,
/// and what is rare in it stands elsewhere, too.) Of an address what stands around its @. The text itself decides.
fn pieces(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() <= PHRASE_CHARS {
        return vec![word.to_owned()];
    }
    if let Some(at) = letters.iter().position(|letter| *letter == '@') {
        let around = at.saturating_sub(PHRASE_CHARS)..letters.len().min(at + 1 + TRIGRAM_CHARS);
        // Where next to nothing stands before or behind it, all of the word is wanted.
        let piece: String = letters[around].iter().collect();
        return vec![if piece.chars().count() < PHRASE_CHARS { word.to_owned() } else { piece }];
    }
    if !letters.iter().all(char::is_ascii_digit) {
        return vec![word.to_owned()];
    }
    let mut pieces: Vec<String> = letters.chunks_exact(TRIGRAM_CHARS).map(|piece| piece.iter().collect()).collect();
    if !letters.len().is_multiple_of(TRIGRAM_CHARS) {
        pieces.push(letters[letters.len() - TRIGRAM_CHARS..].iter().collect());
    }
    pieces
}

/// A piece as FTS5 reads a phrase: in quotation marks, with those inside it doubled.
fn phrase(piece: &str) -> String {
    ["\"", &piece.replace('"', "\"\""), "\""].concat()
}

/// Whether a word is found through the index of trigrams.
fn is_long(word: &str) -> bool {
    word.chars().nth(TRIGRAM_CHARS - 1).is_some()
}

/// Whether a field has a value, as it was given.
const fn equals(field: ProfileField) -> &'static str {
    match field {
        ProfileField::StateProvince => "json_extract(a.profile, '$.address.state_province') = ?",
        ProfileField::PostalCode => "json_extract(a.profile, '$.address.postal_code') = ?",
        ProfileField::CountryCode => "upper(json_extract(a.profile, '$.address.country_code')) = upper(?)",
        ProfileField::Voice => "json_extract(a.profile, '$.voice.number.text') = ?",
        ProfileField::Fax => "json_extract(a.profile, '$.fax.number.text') = ?",
        ProfileField::WebsiteUrl => "json_extract(a.profile, '$.website_url') = ?",
        ProfileField::Industry => "json_extract(a.profile, '$.industry') = ?",
    }
}

/// The order of a list.
const fn ordered(query: &AccountQuery) -> &'static str {
    match (query.order, query.descending) {
        (AccountOrder::Id, false) => " ORDER BY a.id",
        (AccountOrder::Id, true) => " ORDER BY a.id DESC",
        (AccountOrder::Name, false) => " ORDER BY a.name_folded, a.id",
        (AccountOrder::Name, true) => " ORDER BY a.name_folded DESC, a.id DESC",
        (AccountOrder::Email, false) => " ORDER BY a.email_folded, a.id",
        (AccountOrder::Email, true) => " ORDER BY a.email_folded DESC, a.id DESC",
    }
}

/// Whether an index names the few accounts that can be meant, however many the tenant has.
fn is_narrow(query: &AccountQuery) -> bool {
    query.only.is_some()
        || query.id.is_some()
        || query.email_folded.is_some()
        || query.providers_only
        || query.words.iter().any(|word| is_long(word))
        || (!query.values.is_empty() && query.reach != Reach::EveryTenant)
}

/// Whether accounts are found by when they were made. The index has all that the ids of a page need: whatever the time, no row is read before they are known.
fn is_by_creation(query: &AccountQuery) -> bool {
    let names_one = query.external_id.is_some() || query.name_folded.is_some() || is_narrow(query);
    query.created.is_bounded() && matches!(query.reach, Reach::Tenant(_)) && !names_one
}

/// Whether a page is read from the index of search as far as it is wanted: where words alone say which accounts are meant. What a common word finds is a good part of
/// all customers, and putting them in order would take longer than showing the first.
fn streams(query: &AccountQuery) -> bool {
    let by_words_alone = AccountQuery { words: Vec::new(), ..query.clone() };
    let names_one = query.external_id.is_some() || query.name_folded.is_some();
    query.order == AccountOrder::Id && query.words.iter().any(|word| is_long(word)) && !is_narrow(&by_words_alone) && !names_one
}

/// The tables, in the order in which they are walked: the one that names the fewest rows comes first.
fn from(query: &AccountQuery, source: Source) -> &'static str {
    match (source, query.below.is_some(), is_narrow(query), is_by_creation(query)) {
        (Source::Accounts, false, _, false) => " FROM account a",
        (Source::Accounts, false, _, true) => " FROM account a INDEXED BY account_by_created",
        (Source::Accounts, true, false, false) => {
            " FROM lineage l CROSS JOIN account a ON a.id = l.account_id AND a.tenant_id = l.tenant_id"
        }
        (Source::Accounts, true, true, _) => " FROM account a CROSS JOIN lineage l ON l.account_id = a.id AND l.tenant_id = a.tenant_id",
        (Source::Accounts, true, false, true) => {
            " FROM account a INDEXED BY account_by_created CROSS JOIN lineage l ON l.account_id = a.id AND l.tenant_id = a.tenant_id"
        }
        (Source::Index, false, ..) => " FROM account_search s CROSS JOIN account a ON a.id = s.rowid",
        (Source::Index, true, ..) => {
            " FROM account_search s CROSS JOIN account a ON a.id = s.rowid \
             CROSS JOIN lineage l ON l.account_id = a.id AND l.tenant_id = a.tenant_id"
        }
        (Source::Waiting, false, ..) => " FROM search_waiting w CROSS JOIN account a ON a.id = w.account_id",
        (Source::Waiting, true, ..) => {
            " FROM search_waiting w CROSS JOIN account a ON a.id = w.account_id \
             CROSS JOIN lineage l ON l.account_id = a.id AND l.tenant_id = a.tenant_id"
        }
    }
}

/// The statement that gives the ids of a page, and the values bound to it.
fn page(query: &AccountQuery) -> (String, Vec<Value>) {
    let bound = |number: u64| Value::from(i64::try_from(number).unwrap_or(i64::MAX));
    let (limit, skip) = (bound(query.limit), bound(query.skip));
    if !streams(query) {
        let Conditions { sql, mut values } = Conditions::of(query, Source::Accounts);
        values.extend([limit, skip]);
        return (["SELECT a.id", from(query, Source::Accounts), &sql, ordered(query), " LIMIT ? OFFSET ?"].concat(), values);
    }
    let (of_index, of_waiting) = (Conditions::of(query, Source::Index), Conditions::of(query, Source::Waiting));
    let falling = if query.descending { " DESC" } else { "" };
    let sql = [
        "SELECT id FROM (SELECT s.rowid AS id",
        from(query, Source::Index),
        &of_index.sql,
        " ORDER BY s.rowid",
        falling,
        " LIMIT ?) UNION SELECT id FROM (SELECT a.id AS id",
        from(query, Source::Waiting),
        &of_waiting.sql,
        " ORDER BY a.id",
        falling,
        " LIMIT ?) ORDER BY id",
        falling,
        " LIMIT ? OFFSET ?",
    ];
    // Of each as many as the page and what is passed over can hold.
    let of_each = bound(query.limit.saturating_add(query.skip));
    let mut values = of_index.values;
    values.push(of_each.clone());
    values.extend(of_waiting.values);
    values.extend([of_each, limit, skip]);
    (sql.concat(), values)
}

/// A page of accounts by rising id, and how many there are in all.
pub(crate) fn list(connection: &Connection, query: &AccountQuery) -> Result<AccountList, StoreFault> {
    // One state of the store for the page and the number of all.
    let _one_state = connection.unchecked_transaction().map_err(|error| statement(&error))?;
    let total = if query.counted { count(connection, query)? } else { 0 };

    // The ids of the page first, from indexes alone; passing over rows is cheap only while they are small.
    let (page, values) = page(query);
    let whole = [concat!("SELECT ", account_columns!(), " FROM account a WHERE a.id IN ("), &page, ")", ordered(query)].concat();
    let mut whole = connection.prepare_cached(&whole).map_err(|error| statement(&error))?;
    let mut rows = whole.query(params_from_iter(values)).map_err(|error| statement(&error))?;
    let mut accounts = Vec::new();
    while let Some(row) = rows.next().map_err(|error| statement(&error))? {
        accounts.push(row::account(row)?);
    }
    Ok(AccountList { total: total.unsigned_abs(), accounts })
}

fn count(connection: &Connection, query: &AccountQuery) -> Result<i64, StoreFault> {
    let conditions = Conditions::of(query, Source::Accounts);
    let count = ["SELECT count(*)", from(query, Source::Accounts), &conditions.sql].concat();
    let mut count = connection.prepare_cached(&count).map_err(|error| statement(&error))?;
    count.query_row(params_from_iter(&conditions.values), |row| row.get(0)).map_err(|error| statement(&error))
}

#[cfg(test)]
mod tests {
    use tenantry_domain::account::Status;
    use tenantry_domain::{AccountId, TenantId, Timestamp};

    use super::super::migrations::newest_schema;
    use super::*;
    use crate::TimeRange;

    /// What SQLite would do for a list, and for its count.
    fn plan(query: &AccountQuery) -> Vec<String> {
        let connection = newest_schema();
        let counted = Conditions::of(query, Source::Accounts);
        let count = ["SELECT count(*)", from(query, Source::Accounts), &counted.sql].concat();
        let mut plan = Vec::new();
        for (sql, values) in [(count, counted.values), page(query)] {
            let mut explained = connection.prepare(&["EXPLAIN QUERY PLAN ", &sql].concat()).unwrap();
            let lines = explained.query_map(params_from_iter(&values), |row| row.get::<_, String>(3)).unwrap();
            plan.extend(lines.map(Result::unwrap));
        }
        plan
    }

    #[test]
    fn a_long_number_is_looked_up_by_trigrams_side_by_side() {
        assert_eq!(pieces("müllers1"), ["müllers1"]);
        assert_eq!(pieces("912222554"), ["912", "222", "554"]);
        assert_eq!(pieces("a\"b-cödef"), ["a\"b-cödef"]);
        assert_eq!(pieces("customer-7@mail7.example.org"), ["stomer-7@mai"]);
        assert_eq!(pieces("a@mail7.example.org"), ["a@mail7.example.org"]);
        assert_eq!(pieces("@mail7.example.org"), ["@mail7.example.org"]);
        assert_eq!(pieces("customer-7@"), ["stomer-7@"]);
        assert_eq!(pieces("9122225542"), ["912", "222", "554", "542"]);
        assert_eq!(phrase("a\"b"), "\"a\"\"b\"");
    }

    fn id(number: i64) -> AccountId {
        AccountId::try_from(number).unwrap()
    }

    /// Over a million customers a plan that walks the table takes a second where an index takes microseconds.
    #[test]
    fn lists_walk_indexes() {
        let every =
            |reach| AccountQuery { except: Some(id(1)), statuses: vec![Status::Active, Status::Pending], ..AccountQuery::of(reach, 50) };
        let own = || every(Reach::Tenant(TenantId::of(id(1))));
        let email = || Some("a@example.org".to_owned());
        let words = || vec!["abc".to_owned(), "x".to_owned()];
        let since = || TimeRange { from: Some(Timestamp::from_micros(7)), before: None };
        for (query, index) in [
            (own(), "INDEX account_by_tenant (tenant_id=?"),
            (AccountQuery { parent_id: Some(id(1)), ..own() }, "INDEX account_by_parent (tenant_id=? AND parent_id=?"),
            (AccountQuery { email_folded: email(), ..own() }, "INDEX account_email (email_folded=?"),
            (
                AccountQuery { email_folded: email(), statuses: vec![Status::Deleted], ..own() },
                "INDEX account_email_deleted (email_folded=?",
            ),
            (AccountQuery { email_folded: email(), below: Some(id(2)), ..own() }, "INDEX account_email (email_folded=?"),
            (AccountQuery { email_folded: email(), ..every(Reach::EveryTenant) }, "INDEX account_email (email_folded=?"),
            (AccountQuery { words: words(), ..own() }, "account_search VIRTUAL TABLE INDEX"),
            (AccountQuery { words: words(), below: Some(id(2)), ..own() }, "account_search VIRTUAL TABLE INDEX"),
            (AccountQuery { below: Some(id(2)), ..own() }, "SEARCH l USING PRIMARY KEY (tenant_id=? AND ancestor_id=?"),
            (AccountQuery { only: Some(id(2)), ..own() }, "INTEGER PRIMARY KEY (rowid=?"),
            (AccountQuery { customers_only: true, order: AccountOrder::Name, ..own() }, "COVERING INDEX account_by_name (tenant_id=?"),
            (AccountQuery { customers_only: true, ..own() }, "INDEX account_provider"),
            (
                AccountQuery { values: vec![("tag".to_owned(), "x".to_owned())], ..own() },
                "SEARCH v USING PRIMARY KEY (tenant_id=? AND name=? AND value=?",
            ),
            (AccountQuery { id: Some(id(2)), ..own() }, "INTEGER PRIMARY KEY (rowid=?"),
            (AccountQuery { providers_only: true, ..own() }, "INDEX account_provider"),
            (AccountQuery { created: since(), ..own() }, "COVERING INDEX account_by_created (tenant_id=? AND created_at>?"),
            (AccountQuery { created: since(), below: Some(id(2)), ..own() }, "INDEX account_by_created (tenant_id=? AND created_at>?"),
            (AccountQuery { created: since(), words: words(), ..own() }, "account_search VIRTUAL TABLE INDEX"),
            (AccountQuery { updated: since(), ..own() }, "INDEX account_by_tenant (tenant_id=?"),
            (AccountQuery { external_id: Some("x".to_owned()), ..own() }, "INDEX account_external_id (tenant_id=? AND external_id=?"),
            (AccountQuery { name_folded: Some("x".to_owned()), ..own() }, "INDEX account_by_name (tenant_id=? AND name_folded=?"),
            (AccountQuery { order: AccountOrder::Name, ..own() }, "COVERING INDEX account_by_name (tenant_id=?"),
            (AccountQuery { order: AccountOrder::Email, descending: true, ..own() }, "COVERING INDEX account_by_email (tenant_id=?"),
        ] {
            let plan = plan(&query);
            assert!(plan.iter().any(|line| line.contains(index)), "{index} is not in {plan:#?}");
            // The virtual table says SCAN for its own index, and what waits is little.
            let small = |line: &str| {
                line.contains("VIRTUAL TABLE INDEX") || line.contains("search_waiting") || line == "SCAN w" || line.contains("(subquery")
            };
            let walked = plan.iter().find(|line| line.starts_with("SCAN") && !small(line));
            assert_eq!(walked, None, "{plan:#?}");
            let whole_tenant = plan.iter().any(|line| line.contains("account_by_tenant") && !line.contains(" id=?"));
            assert!(!(is_narrow(&query) && whole_tenant), "{plan:#?}");
        }
        // Rows of the index come as they are wanted, and nobody puts all that a word finds in order first.
        for query in
            [AccountQuery { words: words(), ..own() }, AccountQuery { words: words(), descending: true, below: Some(id(2)), ..own() }]
        {
            let (sql, _) = page(&query);
            let plan = plan(&query);
            assert!(sql.contains("FROM account_search s CROSS JOIN account a"), "{sql}");
            let of_index = plan.iter().skip_while(|line| !line.starts_with("SCAN s VIRTUAL TABLE INDEX"));
            let until_the_page = of_index.take_while(|line| !line.starts_with("SCAN (subquery")).collect::<Vec<_>>();
            assert!(!until_the_page.is_empty() && until_the_page.iter().all(|line| !line.contains("TEMP B-TREE")), "{plan:#?}");
        }
    }
}
