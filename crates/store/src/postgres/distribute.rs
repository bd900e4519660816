//! Spreading the tables over the nodes of a Citus cluster.

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::connect::ROLE;
use super::error::cause;
use super::migrations::LOCK;
use super::{PostgresOptions, alone};
use crate::OpenFault;

const DISTRIBUTE: &str = include_str!("distribute.sql");

/// A table, and how it lies on the nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distributed {
    /// The table.
    pub table: String,
    /// Citus's word for it: `distributed` by tenant, or a `reference` table, which every node has.
    pub kind: String,
    /// Pieces.
    pub shards: i64,
    /// Nodes that have pieces.
    pub nodes: i64,
}

/// Brings a database to the newest schema and spreads its tables by tenant over the nodes of its Citus cluster. What is spread already is left as it is.
///
/// # Errors
/// The database cannot be used, servers use it, it has not the extension, or the address's user may not.
pub async fn distribute(options: &PostgresOptions) -> Result<Vec<Distributed>, OpenFault> {
    const REPORT: &str = "SELECT replace(t.table_name::text, 'tenantry.', ''), t.citus_table_type, t.shard_count, \
        (SELECT count(DISTINCT (s.nodename, s.nodeport)) FROM citus_shards s WHERE s.table_name = t.table_name) \
        FROM citus_tables t JOIN pg_class c ON c.oid = t.table_name WHERE c.relnamespace = 'tenantry'::regnamespace ORDER BY 1";
    let mut client = alone(options).await?;
    spread(&mut client).await.map_err(|error| OpenFault::Postgres(advice(&error)))?;
    let fault = |error| OpenFault::Postgres(cause(&error));
    let rows = client.query(REPORT, &[]).await.map_err(fault)?;
    let read = |row: &tokio_postgres::Row| {
        Ok(Distributed { table: row.try_get(0)?, kind: row.try_get(1)?, shards: row.try_get(2)?, nodes: row.try_get(3)? })
    };
    rows.iter().map(read).collect::<Result<_, _>>().map_err(fault)
}

async fn spread(client: &mut Client) -> Result<(), tokio_postgres::Error> {
    // The coordinator keeps the rows that were there before, unseen: what every node has by now.
    const LEFT_OVER: &str = "SELECT truncate_local_data_after_distributing_table(logicalrelid) FROM pg_dist_partition p JOIN pg_class c ON c.oid = p.logicalrelid \
        WHERE c.relnamespace = 'tenantry'::regnamespace AND p.partmethod = 'h'";
    let transaction = client.transaction().await?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    transaction.batch_execute("SET LOCAL search_path = tenantry, public").await?;
    transaction.batch_execute(DISTRIBUTE).await?;
    transaction.commit().await?;
    client.batch_execute(LEFT_OVER).await
}

/// What to do about it.
fn advice(error: &tokio_postgres::Error) -> String {
    let cause = cause(error);
    match error.code() {
        Some(code) if *code == SqlState::FEATURE_NOT_SUPPORTED => {
            format!(
                "{cause}. On every node, with citus in shared_preload_libraries: CREATE EXTENSION citus; docs/scale-out.md has the whole way"
            )
        }
        Some(code) if *code == SqlState::INSUFFICIENT_PRIVILEGE => {
            format!("{cause}. As an administrator, on the coordinator: ALTER ROLE {ROLE} LOGIN; ALTER ROLE {ROLE} SET lock_timeout = '5s'")
        }
        _ => cause,
    }
}
