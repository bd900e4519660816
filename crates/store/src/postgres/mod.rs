//! The engine for more than one machine: any number of servers over one PostgreSQL database.
//!
//! A tenant's writes go through a lane of their own; a batch of it is one transaction about one tenant, and takes at most six rounds over the network however
//! many commands are in it. Nothing is remembered of records, because other servers change them too.

mod connect;
mod connection;
mod distribute;
mod error;
mod failures;
mod fitness;
mod ids;
mod lanes;
mod list;
mod load;
mod migrations;
mod options;
mod presence;
mod reader;
mod report;
mod save;
mod session;
mod statements;
mod store;
mod twins;
mod writer;

use std::time::Duration;

use crate::OpenFault;

pub use distribute::{Distributed, distribute};
pub(crate) use error::cause;
pub use options::{InvalidUrl, PostgresOptions};
pub(crate) use store::PostgresStore;

/// How long who may act is remembered where other servers may change it: a key that another revoked is refused after this long.
pub(crate) const REMEMBERED_FOR: Duration = Duration::from_millis(500);

/// How often, and after how long, it is looked whether others are still connected: two seconds in all.
const ALONE_TRIES: u32 = 21;
const ALONE_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// A connection as the owner of the tables, which have the newest schema then; only where no server uses the database.
pub(crate) async fn alone(options: &PostgresOptions) -> Result<tokio_postgres::Client, OpenFault> {
    const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity \
        WHERE application_name = 'tenantry' AND datname = current_database() AND pid <> pg_backend_pid()";
    let mut client = connect::Connector::new(options)?.owner().await?;
    for try_number in 1.. {
        let others = client.query_one(OTHERS, &[]).await.and_then(|row| row.try_get(0));
        match others.map_err(|error| OpenFault::Postgres(cause(&error)))? {
            0 => break,
            // The connections of who was just stopped, or killed, are seen for some moments yet.
            _ if try_number < ALONE_TRIES => tokio::time::sleep(ALONE_AGAIN_AFTER).await,
            connections => return Err(OpenFault::Connected { connections }),
        }
    }
    migrations::migrate(&mut client).await?;
    Ok(client)
}

/// A connection as the owner of the tables beside the servers that use them: it changes nothing, not even the schema.
pub(crate) async fn beside(options: &PostgresOptions) -> Result<tokio_postgres::Client, OpenFault> {
    const SPREAD: &str = "SELECT count(*) FROM pg_dist_partition p JOIN pg_class c ON c.oid = p.logicalrelid WHERE c.relnamespace = 'tenantry'::regnamespace";
    let client = connect::Connector::new(options)?.owner().await?;
    migrations::require_newest(&client).await?;
    let fault = |error: tokio_postgres::Error| OpenFault::Postgres(cause(&error));
    if fitness::has_citus(&client).await? && client.query_one(SPREAD, &[]).await.map_err(fault)?.get::<_, i64>(0) > 0 {
        let why =
            "its tables are spread over the nodes of a Citus cluster, which know no common instant; back the nodes up by their own tools";
        return Err(OpenFault::Postgres(why.to_owned()));
    }
    Ok(client)
}

impl crate::row::Row for tokio_postgres::Row {
    fn int(&self, index: usize) -> Result<Option<i64>, String> {
        self.try_get(index).map_err(|error| error.to_string())
    }

    fn text(&self, index: usize) -> Result<Option<&str>, String> {
        self.try_get(index).map_err(|error| error.to_string())
    }

    fn octets(&self, index: usize) -> Result<&[u8], String> {
        self.try_get(index).map_err(|error| error.to_string())
    }
}
