//! What only an engine over a database server can do or suffer.

mod citus;
mod cuts;
mod migrations;
mod rounds;
mod servers;
mod settings;
mod starts;
mod timelines;
mod walls;

use std::sync::Arc;

use tenantry_domain::account::Kind;
use tenantry_domain::{Actor, Context, TenantId};
use tenantry_store::{Options, PostgresOptions, Store};
use tenantry_testkit::postgres::Database;

use crate::site::{Commits, Engine, Site, context, id};

/// A database with the operator and provider 1, or `None` where there is no server.
async fn site() -> Option<(Site, Arc<Database>)> {
    let database = Arc::new(Database::make()?);
    Some((Site::new(Engine::Postgres(Arc::clone(&database))).await, database))
}

/// One more server over a database, in a directory of its own, with so many connections of each kind.
async fn server(url: &str, connections: usize) -> (Store, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let mut postgres = PostgresOptions::parse(url, None).unwrap();
    (postgres.writers, postgres.readers) = (connections, connections);
    let options = Options { postgres: Some(postgres), ..Options::default() };
    (Store::open(directory.path(), &options, Arc::new(Commits::default())).await.unwrap(), directory)
}

/// Provider 1 acts.
fn as_provider() -> Context {
    Context { actor: Actor { account_id: id(1), tenant_id: TenantId::of(id(1)), kind: Kind::Provider }, ..context() }
}
