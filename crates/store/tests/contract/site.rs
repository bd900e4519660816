//! A store with an operator and a provider, over each engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;
use tenantry_domain::account::add::AddAccount;
use tenantry_domain::account::install::Install;
use tenantry_domain::account::{Goal, Kind, ProfilePatch};
use tenantry_domain::value::{Email, Name};
use tenantry_domain::{Account, AccountId, Actor, Changes, Command, Context, Dialect, Origin, Outcome, Patch, Refusal, Seed, TenantId};
use tenantry_store::{AccountQuery, Observer, OpenFault, Options, Place, PostgresOptions, Reach, Store};
use tenantry_testkit::postgres::Database;

/// Runs each of these tests over every engine that there is.
macro_rules! on_every_engine {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test($crate::site::Engine::Sqlite).await;
            })+
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                if let Some(database) = tenantry_testkit::postgres::Database::make() {
                    super::$test($crate::site::Engine::Postgres(database.into())).await;
                }
            })+
        }
    };
}
pub(crate) use on_every_engine;

/// The engine under test.
#[derive(Clone)]
pub(crate) enum Engine {
    Sqlite,
    Postgres(Arc<Database>),
}

/// Counts commits: what a cache is told.
#[derive(Default)]
pub(crate) struct Commits(pub(crate) AtomicUsize);

impl Observer for Commits {
    fn committed(&self, changes: &Changes) {
        assert!(!changes.is_empty(), "nothing was committed");
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

pub(crate) struct Site {
    pub(crate) store: Option<Store>,
    pub(crate) commits: Arc<Commits>,
    pub(crate) directory: TempDir,
    pub(crate) engine: Engine,
    options: Options,
}

pub(crate) fn id(number: i64) -> AccountId {
    AccountId::try_from(number).unwrap()
}

impl Site {
    /// A store with the operator and provider 1.
    pub(crate) async fn new(engine: Engine) -> Self {
        Self::with(engine, Options::default()).await
    }

    /// The same, opened as said.
    pub(crate) async fn with(engine: Engine, options: Options) -> Self {
        let site = Self::empty(engine, options).await;
        site.run(Command::Install(Install)).await.unwrap();
        site.add(0, Kind::Provider, "Top").await;
        site
    }

    /// A store without anything in it.
    pub(crate) async fn empty(engine: Engine, options: Options) -> Self {
        let mut site = Self::closed(engine, &options);
        site.reopened().await;
        site
    }

    /// A place for a store.
    pub(crate) fn closed(engine: Engine, options: &Options) -> Self {
        let postgres = match &engine {
            Engine::Sqlite => None,
            Engine::Postgres(database) => Some(PostgresOptions::parse(&database.url(), None).unwrap()),
        };
        let (directory, options) = (tempfile::tempdir().unwrap(), Options { postgres, ..options.clone() });
        Self { store: None, commits: Arc::default(), directory, engine, options }
    }

    /// Where the store is.
    pub(crate) fn place(&self) -> Place {
        match &self.options.postgres {
            None => Place::Sqlite(self.directory.path().to_owned()),
            Some(postgres) => Place::Postgres(Box::new(postgres.clone())),
        }
    }

    /// Opens the store once more.
    pub(crate) async fn open(&self) -> Result<Store, OpenFault> {
        Store::open(self.directory.path(), &self.options, Arc::clone(&self.commits) as _).await
    }

    pub(crate) fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    pub(crate) async fn close(&mut self) {
        self.store.take().unwrap().close().await;
    }

    /// Closes the store and opens it again.
    pub(crate) async fn reopen(&mut self) {
        self.close().await;
        self.reopened().await;
    }

    /// Opens a store that was closed.
    pub(crate) async fn reopened(&mut self) {
        self.store = Some(self.open().await.unwrap());
    }

    pub(crate) async fn run(&self, command: Command) -> Result<Outcome, Refusal> {
        self.store().run(command, context()).await
    }

    pub(crate) async fn add(&self, parent: i64, kind: Kind, first_name: &str) -> i64 {
        self.run(add(parent, kind, first_name, None)).await.unwrap().account.id.get()
    }

    pub(crate) async fn account(&self, number: i64) -> Arc<Account> {
        self.store().account(Reach::EveryTenant, id(number)).await.unwrap().unwrap()
    }

    /// Changes the database beside the store.
    pub(crate) fn sql(&self, sql: &str) {
        match &self.engine {
            Engine::Sqlite => self.database().execute_batch(sql).unwrap(),
            Engine::Postgres(database) => drop(database.sql(sql)),
        }
    }

    /// A number that the database gives beside the store.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        match &self.engine {
            Engine::Sqlite => self.database().query_row(sql, [], |row| row.get(0)).unwrap(),
            Engine::Postgres(database) => database.sql(sql).parse().unwrap(),
        }
    }

    /// Texts that the database gives beside the store.
    pub(crate) fn lines(&self, sql: &str) -> Vec<String> {
        match &self.engine {
            Engine::Sqlite => {
                let database = self.database();
                let mut rows = database.prepare(sql).unwrap();
                rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
            }
            Engine::Postgres(database) => database.sql(sql).lines().map(str::to_owned).collect(),
        }
    }

    /// The embedded engine's file, opened beside the store.
    pub(crate) fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.directory.path().join("tenantry.db")).unwrap()
    }
}

pub(crate) fn context() -> Context {
    let origin = Origin {
        dialect: Dialect::CommandLine,
        request_id: "r".to_owned(),
        peer: Some("192.0.2.1".parse().unwrap()),
        claimed: None,
        credential: Some("38f9c450".to_owned()),
    };
    Context {
        actor: Actor::OPERATOR,
        at: "2026-03-01T12:00:00.123456Z".parse().unwrap(),
        seed: Seed([3; 32]),
        origin,
        only_versions: None,
        idempotency: None,
    }
}

pub(crate) fn add(parent: i64, kind: Kind, first_name: &str, email: Option<&str>) -> Command {
    Command::AddAccount(Box::new(AddAccount {
        email: email.map(|email| Email::parse(email).unwrap()),
        profile: ProfilePatch { first_name: Patch::Set(Name::parse(first_name).unwrap()), ..ProfilePatch::default() },
        goal: Some(Goal::Active),
        ..AddAccount::below(id(parent), kind)
    }))
}

/// Waits for something within a closure, in a test with several threads.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(future))
}

/// Everything of provider 1's tenant.
pub(crate) fn everything() -> AccountQuery {
    AccountQuery::of(Reach::Tenant(TenantId::of(id(1))), 100)
}
