//! A worker that reads: whatever waits for accounts of one tenant is asked for in one statement.

use std::collections::HashMap;
use std::sync::Arc;

use tenantry_domain::{Account, AccountId, Command, Context, TenantId, WorkingSet};
use tokio::sync::oneshot;
use tokio_postgres::Row;

use super::connection::Reconnecting;
use super::ids::Ids;
use super::lanes::{Lanes, Work};
use super::load::{Purpose, load};
use super::session::{Ask, Mode, values};
use super::statements::{ACCOUNTS, ACCOUNTS_OF_EVERY_TENANT};
use crate::batch::Asked;
use crate::{Reach, StoreFault, row};

/// Reads that share one round at most.
const READS_MAX: usize = 256;
/// How most reads are begun.
pub(super) const PLAIN: &Mode = &["READ ONLY"];
/// How often a read is asked for: once more when the connection was lost.
const TRIES: u32 = 2;

type Result<T> = std::result::Result<T, StoreFault>;
/// The rows of each statement.
type Found = Vec<Vec<Row>>;
/// Where the answer goes.
type Answer<T> = oneshot::Sender<Result<T>>;

/// A read that waits.
pub(super) enum Read {
    /// One account.
    Account { id: AccountId, answer: Answer<Option<Arc<Account>>> },
    /// Statements, in a transaction of their own.
    Rows { mode: &'static Mode, asks: Vec<Ask<'static>>, answer: Answer<Found> },
    /// What a command names.
    Rehearse { tenant_id: TenantId, asked: Box<(Command, Context)>, answer: Answer<WorkingSet> },
}

/// A worker with its connection.
pub(super) struct Reader {
    pub(super) lanes: Arc<Lanes<Reach, Read>>,
    pub(super) connection: Reconnecting,
    /// Others take of the same lane meanwhile.
    pub(super) shares: bool,
}

impl Work for Read {
    fn changes(&self) -> Option<AccountId> {
        None
    }
}

/// Tries a read, and once more when the connection was lost by it. What is left open is rolled back.
macro_rules! tried {
    ($self:ident, $try:expr) => {{
        let mut done = $try.await;
        for _ in 1..TRIES {
            if done.is_err() && $self.connection.is_lost() {
                done = $try.await;
            }
        }
        if done.is_err() {
            $self.connection.roll_back().await;
        }
        done
    }};
}

impl Reader {
    /// Works until no more reads come.
    pub(super) async fn run(mut self) {
        let lanes = Arc::clone(&self.lanes);
        while let Some((mut turn, reads)) = lanes.next(READS_MAX).await {
            let reach = turn.whose();
            if self.shares {
                turn.let_next();
            }
            let (mut accounts, mut plain) = (Vec::new(), Vec::new());
            for read in reads {
                // Whoever asked may be gone.
                let _gone = match read {
                    Read::Account { id, answer } => {
                        accounts.push((id, answer));
                        false
                    }
                    Read::Rows { mode: PLAIN, asks, answer } => {
                        plain.push((asks, answer));
                        false
                    }
                    Read::Rows { mode, asks, answer } => answer.send(tried!(self, self.rows(reach, mode, &asks))).is_err(),
                    Read::Rehearse { tenant_id, asked, answer } => {
                        answer.send(tried!(self, self.rehearse(tenant_id, (&asked.0, &asked.1)))).is_err()
                    }
                };
            }
            if !accounts.is_empty() {
                self.accounts(reach, accounts).await;
            }
            if !plain.is_empty() {
                self.plain(reach, plain).await;
            }
        }
    }

    async fn accounts(&mut self, reach: Reach, wanted: Vec<(AccountId, Answer<Option<Arc<Account>>>)>) {
        let mut ids: Vec<i64> = wanted.iter().map(|(id, _)| id.get()).collect();
        ids.sort_unstable();
        ids.dedup();
        let found = tried!(self, self.found(reach, &ids));
        for (id, answer) in wanted {
            // A row that cannot be read fails those who asked for it, and nobody else.
            let one = match &found {
                Ok(found) => found.get(&id.get()).cloned().transpose(),
                Err(fault) => Err(fault.clone()),
            };
            let _gone = answer.send(one);
        }
    }

    /// Reads that share one transaction; when one of them fails, each is done for itself.
    async fn plain(&mut self, reach: Reach, reads: Vec<(Vec<Ask<'static>>, Answer<Found>)>) {
        let counts: Vec<usize> = reads.iter().map(|(asks, _)| asks.len()).collect();
        let (asks, answers): (Vec<_>, Vec<_>) = reads.into_iter().unzip();
        let asks: Vec<Ask<'_>> = asks.into_iter().flatten().collect();
        let together = tried!(self, self.rows(reach, PLAIN, &asks));
        let mut from = 0;
        let mut together = together.map(Vec::into_iter);
        for (count, answer) in counts.into_iter().zip(answers) {
            let rows = match &mut together {
                Ok(rows) => Ok(rows.take(count).collect()),
                Err(_) => tried!(self, self.rows(reach, PLAIN, &asks[from..from + count])),
            };
            from += count;
            let _gone = answer.send(rows);
        }
    }

    async fn found(&mut self, reach: Reach, ids: &[i64]) -> Result<HashMap<i64, Result<Arc<Account>>>> {
        let ask = match reach {
            Reach::Tenant(tenant_id) => Ask::new(ACCOUNTS, values![tenant_id.get(), ids.to_vec()]),
            Reach::EveryTenant => Ask::new(ACCOUNTS_OF_EVERY_TENANT, values![ids.to_vec()]),
        };
        let rows = self.rows(reach, PLAIN, &[ask]).await?;
        let mut found = HashMap::with_capacity(ids.len());
        for row in rows.iter().flatten() {
            let id: i64 = row.try_get(0).map_err(|error| super::error::statement(&error))?;
            found.insert(id, row::account(row));
        }
        Ok(found)
    }

    async fn rows(&mut self, reach: Reach, mode: &Mode, asks: &[Ask<'_>]) -> Result<Vec<Vec<Row>>> {
        self.connection.session().await?.read(reach, mode, asks).await
    }

    async fn rehearse(&mut self, tenant_id: TenantId, asked: Asked<'_>) -> Result<WorkingSet> {
        let session = self.connection.session().await?;
        let set = load(session, tenant_id, &[asked], &Ids::default(), Purpose::Rehearse).await?;
        session.roll_back().await;
        Ok(set)
    }
}
