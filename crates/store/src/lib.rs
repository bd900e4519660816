//! Where it is kept: lanes that load, decide and save in batches, and the reads. The only crate that knows SQL; it knows no rule.

mod engine;
mod lane;
mod query;
mod records;
pub mod sqlite;

use std::path::Path;
use std::sync::Arc;

use tenantry_domain::key::{Key, PublicKey, Scheme};
use tenantry_domain::package::{Package, PackageId};
use tenantry_domain::quota::QuotaEntry;
use tenantry_domain::{Account, AccountId, Changes, Command, Context, Outcome, Refusal, TenantId, WorkingSet};

pub use engine::{FailureBudget, StoreFault};
pub use lane::{LaneState, LaneStatistics};
pub use query::{AccountList, AccountOrder, AccountQuery, ProfileField, Reach};
pub use sqlite::{Durability, OpenFault, Options, StoreReport};

/// Who is told of every commit, after it is durable and before anybody is answered: whoever caches records.
pub trait Observer: Send + Sync {
    /// These changes are durable.
    fn committed(&self, changes: &Changes);
}

/// An open store: one lane that writes, and readers.
pub struct Store {
    lane: lane::Lane,
    readers: sqlite::Readers,
    records: Arc<records::Records>,
    directory: sqlite::Directory,
}

impl Store {
    /// Opens the store in a directory, making it when there is none. One process at a time has it open.
    ///
    /// # Errors
    /// The directory cannot be used, another process has it, the file is newer than this program, or the database would not be durable.
    pub fn open(path: &Path, options: &Options, observer: Arc<dyn Observer>) -> Result<Self, OpenFault> {
        let directory = sqlite::Directory::open(path)?;
        let records = Arc::new(records::Records::new(options.record_cache_octets));
        let engine = sqlite::Sqlite::open(&directory, options, Arc::clone(&records))?;
        let readers = sqlite::Readers::open(&directory, options)?;
        let lane = lane::Lane::start(engine, observer).map_err(|error| OpenFault::Io { path: path.to_owned(), error })?;
        Ok(Self { lane, readers, records, directory })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Carries a command out. When this returns an outcome, it is durable.
    ///
    /// # Errors
    /// The domain's refusal; `unavailable` when nothing was written; `outcome_unknown` when the commit failed.
    pub async fn run(&self, command: Command, context: Context) -> Result<Outcome, Refusal> {
        self.lane.run(command, context).await
    }

    /// The records that a command names, read without a lane: to see what a command would come to.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn rehearse(&self, command: &Command) -> Result<WorkingSet, StoreFault> {
        self.readers.with(|connection| sqlite::load(connection, &self.records, &[command]))
    }

    /// One account.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn account(&self, reach: Reach, id: AccountId) -> Result<Option<Arc<Account>>, StoreFault> {
        let on_disk = || self.readers.with(|connection| sqlite::account(connection, reach, id));
        match self.records.get(id) {
            Some(account) if reach.includes(&account) => Ok(Some(account)),
            // Another tenant's takes as long as one that does not exist: it is looked for on the disk, and not found.
            Some(_) => on_disk(),
            None => self.records.get_or_read(id, on_disk).map(|account| account.filter(|account| reach.includes(account))),
        }
    }

    /// One account, whoever's it is, and whether or not it is in memory: for those whose time must not tell what is.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn account_on_disk(&self, id: AccountId) -> Result<Option<Arc<Account>>, StoreFault> {
        self.readers.with(|connection| sqlite::account(connection, Reach::EveryTenant, id))
    }

    /// Whether the store holds an installation: its operator.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn is_installed(&self) -> Result<bool, StoreFault> {
        Ok(self.account(Reach::EveryTenant, AccountId::OPERATOR)?.is_some())
    }

    /// One key by what names it.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn key(&self, tenant_id: TenantId, account_id: AccountId, scheme: Scheme, public: &PublicKey) -> Result<Option<Key>, StoreFault> {
        self.readers.with(|connection| sqlite::key(connection, tenant_id, account_id, scheme, public))
    }

    /// The keys of one account, or all keys, oldest first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn keys(&self, account_id: Option<AccountId>) -> Result<Vec<Key>, StoreFault> {
        self.readers.with(|connection| sqlite::keys(connection, account_id))
    }

    /// The keys of a scheme with a public part, whoever's they are: for finding out who calls.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn keys_by_public(&self, scheme: Scheme, public: &PublicKey) -> Result<Vec<Key>, StoreFault> {
        self.readers.with(|connection| sqlite::keys_by_public(connection, scheme, public))
    }

    /// One package that is not deleted.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn package(&self, reach: Reach, id: PackageId) -> Result<Option<Package>, StoreFault> {
        self.readers.with(|connection| sqlite::package(connection, reach, id))
    }

    /// Every package in reach that is not deleted, by rising id.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn packages(&self, reach: Reach) -> Result<Vec<Package>, StoreFault> {
        self.readers.list(|connection| sqlite::packages(connection, reach))
    }

    /// The newest lines of an account's ledger, newest first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn quota_entries(&self, tenant_id: TenantId, account_id: AccountId, limit: u32) -> Result<Vec<QuotaEntry>, StoreFault> {
        self.readers.with(|connection| sqlite::quota_entries(connection, tenant_id, account_id, limit))
    }

    /// The budgets of failed authentications, as they were last kept.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn failure_budgets(&self) -> Result<Vec<FailureBudget>, StoreFault> {
        self.readers.with(sqlite::failure_budgets)
    }

    /// Keeps a budget of failed authentications, within a second or two. `now` in microseconds since 1970.
    pub fn keep_failure_budget(&self, budget: FailureBudget, now: i64) {
        self.lane.keep_failure_budget(budget, now);
    }

    /// A page of accounts, in the order that was asked for, and how many there are in all.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn list(&self, query: &AccountQuery) -> Result<AccountList, StoreFault> {
        self.readers.list(|connection| sqlite::list(connection, query))
    }

    /// How many lists are worth asking for at once: those beyond wait for a connection.
    pub const LISTS_AT_ONCE: usize = sqlite::LISTS_AT_ONCE;

    /// Whether the store can be read and written now.
    pub fn state(&self) -> LaneState {
        self.lane.state()
    }

    /// What the lane has done since it started.
    pub fn statistics(&self) -> LaneStatistics {
        self.lane.statistics()
    }

    /// What an operator wants to know of the store's health. Reads the whole file.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn report(&self) -> Result<StoreReport, StoreFault> {
        self.readers.with(sqlite::report)
    }

    /// Finishes what was accepted and closes the store.
    pub fn close(self) {
        let Self { lane, readers, directory, records: _ } = self;
        // The lane first: the last connection to close moves the log into the database.
        drop(readers);
        lane.close();
        drop(directory);
    }
}
