//! The embedded engine as one end of a move.

use std::path::Path;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, ToSql, params, params_from_iter};

use super::table::{Row, Table, Tally, Value};
use super::{Place, TransferFault};
use crate::sqlite::{migrations, open};
use crate::{Directory, OpenFault, Options};

/// Pages of the log after which it is moved into the database.
const LOG_PAGES: i64 = 4_000;

/// A data directory that nobody else has open.
pub(super) struct SqliteEnd {
    connection: Connection,
    directory: Directory,
}

type Result<T> = std::result::Result<T, TransferFault>;

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Octets(octets) => ValueRef::Blob(octets),
        }))
    }
}

impl SqliteEnd {
    /// Opens the store of a directory with the newest schema.
    pub(super) fn open(path: &Path) -> std::result::Result<Self, OpenFault> {
        let directory = Directory::open(path)?;
        open::rewrite_log(&directory)?;
        let mut connection = open::writer(&directory, &Options::default())?;
        migrations::migrate(&mut connection, &directory)?;
        directory.sync()?;
        Ok(Self { connection, directory })
    }

    pub(super) fn fault(&self, error: rusqlite::Error) -> TransferFault {
        TransferFault::Open(OpenFault::Database { path: self.directory.database(), error })
    }

    /// From where a move into this was begun.
    pub(super) fn source(&self) -> Result<Option<String>> {
        self.connection.query_row("SELECT source FROM transfer", [], |row| row.get(0)).optional().map_err(|error| self.fault(error))
    }

    pub(super) fn begin(&self, source: &Place, now: i64) -> Result<()> {
        let note = "INSERT INTO transfer (source, began_at) VALUES (?1, ?2)";
        self.connection.execute(note, params![source.to_string(), now]).map(drop).map_err(|error| self.fault(error))
    }

    pub(super) fn count(&self, table: &Table) -> Result<u64> {
        // sql: names of the list of tables
        let ask = format!("SELECT count(*) FROM {}", table.name);
        let count: i64 = self.connection.query_row(&ask, [], |row| row.get(0)).map_err(|error| self.fault(error))?;
        Ok(count.unsigned_abs())
    }

    /// Rows behind a key, in the order of the keys.
    pub(super) fn page(&self, table: &Table, after: Option<&[Value]>, most: usize) -> Result<Vec<Row>> {
        let names: Vec<&str> = table.kinds().map(|(name, _)| name).collect();
        let key = table.sqlite_key.join(", ");
        let behind = after.map_or_else(String::new, |after| format!("WHERE ({key}) > ({})", vec!["?"; after.len()].join(", ")));
        // sql: names of the list of tables; values are bound
        let ask = format!("SELECT {} FROM {} {behind} ORDER BY {key} LIMIT {most}", names.join(", "), table.name);
        let read = || -> rusqlite::Result<Vec<Row>> {
            let mut statement = self.connection.prepare_cached(&ask)?;
            let rows = statement.query_map(params_from_iter(after.unwrap_or_default()), |row| {
                (0..names.len()).map(|index| value(row.get_ref(index)?).map_err(|error| named(index, error))).collect()
            })?;
            rows.collect()
        };
        read().map_err(|error| self.fault(error))
    }

    /// The greatest of what is there by a key.
    pub(super) fn last(&self, table: &Table, key: &[&str]) -> Result<Option<Row>> {
        let names: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
        let order: Vec<String> = key.iter().map(|column| format!("{column} DESC")).collect();
        // sql: names of the list of tables
        let ask = format!("SELECT {} FROM {} ORDER BY {} LIMIT 1", names.join(", "), table.name, order.join(", "));
        let read = |row: &rusqlite::Row<'_>| {
            (0..names.len()).map(|index| value(row.get_ref(index)?).map_err(|error| named(index, error))).collect()
        };
        self.connection.query_row(&ask, [], read).optional().map_err(|error| self.fault(error))
    }

    /// Writes rows in one transaction.
    pub(super) fn put(&mut self, table: &Table, rows: &[Row]) -> Result<()> {
        let names: Vec<&str> = table.kinds().map(|(name, _)| name).collect();
        // sql: names of the list of tables; values are bound
        let insert = format!("INSERT INTO {} ({}) VALUES ({})", table.name, names.join(", "), vec!["?"; names.len()].join(", "));
        let id = table.places(&["id"]);
        let text = table.places(&["search_text"]);
        let write = |connection: &mut Connection| -> rusqlite::Result<()> {
            let transaction = connection.transaction()?;
            for row in rows {
                transaction.prepare_cached(&insert)?.execute(params_from_iter(row))?;
                if let ([id], [text]) = (&*id, &*text) {
                    let index = "INSERT INTO account_search (rowid, search_text) VALUES (?1, ?2)";
                    transaction.prepare_cached(index)?.execute([&row[*id], &row[*text]])?;
                }
            }
            transaction.commit()?;
            let pages: i64 = connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get(1))?;
            if pages >= LOG_PAGES { connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) } else { Ok(()) }
        };
        write(&mut self.connection).map_err(|error| self.fault(error))
    }

    /// The number that is given next.
    pub(super) fn next(&self, sequence: &str) -> Result<i64> {
        let ask = "SELECT next FROM sequence WHERE name = ?1";
        self.connection.query_row(ask, [sequence], |row| row.get(0)).map_err(|error| self.fault(error))
    }

    /// Sets the numbers that are given next, and opens the store to servers.
    pub(super) fn finish(&mut self, next: &[(&str, i64)]) -> Result<()> {
        let write = |connection: &mut Connection| -> rusqlite::Result<()> {
            let transaction = connection.transaction()?;
            for (name, next) in next {
                transaction.execute("UPDATE sequence SET next = ?2 WHERE name = ?1", params![name, next])?;
            }
            transaction.execute("DELETE FROM transfer", [])?;
            transaction.commit()?;
            connection.execute_batch("PRAGMA optimize")?;
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        };
        write(&mut self.connection).map_err(|error| self.fault(error))
    }
}

/// What a database has of a table, with every column that it has there, whatever version its schema has.
pub(crate) fn tallied(connection: &Connection, table: &str) -> rusqlite::Result<Tally> {
    // sql: a name that the database itself gave
    let mut statement = connection.prepare(&format!("SELECT * FROM \"{}\"", table.replace('"', "\"\"")))?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let mut tally = Tally::default();
    while let Some(row) = rows.next()? {
        let read = |index| value(row.get_ref(index)?).map_err(|error| named(index, error));
        tally.add(&(0..columns).map(read).collect::<rusqlite::Result<Row>>()?);
    }
    Ok(tally)
}

fn value(value: ValueRef<'_>) -> std::result::Result<Value, String> {
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Int(number)),
        ValueRef::Text(text) => String::from_utf8(text.to_vec()).map(Value::Text).map_err(|error| error.to_string()),
        ValueRef::Blob(octets) => Ok(Value::Octets(octets.to_vec())),
        ValueRef::Real(_) => Err("a number with a fraction".to_owned()),
    }
}

/// A column that does not hold what it should.
fn named(index: usize, cause: String) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(index, rusqlite::types::Type::Text, cause.into())
}
