//! PostgreSQL as one end of a move: as the owner of the tables, whom no policy binds.

use std::pin::pin;

use bytes::BytesMut;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Error};

use super::table::{Kind, Row, Table, Value};
use super::{Place, TransferFault};
use crate::OpenFault;
use crate::postgres::{self, PostgresOptions};

/// A database that no server uses.
pub(super) struct PostgresEnd {
    client: Client,
}

type Result<T> = std::result::Result<T, TransferFault>;

impl From<Error> for TransferFault {
    fn from(error: Error) -> Self {
        Self::Open(OpenFault::Postgres(postgres::cause(&error)))
    }
}

impl PostgresEnd {
    /// Opens a database with the newest schema.
    pub(super) async fn open(options: &PostgresOptions) -> Result<Self> {
        Ok(Self { client: postgres::alone(options).await? })
    }

    /// Opens a database beside its servers: everything is read as it is at this instant. Gives the engine's name, too.
    pub(super) async fn snapshot(options: &PostgresOptions) -> Result<(Self, String)> {
        let client = postgres::beside(options).await?;
        // The first statement that reads is what makes the snapshot.
        client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        let version: String =
            client.query_one("SELECT current_setting('server_version') FROM tenantry.schema_version LIMIT 1", &[]).await?.get(0);
        Ok((Self { client }, format!("PostgreSQL {version}")))
    }

    pub(super) async fn source(&self) -> Result<Option<String>> {
        Ok(self.client.query_opt("SELECT source FROM tenantry.transfer", &[]).await?.map(|row| row.get(0)))
    }

    pub(super) async fn begin(&self, source: &Place, now: i64) -> Result<()> {
        let note = "INSERT INTO tenantry.transfer (source, began_at) VALUES ($1, $2)";
        Ok(self.client.execute(note, &[&source.to_string(), &now]).await.map(drop)?)
    }

    pub(super) async fn count(&self, table: &Table) -> Result<u64> {
        // sql: names of the list of tables
        let ask = format!("SELECT count(*) FROM tenantry.{}", table.name);
        Ok(self.client.query_one(&ask, &[]).await?.get::<_, i64>(0).unsigned_abs())
    }

    pub(super) async fn page(&self, table: &Table, after: Option<&[Value]>, most: usize) -> Result<Vec<Row>> {
        let key = table.postgres_key.iter().map(|column| format!("t.{column}")).collect::<Vec<_>>().join(", ");
        let after = after.unwrap_or_default();
        let places: Vec<String> = (1..=after.len()).map(|number| format!("${number}")).collect();
        let behind = if after.is_empty() { String::new() } else { format!("WHERE ({key}) > ({})", places.join(", ")) };
        let columns = table.columns.iter().map(|(name, _)| format!("t.{name}"));
        let columns: Vec<String> = columns.chain(table.chain.map(|_| "c.seq".to_owned())).collect();
        let chain = table.chain.map_or_else(String::new, |chain| format!("LEFT JOIN tenantry.event c ON {}", chain.named));
        // sql: names of the list of tables; values are bound
        let ask = format!("SELECT {} FROM tenantry.{} t {chain} {behind} ORDER BY {key} LIMIT {most}", columns.join(", "), table.name);
        let values: Vec<&(dyn ToSql + Sync)> = after.iter().map(|value| value as _).collect();
        let rows = self.client.query(&ask, &values).await?;
        rows.iter().map(|row| read(row, table.kinds().map(|(_, kind)| kind))).collect()
    }

    pub(super) async fn last(&self, table: &Table, key: &[&str]) -> Result<Option<Row>> {
        let names: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
        let order: Vec<String> = key.iter().map(|column| format!("{column} DESC")).collect();
        // sql: names of the list of tables
        let ask = format!("SELECT {} FROM tenantry.{} ORDER BY {} LIMIT 1", names.join(", "), table.name, order.join(", "));
        let row = self.client.query_opt(&ask, &[]).await?;
        row.map(|row| read(&row, table.columns.iter().map(|(_, kind)| *kind))).transpose()
    }

    /// Writes rows, all or none.
    pub(super) async fn put(&self, table: &Table, rows: &[Row]) -> Result<()> {
        let names: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
        let types: Vec<Type> = table.columns.iter().map(|(_, kind)| of(*kind)).collect();
        // sql: names of the list of tables
        let copy = format!("COPY tenantry.{} ({}) FROM STDIN BINARY", table.name, names.join(", "));
        let mut writer = pin!(BinaryCopyInWriter::new(self.client.copy_in(&copy).await?, &types));
        for row in rows {
            // What only the embedded engine has stands behind the others.
            let values: Vec<&(dyn ToSql + Sync)> = row.iter().take(names.len()).map(|value| value as _).collect();
            writer.as_mut().write(&values).await?;
        }
        Ok(writer.finish().await.map(drop)?)
    }

    pub(super) async fn next(&self, sequence: &str) -> Result<i64> {
        // sql: a name of the list of sequences
        let ask = format!("SELECT last_value + is_called::int FROM tenantry.{}", named(sequence));
        Ok(self.client.query_one(&ask, &[]).await?.get(0))
    }

    /// Sets the numbers that are given next, and opens the database to servers.
    pub(super) async fn finish(&mut self, next: &[(&str, i64)]) -> Result<()> {
        let transaction = self.client.transaction().await?;
        for (name, next) in next {
            let name = format!("tenantry.{}", named(name));
            transaction.execute("SELECT setval($1::text::regclass, $2, false)", &[&name, next]).await?;
        }
        transaction.execute("DELETE FROM tenantry.transfer", &[]).await?;
        transaction.commit().await?;
        // The planner has seen none of it yet.
        Ok(self.client.batch_execute("ANALYZE").await?)
    }
}

/// A sequence's name here.
fn named(sequence: &str) -> &'static str {
    match sequence {
        "account" => "account_id",
        "package" => "package_id",
        _ => "event_seq",
    }
}

const fn of(kind: Kind) -> Type {
    match kind {
        Kind::Int => Type::INT8,
        Kind::Text => Type::TEXT,
        Kind::Octets => Type::BYTEA,
    }
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) => number.to_sql(ty, out),
            Self::Text(text) => text.to_sql(ty, out),
            Self::Octets(octets) => octets.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BYTEA].contains(ty)
    }

    to_sql_checked!();
}

fn read(row: &tokio_postgres::Row, kinds: impl Iterator<Item = Kind>) -> Result<Row> {
    let value = |(index, kind)| -> std::result::Result<Value, Error> {
        Ok(match kind {
            Kind::Int => row.try_get::<_, Option<i64>>(index)?.map_or(Value::Null, Value::Int),
            Kind::Text => row.try_get::<_, Option<String>>(index)?.map_or(Value::Null, Value::Text),
            Kind::Octets => row.try_get::<_, Option<Vec<u8>>>(index)?.map_or(Value::Null, Value::Octets),
        })
    };
    Ok(kinds.enumerate().map(value).collect::<std::result::Result<_, _>>()?)
}
