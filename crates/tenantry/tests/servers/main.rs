//! Several servers over one database, each a process of its own: what one acknowledged holds for all, and none is missed when it is killed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod erased;
mod failures;
mod history;
mod killed;
mod linearizable;
mod moved;
mod restored;
mod revoked;

use std::net::SocketAddr;
use std::sync::{Arc, RwLock};

use serde_json::json;
use tenantry_testkit::postgres::Database;
use tenantry_testkit::{Connection, Server, Store, basic};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tenantry");

/// Servers over one database.
struct Fleet {
    /// The first is who made it.
    stores: Vec<Store>,
    servers: Vec<RwLock<Option<Server>>>,
    query: String,
    authorization: String,
}

impl Fleet {
    /// So many servers over a database of their own. `None` where there is no database server.
    fn start(count: usize) -> Option<Arc<Self>> {
        Self::start_with(count, &[])
    }

    /// The same, with more environment.
    fn start_with(count: usize, environment: &[(&str, &str)]) -> Option<Arc<Self>> {
        let database = Arc::new(Database::make()?);
        let first = Store::make_over(PROGRAM, &database);
        let (query, authorization) = (first.query(), basic("1", &first.api_key));
        let mut stores = vec![first];
        while stores.len() < count {
            stores.push(stores[0].one_more(&database));
        }
        let servers = stores.iter().map(|store| RwLock::new(Some(store.serve_under::<&str>(&[], environment)))).collect();
        Some(Arc::new(Self { stores, servers, query, authorization }))
    }

    /// One server over the embedded engine.
    fn embedded() -> Arc<Self> {
        let store = Store::make(PROGRAM);
        let (query, authorization, server) = (store.query(), basic("1", &store.api_key), store.serve());
        Arc::new(Self { stores: vec![store], servers: vec![RwLock::new(Some(server))], query, authorization })
    }

    /// Where a server listens now; that of a dead one's neighbour.
    fn address(&self, number: usize) -> SocketAddr {
        let count = self.servers.len();
        let alive = |number: usize| self.servers[number % count].read().unwrap().as_ref().map(|server| server.address);
        (number..number + count).find_map(alive).unwrap()
    }

    /// Kills a server as the end of its machine would.
    fn kill(&self, number: usize) {
        self.servers[number].write().unwrap().take().unwrap().kill();
    }

    /// Starts a killed server again.
    fn revive(&self, number: usize) {
        *self.servers[number].write().unwrap() = Some(self.stores[number].serve());
    }

    fn connect(&self, number: usize) -> Connection {
        Connection::open(self.address(number)).unwrap()
    }

    /// Adds an active customer.
    fn add(&self, connection: &mut Connection, email: &str) -> i64 {
        // In the dialect that wants no password: hashing would take longer than all else.
        let body = json!({"name": "Abc", "email": email, "status": "on"}).to_string();
        let headers = [("Authorization", &*self.authorization), ("Content-Type", "application/json")];
        let answer = connection.call_with("POST", "/api/2.0/customers", &headers, &body).unwrap();
        answer.json()["item"]["id"].as_i64().unwrap_or_else(|| panic!("{}", answer.body))
    }

    fn user(&self, id: i64) -> String {
        format!("/user/{id}?{}", self.query)
    }
}
