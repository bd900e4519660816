//! What is done once a second: budgets of failed authentications are written, with all that changed since, because whoever fails must not make the database
//! busy; and it is looked whether the server is there at all.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::connect::CONNECT_PATIENCE;
use super::connection::Reconnecting;
use super::session::{Ask, values};
use super::statements::{ADD_FAILURES, FORGET_FAILURES};
use crate::{FailureBudget, Reach, StoreFault};

/// How often those that changed are written.
const INTERVAL: Duration = Duration::from_secs(1);
/// Budgets that wait to be written: a second's worth of an attack from many addresses.
const WAITING_MAX: usize = 10_000;

/// Budgets that changed since they were last written.
#[derive(Default)]
pub(super) struct Failures {
    waiting: Mutex<Waiting>,
    /// Those that were written, with what other servers added.
    counted: Mutex<BTreeMap<String, i64>>,
    ended: Notify,
    away: AtomicBool,
}

#[derive(Default)]
struct Waiting {
    /// By how much each was put off.
    taken: BTreeMap<String, i64>,
    now: i64,
}

impl Failures {
    /// Has a budget written, soon.
    pub(super) fn keep(&self, budget: FailureBudget, now: i64) {
        let mut waiting = self.waiting.lock();
        waiting.now = now;
        if waiting.taken.len() < WAITING_MAX || waiting.taken.contains_key(&budget.bucket) {
            *waiting.taken.entry(budget.bucket).or_default() += budget.taken;
        }
    }

    /// Budgets as all servers together have counted them, since this was last asked.
    pub(super) fn counted(&self) -> Vec<FailureBudget> {
        let counted = std::mem::take(&mut *self.counted.lock());
        counted.into_iter().map(|(bucket, full_at)| FailureBudget { bucket, full_at, taken: 0 }).collect()
    }

    /// Whether the server was not reached when it was last looked for.
    pub(super) fn is_away(&self) -> bool {
        self.away.load(Ordering::Relaxed)
    }

    /// Ends the writing, after what waits.
    pub(super) fn end(&self) {
        self.ended.notify_one();
    }

    /// Does it once a second, until it is ended.
    pub(super) async fn run(self: Arc<Self>, mut connection: Reconnecting) {
        loop {
            let ended = timeout(INTERVAL, self.ended.notified()).await.is_ok();
            let there = look(&mut connection).await;
            let was_away = self.away.swap(there.is_err(), Ordering::Relaxed);
            match there {
                Err(fault) if !was_away => {
                    tracing::error!(%fault, "the database server is not reached; writes and reads are refused until it is");
                }
                Ok(()) if was_away => tracing::info!("the database server is reached again"),
                _ => {}
            }
            if let Err(fault) = self.write(&mut connection).await {
                tracing::warn!(%fault, "budgets of failures were not written; they will be tried again");
            }
            if ended {
                return;
            }
        }
    }

    /// Writes what waits.
    async fn write(&self, connection: &mut Reconnecting) -> Result<(), StoreFault> {
        let (taken, now) = {
            let mut waiting = self.waiting.lock();
            (std::mem::take(&mut waiting.taken), waiting.now)
        };
        if taken.is_empty() {
            return Ok(());
        }
        let (buckets, times): (Vec<String>, Vec<i64>) = taken.iter().map(|(bucket, taken)| (bucket.clone(), *taken)).unzip();
        let asks = [Ask::new(ADD_FAILURES, values![now, buckets, times]), Ask::new(FORGET_FAILURES, values![now])];
        let written = match connection.session().await {
            Ok(session) => session.read(Reach::EveryTenant, &["READ WRITE"], &asks).await,
            Err(fault) => Err(fault),
        };
        match written {
            Ok(rows) => {
                let mut counted = self.counted.lock();
                if counted.len() > WAITING_MAX {
                    // Nobody fails any more, and so nobody asks.
                    counted.clear();
                }
                for row in rows.first().into_iter().flatten() {
                    let fault = |error| super::error::statement(&error);
                    counted.insert(row.try_get(0).map_err(fault)?, row.try_get(1).map_err(fault)?);
                }
                Ok(())
            }
            Err(fault) => {
                let mut waiting = self.waiting.lock();
                for (bucket, taken) in taken {
                    *waiting.taken.entry(bucket).or_default() += taken;
                }
                Err(fault)
            }
        }
    }
}

/// Whether the server is there. One that does not answer has every other connection given up, too: they would wait for it in vain.
async fn look(connection: &mut Reconnecting) -> Result<(), StoreFault> {
    // An empty statement: the least that a server can answer.
    let there = match connection.session().await {
        Ok(session) => timeout(CONNECT_PATIENCE, session.execute("")).await,
        Err(fault) => return Err(fault),
    };
    there.unwrap_or_else(|_| {
        connection.give_up_all();
        Err(StoreFault::Unavailable(format!("the server did not answer within {CONNECT_PATIENCE:?}")))
    })
}
