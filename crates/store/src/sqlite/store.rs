//! The embedded store: one lane that writes, connections that read, and the records that were read or written lately.

use std::sync::Arc;

use tenantry_domain::key::{Key, PublicKey, Scheme};
use tenantry_domain::package::{Package, PackageId};
use tenantry_domain::quota::QuotaEntry;
use tenantry_domain::{Account, AccountId, Command, Context, Outcome, Refusal, TenantId, WorkingSet};

use super::engine::Sqlite;
use super::readers::Readers;
use super::{events, failures, list, load, packages, quotas, reads, report, twins};
use crate::batch::AnswerWriter;
use crate::lane::Lane;
use crate::records::Records;
use crate::{AccountList, AccountQuery, Directory, EventList, EventMark, FailureBudget, LaneState, LaneStatistics, LedgerQuery};
use crate::{Observer, OpenFault, Options, Reach, StoreFault, StoreReport, TwinGroup, TwinQuery};

/// An open store in a directory.
pub(crate) struct SqliteStore {
    lane: Lane,
    readers: Arc<Readers>,
    records: Arc<Records>,
}

impl SqliteStore {
    pub(crate) fn open(directory: &Directory, options: &Options, observer: Arc<dyn Observer>) -> Result<Self, OpenFault> {
        let records = Arc::new(Records::new(options.record_cache_octets));
        let engine = Sqlite::open(directory, options, Arc::clone(&records))?;
        let readers = Arc::new(Readers::open(directory, options)?);
        let lane = Lane::start(engine, observer).map_err(|error| OpenFault::Io { path: directory.path().to_owned(), error })?;
        Ok(Self { lane, readers, records })
    }

    pub(crate) async fn run(&self, command: Command, context: Context, writer: Option<AnswerWriter>) -> Result<Outcome, Refusal> {
        self.lane.run(command, context, writer).await
    }

    pub(crate) fn rehearse(&self, command: &Command, context: &Context) -> Result<WorkingSet, StoreFault> {
        self.readers.with(|connection| load(connection, &self.records, &[(command, context)]))
    }

    pub(crate) fn account(&self, reach: Reach, id: AccountId) -> Result<Option<Arc<Account>>, StoreFault> {
        let on_disk = || self.account_on_disk(reach, id);
        match self.records.get(id) {
            Some(account) if reach.includes(&account) => Ok(Some(account)),
            // Another tenant's takes as long as one that does not exist: it is looked for on the disk, and not found.
            Some(_) => on_disk(),
            None => self.records.get_or_read(id, on_disk).map(|account| account.filter(|account| reach.includes(account))),
        }
    }

    pub(crate) fn account_on_disk(&self, reach: Reach, id: AccountId) -> Result<Option<Arc<Account>>, StoreFault> {
        self.readers.with(|connection| reads::account(connection, reach, id))
    }

    pub(crate) fn ended_holds(&self, now: i64, limit: u32) -> Result<Vec<AccountId>, StoreFault> {
        self.readers.with(|connection| reads::ended_holds(connection, now, limit))
    }

    pub(crate) fn keys(&self, account_id: Option<AccountId>) -> Result<Vec<Key>, StoreFault> {
        self.readers.with(|connection| reads::keys(connection, account_id))
    }

    pub(crate) fn keys_of(&self, tenant_id: TenantId, account_id: AccountId) -> Result<Vec<Key>, StoreFault> {
        self.readers.with(|connection| reads::keys_of(connection, tenant_id, account_id))
    }

    pub(crate) fn keys_by_public(&self, scheme: Scheme, public: &PublicKey) -> Result<Vec<Key>, StoreFault> {
        self.readers.with(|connection| reads::keys_by_public(connection, scheme, public))
    }

    pub(crate) fn package(&self, reach: Reach, id: PackageId) -> Result<Option<Package>, StoreFault> {
        self.readers.with(|connection| packages::package(connection, reach, id))
    }

    pub(crate) async fn packages(&self, reach: Reach) -> Result<Vec<Package>, StoreFault> {
        self.listed(move |readers| readers.list(|connection| packages::packages(connection, reach))).await
    }

    pub(crate) fn quota_entries(&self, tenant_id: TenantId, account_id: AccountId, limit: u32) -> Result<Vec<QuotaEntry>, StoreFault> {
        self.readers.with(|connection| quotas::quota_entries(connection, tenant_id, account_id, limit))
    }

    pub(crate) async fn ledger(&self, query: LedgerQuery) -> Result<Vec<QuotaEntry>, StoreFault> {
        self.listed(move |readers| readers.list(|connection| quotas::ledger(connection, &query))).await
    }

    pub(crate) async fn events(
        &self,
        tenant_id: TenantId,
        account_id: AccountId,
        from: Option<EventMark>,
        limit: usize,
    ) -> Result<EventList, StoreFault> {
        self.listed(move |readers| readers.list(|connection| events::events(connection, tenant_id, account_id, from, limit))).await
    }

    pub(crate) async fn list(&self, query: AccountQuery) -> Result<AccountList, StoreFault> {
        self.listed(move |readers| readers.list(|connection| list::list(connection, &query))).await
    }

    pub(crate) async fn twin_groups(&self, query: TwinQuery) -> Result<Vec<TwinGroup>, StoreFault> {
        self.listed(move |readers| readers.list(|connection| twins::groups(connection, &query))).await
    }

    /// Unlike a point read, a list may take its time: not on a thread that serves others.
    async fn listed<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Readers) -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<T, StoreFault> {
        let readers = Arc::clone(&self.readers);
        let listed = tokio::task::spawn_blocking(move || read(&readers)).await;
        listed.unwrap_or_else(|_| Err(StoreFault::Unavailable("the list ended early".to_owned())))
    }

    pub(crate) fn failure_budgets(&self) -> Result<Vec<FailureBudget>, StoreFault> {
        self.readers.with(failures::failure_budgets)
    }

    pub(crate) fn keep_failure_budget(&self, budget: FailureBudget, now: i64) {
        self.lane.keep_failure_budget(budget, now);
    }

    pub(crate) fn state(&self) -> LaneState {
        self.lane.state()
    }

    pub(crate) fn statistics(&self) -> LaneStatistics {
        self.lane.statistics()
    }

    pub(crate) fn report(&self) -> Result<StoreReport, StoreFault> {
        self.readers.with(report::report)
    }

    /// Finishes what was accepted and closes the files. The last commit may flush for a while.
    pub(crate) fn close(self) {
        let Self { lane, readers, records: _ } = self;
        // The lane last: the last connection to close moves the log into the database.
        drop(readers);
        lane.close();
    }
}
