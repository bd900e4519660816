//! Databases of a test's own, on the server that `.ci/with-postgres` started.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use crate::wire::Proxy;

/// Which engine the tests of the program run over: `postgres`; `postgres-unfiltered`, which takes our own filter by tenant out of every statement; or else the
/// embedded one.
const ENGINE: &str = "TENANTRY_TEST_ENGINE";
/// Where the server is.
const SERVER: &str = "TENANTRY_TEST_POSTGRES";

/// A database; dropped with this.
pub struct Database {
    server: String,
    name: String,
    /// The proxy that its clients go through.
    through: Option<(Proxy, String)>,
    /// It is the test's own to remove.
    lent: bool,
}

impl Database {
    /// Makes an empty database. `None` where there is no server; in CI there is one, or the test fails: a skip would hide that an engine was not tested.
    pub fn make() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var(SERVER) else {
            assert!(std::env::var_os("CI").is_none(), "{SERVER} is not set: run the tests by `make test`, or beside .ci/with-postgres");
            #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
            {
                eprintln!("skipped: there is no PostgreSQL server (run beside .ci/with-postgres)");
            }
            return None;
        };
        let name = format!("t{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let database = Self { server, name, through: None, lent: false };
        // A process that was killed may have left one of the same number.
        database.on_server(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", database.name));
        database.on_server(&format!("CREATE DATABASE {} TEMPLATE template0", database.name));
        Some(database)
    }

    /// A database that is there already, on a server of the test's own.
    pub fn at(url: &str) -> Self {
        let (_, name) = url.rsplit_once('/').expect("the address names a database");
        Self { server: url.to_owned(), name: name.to_owned(), through: None, lent: true }
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.through.as_ref().map_or_else(|| self.own_url(), |(_, url)| url.clone())
    }

    fn own_url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').expect("the server's address names a database");
        format!("{server}/{}", self.name)
    }

    /// Runs SQL as its owner, whom no policy binds, and gives what `psql` prints: a line a row.
    pub fn sql(&self, sql: &str) -> String {
        psql(&self.own_url(), &format!("SET search_path = tenantry, public; {sql}"))
    }

    /// Runs one statement as the server's administrator, outside of any transaction.
    pub fn on_server(&self, sql: &str) -> String {
        psql(&self.server, sql)
    }
}

/// The databases of data directories.
static MADE: Mutex<BTreeMap<PathBuf, Arc<Database>>> = Mutex::new(BTreeMap::new());

/// Has the servers of a data directory use this database, whatever the tests run over.
pub fn put(data: &Path, database: &Arc<Database>) {
    MADE.lock().expect("no test panics while it makes a database").insert(data.to_owned(), Arc::clone(database));
}

/// The database of a data directory, where the tests run over PostgreSQL: made when it is first asked for, and gone with the server.
pub fn of(data: &Path) -> Option<Arc<Database>> {
    let engine = std::env::var(ENGINE).unwrap_or_default();
    let mut made = MADE.lock().expect("no test panics while it makes a database");
    if let Some(database) = made.get(data) {
        return Some(Arc::clone(database));
    }
    if engine.starts_with("postgres") {
        let fresh = || {
            let mut database = Database::make().expect("the tests run beside a server");
            if engine == "postgres-unfiltered" {
                let (proxy, url) = Proxy::unfiltered(&database.url());
                database.through = Some((proxy, url));
            }
            Arc::new(database)
        };
        let database = fresh();
        made.insert(data.to_owned(), Arc::clone(&database));
        return Some(database);
    }
    None
}

/// Has a command of the program use the database of its data directory, where the tests run over PostgreSQL.
pub fn over<'a>(command: &'a mut Command, data: &Path) -> &'a mut Command {
    if let Some(database) = of(data) {
        command.env("TENANTRY_STORE", database.url());
    }
    command
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.lent {
            return;
        }
        // The server goes with the test run anyway; an assertion here would abort the other tests.
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let _left_to_the_end = Command::new("psql").args(["-Xq", "-d", &self.server, "-c", &drop]).output();
    }
}

fn psql(url: &str, sql: &str) -> String {
    let output = Command::new("psql").args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql]).output().expect("psql starts");
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("psql prints UTF-8").trim_end().to_owned()
}
