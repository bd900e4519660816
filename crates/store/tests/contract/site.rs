//! A store in a directory of its own, with an operator and a provider.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;
use tenantry_domain::account::add::AddAccount;
use tenantry_domain::account::install::Install;
use tenantry_domain::account::{Goal, Kind, ProfilePatch};
use tenantry_domain::value::{Email, Name};
use tenantry_domain::{Account, AccountId, Actor, Changes, Command, Context, Dialect, Origin, Outcome, Patch, Refusal, Seed, TenantId};
use tenantry_store::{AccountQuery, Observer, OpenFault, Options, Reach, Store};

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
}

pub(crate) fn id(number: i64) -> AccountId {
    AccountId::try_from(number).unwrap()
}

/// The engine under test.
pub(crate) fn open(path: &Path, commits: Arc<Commits>) -> Result<Store, OpenFault> {
    Store::open(path, &Options::default(), commits)
}

impl Site {
    /// A store with the operator and provider 1.
    pub(crate) async fn new() -> Self {
        Self::with(Options::default()).await
    }

    /// The same, opened as said.
    pub(crate) async fn with(options: Options) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let commits = Arc::new(Commits::default());
        let store = Some(Store::open(directory.path(), &options, Arc::clone(&commits) as _).unwrap());
        let site = Self { store, commits, directory };
        site.run(Command::Install(Install)).await.unwrap();
        site.add(0, Kind::Provider, "Top").await;
        site
    }

    pub(crate) fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    /// Closes the store and opens it again.
    pub(crate) fn reopen(&mut self) {
        self.store.take().unwrap().close();
        self.store = Some(open(self.directory.path(), Arc::clone(&self.commits)).unwrap());
    }

    pub(crate) async fn run(&self, command: Command) -> Result<Outcome, Refusal> {
        self.store().run(command, context()).await
    }

    pub(crate) async fn add(&self, parent: i64, kind: Kind, first_name: &str) -> i64 {
        self.run(add(parent, kind, first_name, None)).await.unwrap().account.id.get()
    }

    pub(crate) fn account(&self, number: i64) -> Arc<Account> {
        self.store().account(Reach::EveryTenant, id(number)).unwrap().unwrap()
    }

    /// The database, opened beside the store.
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
    Context { actor: Actor::OPERATOR, at: "2026-03-01T12:00:00.123456Z".parse().unwrap(), seed: Seed([3; 32]), origin }
}

pub(crate) fn add(parent: i64, kind: Kind, first_name: &str, email: Option<&str>) -> Command {
    Command::AddAccount(Box::new(AddAccount {
        email: email.map(|email| Email::parse(email).unwrap()),
        profile: ProfilePatch { first_name: Patch::Set(Name::parse(first_name).unwrap()), ..ProfilePatch::default() },
        goal: Some(Goal::Active),
        ..AddAccount::below(id(parent), kind)
    }))
}

/// Everything of provider 1's tenant.
pub(crate) fn everything() -> AccountQuery {
    AccountQuery::of(Reach::Tenant(TenantId::of(id(1))), 100)
}
