//! The store over a database server: writers and readers, each with a connection, and the lanes that they work on.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tenantry_domain::key::{Key, PublicKey, Scheme};
use tenantry_domain::package::{Package, PackageId};
use tenantry_domain::quota::QuotaEntry;
use tenantry_domain::{Account, AccountId, Command, Context, Kind, Outcome, Refusal, TenantId, WorkingSet};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_postgres::Row;

use super::connect::Connector;
use super::connection::Reconnecting;
use super::error::statement;
use super::failures::Failures;
use super::ids::Ids;
use super::lanes::Lanes;
use super::reader::{PLAIN, Read, Reader};
use super::session::{Ask, Mode, values};
use super::statements::{
    ENDED_HOLDS, EVENTS, FAILURES, KEYS_BY_PUBLIC, KEYS_OF, KEYS_OF_EVERY_TENANT, KEYS_OF_ONE, LEDGER, NEWEST_QUOTA_ENTRIES, PACKAGE,
    PACKAGE_OF_EVERY_TENANT, PACKAGES, PACKAGES_OF_EVERY_TENANT,
};
use super::writer::{BATCHES_AT_ONCE, Done, Shared, Writer};
use super::{PostgresOptions, list, migrations, report, twins};
use crate::AnswerWriter;
use crate::batch::{Job, QUEUE_MAX_COMMANDS, refusal, too_many, unknown};
use crate::{AccountList, AccountQuery, EventList, EventMark, FailureBudget, LaneState, LaneStatistics, LedgerQuery, Store};
use crate::{Observer, OpenFault, Reach, StoreFault, StoreReport, TwinGroup, TwinQuery, row};

/// Reads that may wait: more than there are connections of clients in most installations; those behind are told to come again.
const READS_MAX: usize = 16_384;

/// An open store.
pub(crate) struct PostgresStore {
    shared: Arc<Shared>,
    reads: Arc<Lanes<Reach, Read>>,
    lists: Arc<Lanes<Reach, Read>>,
    failures: Arc<Failures>,
    workers: Vec<JoinHandle<()>>,
}

impl PostgresStore {
    /// Brings the schema to its newest version, and starts the workers.
    pub(crate) async fn open(options: &PostgresOptions, observer: Arc<dyn Observer>) -> Result<Self, OpenFault> {
        let connector = Connector::new(options)?;
        let mut owner = connector.owner().await?;
        migrations::migrate(&mut owner).await?;
        if let Some(source) = migrations::half_moved(&owner).await? {
            return Err(OpenFault::HalfMoved { source });
        }
        drop(owner);
        // One connection as the application, so that what is wrong with it is told now and not to the first client.
        drop(connector.application().await?);
        let shared = Arc::new(Shared {
            lanes: Lanes::new(BATCHES_AT_ONCE, QUEUE_MAX_COMMANDS),
            ids: Ids::default(),
            done: Done::default(),
            observer,
        });
        // While a tenant's reads are under way the next gather: the more share a round, the less each costs. Lists do not wait for each other.
        let (reads, lists) = (Arc::new(Lanes::new(1, READS_MAX)), Arc::new(Lanes::new(usize::MAX, READS_MAX)));
        let failures = Arc::new(Failures::default());
        let connection = {
            let connector = connector.clone();
            move || Reconnecting::new(connector.clone())
        };
        let mut workers = Vec::new();
        for number in 0..u32::try_from(options.writers).unwrap_or(u32::MAX) {
            let (shared, connection) = (Arc::clone(&shared), connection.clone());
            let writer = move || Writer { shared: Arc::clone(&shared), connection: connection(), number }.run();
            workers.push(tokio::spawn(kept_up(writer)));
        }
        for (lanes, count, shares) in [(&reads, options.readers, false), (&lists, Store::LISTS_AT_ONCE, true)] {
            for _ in 0..count {
                let (lanes, connection) = (Arc::clone(lanes), connection.clone());
                let reader = move || Reader { lanes: Arc::clone(&lanes), connection: connection(), shares }.run();
                workers.push(tokio::spawn(kept_up(reader)));
            }
        }
        workers.push(tokio::spawn(Arc::clone(&failures).run(connection())));
        Ok(Self { shared, reads, lists, failures, workers })
    }

    pub(crate) async fn run(&self, command: Command, context: Context, writer: Option<AnswerWriter>) -> Result<Outcome, Refusal> {
        let tenant_id = match self.tenant_of(&command, &context).await {
            Ok(tenant_id) => tenant_id,
            Err(fault) => return Err(refusal(&fault)),
        };
        let (answer, answered) = oneshot::channel();
        if self.shared.lanes.push(tenant_id, Job { command, context, writer, answer }).is_err() {
            return Err(too_many());
        }
        answered.await.unwrap_or_else(|_| Err(unknown("the lane ended")))
    }

    /// Whose lane a command is for: the actor's own tenant, which it cannot leave. The operator acts on all; which tenant an account is in never changes.
    async fn tenant_of(&self, command: &Command, context: &Context) -> Result<TenantId, StoreFault> {
        let id = command.account_id();
        if context.actor.kind != Kind::Operator || id == AccountId::OPERATOR {
            return Ok(context.actor.tenant_id);
        }
        let account = self.account(Reach::EveryTenant, id).await?;
        Ok(account.map_or(TenantId::OPERATOR, |account| account.tenant_id))
    }

    pub(crate) async fn ended_holds(&self, now: i64, limit: u32) -> Result<Vec<AccountId>, StoreFault> {
        let ask = Ask::new(ENDED_HOLDS, values![now, i64::from(limit)]);
        let id = |row: &Row| {
            let id: i64 = row.try_get(0).map_err(|error| statement(&error))?;
            AccountId::try_from(id).map_err(|error| StoreFault::Corrupt(error.to_string()))
        };
        self.rows(&self.reads, Reach::EveryTenant, ask, id).await
    }

    pub(crate) async fn twin_groups(&self, query: &TwinQuery) -> Result<Vec<TwinGroup>, StoreFault> {
        self.rows(&self.lists, query.reach, twins::groups(query), crate::twins::group).await
    }

    pub(crate) async fn rehearse(&self, command: &Command, context: &Context) -> Result<WorkingSet, StoreFault> {
        let tenant_id = self.tenant_of(command, context).await?;
        let (answer, answered) = oneshot::channel();
        let read = Read::Rehearse { tenant_id, asked: Box::new((command.clone(), context.clone())), answer };
        asked(&self.reads, Reach::Tenant(tenant_id), read, answered).await
    }

    pub(crate) async fn account(&self, reach: Reach, id: AccountId) -> Result<Option<Arc<Account>>, StoreFault> {
        let (answer, answered) = oneshot::channel();
        asked(&self.reads, reach, Read::Account { id, answer }, answered).await
    }

    pub(crate) async fn keys(&self, account_id: Option<AccountId>) -> Result<Vec<Key>, StoreFault> {
        let ask = match account_id {
            Some(id) => Ask::new(KEYS_OF_ONE, values![id.get()]),
            None => Ask::new(KEYS_OF_EVERY_TENANT, values![]),
        };
        self.rows(&self.reads, Reach::EveryTenant, ask, row::key).await
    }

    pub(crate) async fn keys_by_public(&self, scheme: Scheme, public: &PublicKey) -> Result<Vec<Key>, StoreFault> {
        let public = public.as_str().to_owned();
        let ask = Ask::new(KEYS_BY_PUBLIC, values![scheme.as_str(), public]);
        self.rows(&self.reads, Reach::EveryTenant, ask, row::key).await
    }

    pub(crate) async fn package(&self, reach: Reach, id: PackageId) -> Result<Option<Package>, StoreFault> {
        let ask = match reach {
            Reach::Tenant(tenant_id) => Ask::new(PACKAGE, values![tenant_id.get(), id.get()]),
            Reach::EveryTenant => Ask::new(PACKAGE_OF_EVERY_TENANT, values![id.get()]),
        };
        Ok(self.rows(&self.reads, reach, ask, row::package).await?.pop())
    }

    pub(crate) async fn packages(&self, reach: Reach) -> Result<Vec<Package>, StoreFault> {
        let ask = match reach {
            Reach::Tenant(tenant_id) => Ask::new(PACKAGES, values![tenant_id.get()]),
            Reach::EveryTenant => Ask::new(PACKAGES_OF_EVERY_TENANT, values![]),
        };
        self.rows(&self.lists, reach, ask, row::package).await
    }

    pub(crate) async fn quota_entries(
        &self,
        tenant_id: TenantId,
        account_id: AccountId,
        limit: u32,
    ) -> Result<Vec<QuotaEntry>, StoreFault> {
        let ask = Ask::new(NEWEST_QUOTA_ENTRIES, values![tenant_id.get(), account_id.get(), i64::from(limit)]);
        self.rows(&self.reads, Reach::Tenant(tenant_id), ask, row::quota_entry).await
    }

    pub(crate) async fn ledger(&self, query: LedgerQuery) -> Result<Vec<QuotaEntry>, StoreFault> {
        let LedgerQuery { tenant_id, account_id, channel, before_version, limit } = query;
        let before = before_version.unwrap_or(i64::MAX);
        let ask = Ask::new(LEDGER, values![tenant_id.get(), account_id.get(), before, channel.as_str(), i64::from(limit)]);
        self.rows(&self.reads, Reach::Tenant(tenant_id), ask, row::quota_entry).await
    }

    pub(crate) async fn events(
        &self,
        tenant_id: TenantId,
        account_id: AccountId,
        from: Option<EventMark>,
        limit: usize,
    ) -> Result<EventList, StoreFault> {
        // The mark is the version before which the page begins. One more than the page: whether there is a next one.
        let before = from.map_or(i64::MAX, |EventMark(version)| version);
        let ask_for = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let ask = Ask::new(EVENTS, values![tenant_id.get(), account_id.get(), before, ask_for]);
        let mut events = self.rows(&self.reads, Reach::Tenant(tenant_id), ask, row::past_event).await?;
        let goes_on = events.len() > limit;
        events.truncate(limit);
        let next = events.last().filter(|_| goes_on).map(|last| EventMark(last.version));
        Ok(EventList { events, next })
    }

    pub(crate) async fn keys_of(&self, tenant_id: TenantId, account_id: AccountId) -> Result<Vec<Key>, StoreFault> {
        let ask = Ask::new(KEYS_OF, values![tenant_id.get(), vec![account_id.get()]]);
        self.rows(&self.reads, Reach::Tenant(tenant_id), ask, row::key).await
    }

    pub(crate) async fn list(&self, query: AccountQuery) -> Result<AccountList, StoreFault> {
        list::list(self.asked_for(&self.lists, query.reach, list::MODE, list::asks(&query)).await?)
    }

    pub(crate) async fn failure_budgets(&self) -> Result<Vec<FailureBudget>, StoreFault> {
        let budget = |row: &Row| {
            let fault = |error| statement(&error);
            Ok(FailureBudget { bucket: row.try_get(0).map_err(fault)?, full_at: row.try_get(1).map_err(fault)?, taken: 0 })
        };
        self.rows(&self.reads, Reach::EveryTenant, Ask::new(FAILURES, values![]), budget).await
    }

    pub(crate) fn keep_failure_budget(&self, budget: FailureBudget, now: i64) {
        self.failures.keep(budget, now);
    }

    pub(crate) fn counted_failure_budgets(&self) -> Vec<FailureBudget> {
        self.failures.counted()
    }

    pub(crate) fn state(&self) -> LaneState {
        if self.failures.is_away() { LaneState::Away } else { LaneState::Ready }
    }

    pub(crate) fn statistics(&self) -> LaneStatistics {
        LaneStatistics {
            batches: self.shared.done.batches.load(Ordering::Relaxed),
            commands: self.shared.done.commands.load(Ordering::Relaxed),
            waiting: self.shared.lanes.waiting() as u64,
        }
    }

    pub(crate) async fn report(&self) -> Result<StoreReport, StoreFault> {
        report::report(&self.asked_for(&self.lists, Reach::EveryTenant, PLAIN, vec![report::ask()]).await?)
    }

    /// Finishes what was accepted and lets the connections go.
    pub(crate) async fn close(self) {
        let Self { shared, reads, lists, failures, workers } = self;
        shared.lanes.close();
        reads.close();
        lists.close();
        failures.end();
        for worker in workers {
            if let Err(error) = worker.await {
                tracing::error!(%error, "a worker of the store ended badly");
            }
        }
    }

    /// The rows of one statement, as records.
    async fn rows<T>(
        &self,
        lanes: &Lanes<Reach, Read>,
        reach: Reach,
        ask: Ask<'static>,
        parse: impl Fn(&Row) -> Result<T, StoreFault>,
    ) -> Result<Vec<T>, StoreFault> {
        self.asked_for(lanes, reach, PLAIN, vec![ask]).await?.iter().flatten().map(parse).collect()
    }

    /// The rows of statements in a transaction of their own.
    async fn asked_for(
        &self,
        lanes: &Lanes<Reach, Read>,
        reach: Reach,
        mode: &'static Mode,
        asks: Vec<Ask<'static>>,
    ) -> Result<Vec<Vec<Row>>, StoreFault> {
        let (answer, answered) = oneshot::channel();
        asked(lanes, reach, Read::Rows { mode, asks, answer }, answered).await
    }
}

/// Keeps a worker at work: one that panics is told of, and another takes its place. Whoever waited for it is told that the outcome is unknown.
async fn kept_up<F: Future<Output = ()> + Send + 'static>(work: impl Fn() -> F + Send + 'static) {
    while let Err(error) = tokio::spawn(work()).await {
        tracing::error!(%error, "a worker of the store ended badly; another takes its place");
    }
}

/// Puts a read into a lane and waits for its answer.
async fn asked<T>(
    lanes: &Lanes<Reach, Read>,
    reach: Reach,
    read: Read,
    answered: oneshot::Receiver<Result<T, StoreFault>>,
) -> Result<T, StoreFault> {
    if lanes.push(reach, read).is_err() {
        return Err(StoreFault::Unavailable("too many reads are waiting".to_owned()));
    }
    answered.await.unwrap_or_else(|_| Err(StoreFault::Unavailable("the store is closing".to_owned())))
}
