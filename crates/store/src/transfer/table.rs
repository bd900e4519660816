//! What an installation is made of: its tables, with the columns that both engines have, and the order in which each engine gives them.

use std::fmt::Write;

use aws_lc_rs::digest::{Context, SHA256};

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Int(i64),
    Text(String),
    Octets(Vec<u8>),
}

/// The values of a row, in the order of its table's columns.
pub(super) type Row = Vec<Value>;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Text,
    Octets,
}

/// A table of an installation.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// The columns that both engines have, by name.
    pub(super) columns: &'static [(&'static str, Kind)],
    /// What a row is found by in the embedded engine, and in what order it is read there.
    pub(super) sqlite_key: &'static [&'static str],
    /// The same for PostgreSQL.
    pub(super) postgres_key: &'static [&'static str],
    /// A column that only the embedded engine has.
    pub(super) chain: Option<Chain>,
}

/// A column that names an event: of an account the newest, of an event the one before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chain {
    pub(super) name: &'static str,
    /// Which event it is, as a condition on `c` for a row `t`.
    pub(super) named: &'static str,
}

use Kind::{Int, Octets, Text};

/// Every table. The accounts come last: a store without its operator counts as empty.
pub(super) const TABLES: &[Table] = &[
    Table {
        name: "event",
        columns: &[
            ("tenant_id", Int),
            ("account_id", Int),
            ("version", Int),
            ("seq", Int),
            ("name", Text),
            ("at", Int),
            ("actor_id", Int),
            ("credential", Text),
            ("peer", Text),
            ("claimed", Text),
            ("dialect", Text),
            ("request_id", Text),
            ("changes", Text),
        ],
        sqlite_key: &["seq"],
        postgres_key: &["tenant_id", "account_id", "version"],
        chain: Some(Chain {
            name: "previous",
            named: "c.tenant_id = t.tenant_id AND c.account_id = t.account_id AND c.version = t.version - 1",
        }),
    },
    Table {
        name: "lineage",
        columns: &[("tenant_id", Int), ("ancestor_id", Int), ("account_id", Int)],
        sqlite_key: &["tenant_id", "ancestor_id", "account_id"],
        postgres_key: &["tenant_id", "ancestor_id", "account_id"],
        chain: None,
    },
    Table {
        name: "api_key",
        columns: &[
            ("tenant_id", Int),
            ("account_id", Int),
            ("scheme", Text),
            ("public", Text),
            ("verifier", Octets),
            ("label", Text),
            ("scopes", Text),
            ("allow", Text),
            ("rate_per_minute", Int),
            ("created_at", Int),
            ("expires_at", Int),
            ("revoked_at", Int),
        ],
        sqlite_key: &["tenant_id", "account_id", "scheme", "public"],
        postgres_key: &["tenant_id", "account_id", "scheme", "public"],
        chain: None,
    },
    Table {
        name: "package",
        columns: &[
            ("tenant_id", Int),
            ("id", Int),
            ("path", Text),
            ("provider_id", Int),
            ("channel", Text),
            ("name", Text),
            ("identifier", Text),
            ("quantity", Int),
            ("status", Text),
            ("created_at", Int),
            ("updated_at", Int),
        ],
        sqlite_key: &["id"],
        postgres_key: &["tenant_id", "id"],
        chain: None,
    },
    Table {
        name: "hold_end",
        columns: &[("tenant_id", Int), ("account_id", Int), ("ends_at", Int)],
        sqlite_key: &["tenant_id", "account_id"],
        postgres_key: &["tenant_id", "account_id"],
        chain: None,
    },
    Table {
        name: "twin_key",
        columns: &[("tenant_id", Int), ("key", Text), ("account_id", Int)],
        sqlite_key: &["tenant_id", "key", "account_id"],
        postgres_key: &["tenant_id", "key", "account_id"],
        chain: None,
    },
    Table {
        name: "package_holder",
        columns: &[("tenant_id", Int), ("package_id", Int), ("account_id", Int)],
        sqlite_key: &["tenant_id", "package_id", "account_id"],
        postgres_key: &["tenant_id", "package_id", "account_id"],
        chain: None,
    },
    Table {
        name: "quota_entry",
        columns: &[
            ("tenant_id", Int),
            ("account_id", Int),
            ("version", Int),
            ("channel", Text),
            ("kind", Text),
            ("amount", Int),
            ("balance", Int),
            ("reason", Text),
            ("idempotency_key", Text),
            ("at", Int),
        ],
        sqlite_key: &["tenant_id", "account_id", "version", "channel"],
        postgres_key: &["tenant_id", "account_id", "version", "channel"],
        chain: None,
    },
    Table {
        name: "idempotent_answer",
        columns: &[
            ("tenant_id", Int),
            ("key", Octets),
            ("fingerprint", Octets),
            ("account_id", Int),
            ("answer", Octets),
            ("expires_at", Int),
        ],
        sqlite_key: &["tenant_id", "key"],
        postgres_key: &["tenant_id", "key"],
        chain: None,
    },
    Table {
        name: "account_value",
        columns: &[("tenant_id", Int), ("name", Text), ("value", Text), ("account_id", Int), ("is_unique", Int)],
        sqlite_key: &["tenant_id", "name", "value", "account_id"],
        postgres_key: &["tenant_id", "name", "value", "account_id"],
        chain: None,
    },
    Table {
        name: "failure_budget",
        columns: &[("bucket", Text), ("full_at", Int)],
        sqlite_key: &["bucket"],
        postgres_key: &["bucket"],
        chain: None,
    },
    Table {
        name: "account",
        columns: &[
            ("tenant_id", Int),
            ("id", Int),
            ("parent_id", Int),
            ("ancestors", Text),
            ("kind", Text),
            ("external_id", Text),
            ("hash", Text),
            ("email", Text),
            ("email_folded", Text),
            ("password_hash", Text),
            ("call_in_pin", Text),
            ("status", Text),
            ("holds", Text),
            ("activated_at", Int),
            ("ended_at", Int),
            ("created_at", Int),
            ("updated_at", Int),
            ("version", Int),
            ("profile", Text),
            ("allotments", Text),
            ("name_folded", Text),
            ("search_text", Text),
        ],
        sqlite_key: &["id"],
        postgres_key: &["tenant_id", "id"],
        chain: Some(Chain { name: "newest_event", named: "c.tenant_id = t.tenant_id AND c.account_id = t.id AND c.version = t.version" }),
    },
];

/// What numbers are given to next, by name: rising, and never used twice.
pub(super) const SEQUENCES: &[&str] = &["account", "package", "event"];

impl Table {
    /// Every column, the chain's last.
    pub(super) fn kinds(&self) -> impl Iterator<Item = (&'static str, Kind)> {
        self.columns.iter().copied().chain(self.chain.map(|chain| (chain.name, Int)))
    }

    /// Where the columns of a key stand in a row.
    pub(super) fn places(&self, key: &[&str]) -> Vec<usize> {
        key.iter().filter_map(|name| self.columns.iter().position(|(column, _)| column == name)).collect()
    }
}

/// How many rows a table has, and a sum over them that does not depend on their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Rows.
    pub rows: u64,
    /// The sum of the first sixteen octets of the SHA-256 of each row, without the carry.
    sum: u128,
}

impl Tally {
    /// Takes a row in.
    pub(super) fn add(&mut self, row: &[Value]) {
        let mut context = Context::new(&SHA256);
        for value in row {
            // Each value with its kind and length, so that no two rows are the same octets.
            let (kind, octets): (u8, &[u8]) = match value {
                Value::Null => (0, &[]),
                Value::Int(number) => (1, &number.to_be_bytes()),
                Value::Text(text) => (2, text.as_bytes()),
                Value::Octets(octets) => (3, octets),
            };
            context.update(&[kind]);
            context.update(&(octets.len() as u64).to_be_bytes());
            context.update(octets);
        }
        let half = context.finish().as_ref().iter().take(16).fold(0, |sum: u128, octet| sum << 8 | u128::from(*octet));
        self.sum = self.sum.wrapping_add(half);
        self.rows += 1;
    }

    /// The sum in hexadecimal digits.
    pub fn checksum(&self) -> String {
        let mut digits = String::with_capacity(32);
        let _a_string_takes_all = write!(digits, "{:032x}", self.sum);
        digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is made anew at the target, or never moves.
    const NOT_MOVED: [&str; 5] = ["sequence", "transfer", "search_waiting", "account_search", "leftovers"];

    #[test]
    fn no_table_and_no_column_is_left_behind() {
        let schema = crate::sqlite::migrations::newest_schema();
        let names = |sql: &str| -> Vec<String> {
            let mut rows = schema.prepare(sql).unwrap();
            rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let tables =
            names("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite_%'");
        for name in tables.iter().filter(|name| !NOT_MOVED.contains(&name.as_str())) {
            let table = TABLES.iter().find(|table| table.name == name).unwrap_or_else(|| panic!("table {name} is not moved"));
            let mut columns: Vec<&str> = table.kinds().map(|(name, _)| name).collect();
            let mut there = names(&format!("SELECT name FROM pragma_table_info('{name}')"));
            columns.sort_unstable();
            there.sort_unstable();
            assert_eq!(columns, there, "the columns of {name}");
        }
        assert_eq!(tables.len(), TABLES.len() + NOT_MOVED.len());
    }

    #[test]
    fn a_tally_knows_rows_apart_and_not_their_order() {
        let text = |text: &str| Value::Text(text.to_owned());
        let tally = |rows: &[Vec<Value>]| {
            let mut tally = Tally::default();
            rows.iter().for_each(|row| tally.add(row));
            tally
        };
        let rows = [vec![text("ab"), text("c")], vec![Value::Int(1), Value::Null]];
        let turned = [rows[1].clone(), rows[0].clone()];
        assert_eq!(tally(&rows), tally(&turned));
        for other in [vec![text("a"), text("bc")], vec![text("ab"), Value::Null], vec![text("ab"), Value::Octets(b"c".to_vec())]] {
            assert_ne!(tally(&rows).checksum(), tally(&[other, rows[1].clone()]).checksum());
        }
    }
}
