//! Where it is kept: lanes that load, decide and save in batches, and the reads. The only crate that knows SQL; it knows no rule.

mod backup;
mod batch;
mod directory;
mod engine;
mod lane;
mod options;
mod postgres;
mod query;
mod records;
mod report;
mod row;
mod sqlite;
mod transfer;
mod twins;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tenantry_domain::key::{Key, PublicKey, Scheme};
use tenantry_domain::package::{Package, PackageId};
use tenantry_domain::quota::QuotaEntry;
use tenantry_domain::{Account, AccountId, Changes, Command, Context, Outcome, Refusal, TenantId, WorkingSet};

pub use backup::{Backup, BackupFault, BackupProgress, Making, Manifest, Restored, Restoring, SKIPPED_IDS, TableLine, Tell, verify};
pub use batch::AnswerWriter;
pub use directory::Directory;
pub use engine::{FailureBudget, StoreFault};
pub use lane::{LaneState, LaneStatistics};
pub use options::{Durability, OpenFault, Options};
pub use postgres::{Distributed, InvalidUrl, PostgresOptions, distribute};
pub use query::{AccountList, AccountOrder, AccountQuery, EventList, EventMark, LedgerQuery, ProfileField, Reach, TimeRange};
pub use report::{Integrity, StoreReport};
pub use transfer::{Moved, Place, Progress, Stage, Tally, Transfer, TransferFault};
pub use twins::{TwinGroup, TwinPlace, TwinQuery};

/// Who is told of every commit, after it is durable and before anybody is answered: whoever caches records.
pub trait Observer: Send + Sync {
    /// These changes are durable.
    fn committed(&self, changes: &Changes);
}

/// An open store.
pub struct Store {
    engine: Engine,
    directory: Directory,
}

/// What keeps the records.
enum Engine {
    Sqlite(sqlite::SqliteStore),
    Postgres(postgres::PostgresStore),
}

impl Store {
    /// Opens the store. The directory is made when there is none, and one process at a time has it open: it holds the embedded engine's files, and whatever
    /// else of this server's is no record.
    ///
    /// # Errors
    /// The directory cannot be used, another process has it, the database cannot be reached, is newer than this program, or would not be durable.
    pub async fn open(path: &Path, options: &Options, observer: Arc<dyn Observer>) -> Result<Self, OpenFault> {
        let directory = Directory::open(path)?;
        let engine = match &options.postgres {
            None => Engine::Sqlite(sqlite::SqliteStore::open(&directory, options, observer)?),
            Some(postgres) => Engine::Postgres(postgres::PostgresStore::open(postgres, observer).await?),
        };
        Ok(Self { engine, directory })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// How long what was read may be remembered where other servers write, too, and nobody tells this one; `None`: for ever, because every change is told to
    /// the observer.
    pub const fn remembered_for(&self) -> Option<Duration> {
        match &self.engine {
            Engine::Sqlite(_) => None,
            Engine::Postgres(_) => Some(postgres::REMEMBERED_FOR),
        }
    }

    /// Carries a command out. When this returns an outcome, it is durable.
    ///
    /// # Errors
    /// The domain's refusal; `unavailable` when nothing was written; `outcome_unknown` when the commit failed.
    pub async fn run(&self, command: Command, context: Context) -> Result<Outcome, Refusal> {
        self.run_once(command, context, None).await
    }

    /// The same, and keeps what the writer makes of the outcome in the same commit, for a request that comes again.
    ///
    /// # Errors
    /// As [`Store::run`].
    pub async fn run_once(&self, command: Command, context: Context, writer: Option<AnswerWriter>) -> Result<Outcome, Refusal> {
        match &self.engine {
            Engine::Sqlite(store) => store.run(command, context, writer).await,
            Engine::Postgres(store) => store.run(command, context, writer).await,
        }
    }

    /// The records that a command names, read without a lane: to see what a command would come to.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn rehearse(&self, command: &Command, context: &Context) -> Result<WorkingSet, StoreFault> {
        match &self.engine {
            Engine::Sqlite(store) => store.rehearse(command, context),
            Engine::Postgres(store) => store.rehearse(command, context).await,
        }
    }

    /// Accounts with a hold that has ended by itself by this time (microseconds since 1970), the longest ended first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn ended_holds(&self, now: i64, limit: u32) -> Result<Vec<AccountId>, StoreFault> {
        match &self.engine {
            Engine::Sqlite(store) => store.ended_holds(now, limit),
            Engine::Postgres(store) => store.ended_holds(now, limit).await,
        }
    }

    /// One account.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn account(&self, reach: Reach, id: AccountId) -> Result<Option<Arc<Account>>, StoreFault> {
        match &self.engine {
            Engine::Sqlite(store) => store.account(reach, id),
            Engine::Postgres(store) => store.account(reach, id).await,
        }
    }

    /// One account, whether or not it is in memory: for those whose time must not tell what is.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn account_on_disk(&self, tenant_id: TenantId, id: AccountId) -> Result<Option<Arc<Account>>, StoreFault> {
        match &self.engine {
            Engine::Sqlite(store) => store.account_on_disk(Reach::Tenant(tenant_id), id),
            Engine::Postgres(store) => store.account(Reach::Tenant(tenant_id), id).await,
        }
    }

    /// Whether the store holds an installation: its operator.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn is_installed(&self) -> Result<bool, StoreFault> {
        Ok(self.account(Reach::Tenant(TenantId::OPERATOR), AccountId::OPERATOR).await?.is_some())
    }

    /// The keys of one account, or all keys, oldest first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn keys(&self, account_id: Option<AccountId>) -> Result<Vec<Key>, StoreFault> {
        match &self.engine {
            Engine::Sqlite(store) => store.keys(account_id),
            Engine::Postgres(store) => store.keys(account_id).await,
        }
    }

    /// The keys of a scheme with a public part, whoever's they are: for finding out who calls.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn keys_by_public(&self, scheme: Scheme, public: &PublicKey) -> Result<Vec<Key>, StoreFault> {
        match &self.engine {
            Engine::Sqlite(store) => store.keys_by_public(scheme, public),
            Engine::Postgres(store) => store.keys_by_public(scheme, public).await,
        }
    }

    /// One package that is not deleted.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn package(&self, reach: Reach, id: PackageId) -> Result<Option<Package>, StoreFault> {
        match &self.engine {
            Engine::Sqlite(store) => store.package(reach, id),
            Engine::Postgres(store) => store.package(reach, id).await,
        }
    }

    /// Every package in reach that is not deleted, by rising id.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn packages(&self, reach: Reach) -> Result<Vec<Package>, StoreFault> {
        match &self.engine {
            Engine::Sqlite(store) => store.packages(reach).await,
            Engine::Postgres(store) => store.packages(reach).await,
        }
    }

    /// The newest lines of an account's ledger, newest first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn quota_entries(&self, tenant_id: TenantId, account_id: AccountId, limit: u32) -> Result<Vec<QuotaEntry>, StoreFault> {
        match &self.engine {
            Engine::Sqlite(store) => store.quota_entries(tenant_id, account_id, limit),
            Engine::Postgres(store) => store.quota_entries(tenant_id, account_id, limit).await,
        }
    }

    /// A page of one balance's ledger, the newest line first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn ledger(&self, query: LedgerQuery) -> Result<Vec<QuotaEntry>, StoreFault> {
        match &self.engine {
            Engine::Sqlite(store) => store.ledger(query).await,
            Engine::Postgres(store) => store.ledger(query).await,
        }
    }

    /// A page of an account's history, the newest event first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn events(
        &self,
        tenant_id: TenantId,
        account_id: AccountId,
        from: Option<EventMark>,
        limit: usize,
    ) -> Result<EventList, StoreFault> {
        match &self.engine {
            Engine::Sqlite(store) => store.events(tenant_id, account_id, from, limit).await,
            Engine::Postgres(store) => store.events(tenant_id, account_id, from, limit).await,
        }
    }

    /// The keys of one tenant's account, oldest first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn keys_of(&self, tenant_id: TenantId, account_id: AccountId) -> Result<Vec<Key>, StoreFault> {
        match &self.engine {
            Engine::Sqlite(store) => store.keys_of(tenant_id, account_id),
            Engine::Postgres(store) => store.keys_of(tenant_id, account_id).await,
        }
    }

    /// A page of accounts, in the order that was asked for, and how many there are in all.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn list(&self, query: AccountQuery) -> Result<AccountList, StoreFault> {
        match &self.engine {
            Engine::Sqlite(store) => store.list(query).await,
            Engine::Postgres(store) => store.list(query).await,
        }
    }

    /// Groups of accounts that have something in common by which they may be the same customer's, in the order of their places.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn twin_groups(&self, query: TwinQuery) -> Result<Vec<TwinGroup>, StoreFault> {
        match &self.engine {
            Engine::Sqlite(store) => store.twin_groups(query).await,
            Engine::Postgres(store) => store.twin_groups(&query).await,
        }
    }

    /// How many lists are worth asking for at once: those beyond wait for a connection.
    pub const LISTS_AT_ONCE: usize = sqlite::LISTS_AT_ONCE;

    /// The budgets of failed authentications, as they were last kept.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn failure_budgets(&self) -> Result<Vec<FailureBudget>, StoreFault> {
        match &self.engine {
            Engine::Sqlite(store) => store.failure_budgets(),
            Engine::Postgres(store) => store.failure_budgets().await,
        }
    }

    /// Keeps a budget of failed authentications, within a second or two. `now` in microseconds since 1970.
    pub fn keep_failure_budget(&self, budget: FailureBudget, now: i64) {
        match &self.engine {
            Engine::Sqlite(store) => store.keep_failure_budget(budget, now),
            Engine::Postgres(store) => store.keep_failure_budget(budget, now),
        }
    }

    /// Budgets as all servers together have counted them, where there are several: those that were kept since this was last asked.
    pub fn counted_failure_budgets(&self) -> Vec<FailureBudget> {
        match &self.engine {
            Engine::Sqlite(_) => Vec::new(),
            Engine::Postgres(store) => store.counted_failure_budgets(),
        }
    }

    /// Whether the store can be read and written now.
    pub fn state(&self) -> LaneState {
        match &self.engine {
            Engine::Sqlite(store) => store.state(),
            Engine::Postgres(store) => store.state(),
        }
    }

    /// What the lanes have done since they started.
    pub fn statistics(&self) -> LaneStatistics {
        match &self.engine {
            Engine::Sqlite(store) => store.statistics(),
            Engine::Postgres(store) => store.statistics(),
        }
    }

    /// What an operator wants to know of the store's health. Reads all of it.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn report(&self) -> Result<StoreReport, StoreFault> {
        match &self.engine {
            Engine::Sqlite(store) => store.report(),
            Engine::Postgres(store) => store.report().await,
        }
    }

    /// Makes a backup of what was acknowledged by now, while all else goes on. Blocks for as long as it takes to copy and look over all of it.
    ///
    /// # Errors
    /// The folder cannot be written, or the records are in a database server.
    pub fn back_up(&self, making: &Making<'_>, tell: Tell<'_>) -> Result<Backup, BackupFault> {
        match &self.engine {
            Engine::Sqlite(_) => making.of_directory(&self.directory, tell),
            Engine::Postgres(_) => Err(BackupFault::Elsewhere),
        }
    }

    /// Finishes what was accepted and closes the store.
    pub async fn close(self) {
        let Self { engine, directory } = self;
        match engine {
            Engine::Sqlite(store) => {
                if let Err(error) = tokio::task::spawn_blocking(move || store.close()).await {
                    tracing::error!(%error, "the store was not closed");
                }
            }
            Engine::Postgres(store) => store.close().await,
        }
        drop(directory);
    }
}
