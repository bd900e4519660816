//! A worker that writes: it takes what waits in a lane, loads what it names, decides it in memory, saves it and commits. Only then is anybody answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tenantry_domain::{AccountId, Changes, TenantId, WorkingSet};
use tokio::time::sleep;

use super::connection::Reconnecting;
use super::ids::Ids;
use super::lanes::{Lanes, Turn, Work};
use super::load::{Purpose, load};
use super::save::save;
use crate::batch::{Answer, Asked, BATCH_MAX_COMMANDS, Job, answer_all, decide_all, refusal};
use crate::{Observer, StoreFault};

/// Batches of one tenant that are under way at a time: one is loaded and decided while those before it are flushed.
pub(super) const BATCHES_AT_ONCE: usize = 3;
/// How often a batch is decided again when other servers were first, and how often each of its commands alone.
const TRIES_TOGETHER: u32 = 2;
const TRIES_ALONE: u32 = 5;
/// How often a batch is begun on a new connection after the old one was lost before the commit.
const TRIES_ANEW: u32 = 2;
/// How long the first wait is before a batch is decided again; each is longer than the one before.
const AGAIN_AFTER: Duration = Duration::from_millis(3);

/// What the writers have done since they started.
#[derive(Default)]
pub(super) struct Done {
    pub(super) batches: AtomicU64,
    pub(super) commands: AtomicU64,
}

/// What all writers share.
pub(super) struct Shared {
    pub(super) lanes: Lanes<TenantId, Job>,
    pub(super) ids: Ids,
    pub(super) done: Done,
    pub(super) observer: Arc<dyn Observer>,
}

impl Work for Job {
    fn changes(&self) -> Option<AccountId> {
        Some(self.command.account_id())
    }
}

/// A worker with its connection.
pub(super) struct Writer {
    pub(super) shared: Arc<Shared>,
    pub(super) connection: Reconnecting,
    /// Which one it is: waits differ by it, so that two that met do not meet again.
    pub(super) number: u32,
}

impl Writer {
    /// Works until no more commands come.
    pub(super) async fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        while let Some((turn, batch)) = shared.lanes.next(BATCH_MAX_COMMANDS).await {
            self.batch(turn, batch).await;
        }
    }

    async fn batch(&mut self, mut turn: Turn<'_, TenantId, Job>, batch: Vec<Job>) {
        let fault = match self.tries(&mut turn, &batch, Purpose::Write, TRIES_TOGETHER).await {
            Ok(answers) => return batch.into_iter().zip(answers).for_each(|(job, answer)| job.answer(answer)),
            Err(fault) => fault,
        };
        // Other servers change the same records: alone each command holds up nobody, and whoever is at fault fails for itself.
        if !matches!(fault, StoreFault::Conflict(_)) {
            return answer_all(batch, &refusal(&fault));
        }
        for job in batch {
            let alone = vec![job];
            match self.tries(&mut turn, &alone, Purpose::WriteLocked, TRIES_ALONE).await {
                Ok(answers) => alone.into_iter().zip(answers).for_each(|(job, answer)| job.answer(answer)),
                Err(StoreFault::Conflict(cause)) => answer_all(alone, &refusal(&StoreFault::Unavailable(cause))),
                Err(fault) => answer_all(alone, &refusal(&fault)),
            }
        }
    }

    /// Tries a batch until it is committed. What others were faster with is loaded and decided again, and locked this time, so that it is the last; what may be
    /// committed is never tried again.
    async fn tries(
        &mut self,
        turn: &mut Turn<'_, TenantId, Job>,
        batch: &[Job],
        first: Purpose,
        most: u32,
    ) -> Result<Vec<Answer>, StoreFault> {
        let (mut again, mut anew) = (0, 0);
        loop {
            let purpose = if again == 0 { first } else { Purpose::WriteLocked };
            let fault = match self.attempt(turn, batch, purpose).await {
                Ok(answers) => {
                    self.shared.done.batches.fetch_add(1, Ordering::Relaxed);
                    self.shared.done.commands.fetch_add(batch.len() as u64, Ordering::Relaxed);
                    return Ok(answers);
                }
                Err(fault) => fault,
            };
            self.connection.roll_back().await;
            match &fault {
                StoreFault::Conflict(cause) if again + 1 < most => {
                    again += 1;
                    tracing::debug!(cause, commands = batch.len(), again, "another server was first; the batch is decided again");
                    sleep(AGAIN_AFTER * again * (1 + self.number % 4)).await;
                }
                StoreFault::Unavailable(cause) if self.connection.is_lost() && anew + 1 < TRIES_ANEW => {
                    anew += 1;
                    tracing::warn!(cause, commands = batch.len(), "the connection was lost before the commit; the batch is begun anew");
                }
                _ => {
                    tracing::warn!(%fault, commands = batch.len(), "a batch was not committed");
                    return Err(fault);
                }
            }
        }
    }

    /// Load, decide, save and commit. The answers are those of the commands, in order.
    async fn attempt(&mut self, turn: &mut Turn<'_, TenantId, Job>, batch: &[Job], purpose: Purpose) -> Result<Vec<Answer>, StoreFault> {
        let (shared, tenant_id) = (&self.shared, turn.whose());
        let session = self.connection.session().await?;
        let commands: Vec<Asked<'_>> = batch.iter().map(Job::asked).collect();
        let mut set = load(session, tenant_id, &commands, &shared.ids, purpose).await?;
        let (changes, answers) = decide_all(batch, &mut set);
        if changes.is_empty() {
            give_back(&shared.ids, set);
            session.roll_back().await;
            return Ok(answers);
        }
        // From here on it waits for the database's disk, and the next may load.
        turn.let_next();
        match save(session, tenant_id, &changes).await {
            Ok(()) => {}
            // Ids that may be in use are not used again.
            Err(fault @ StoreFault::Unknown(_)) => return Err(fault),
            Err(fault) => {
                give_back_all(&shared.ids, set, &changes);
                return Err(fault);
            }
        }
        give_back(&shared.ids, set);
        shared.observer.committed(&changes);
        Ok(answers)
    }
}

/// Gives the ids back that nothing got.
fn give_back(ids: &Ids, set: WorkingSet) {
    let (accounts, packages) = set.into_unused_ids();
    ids.give_back(accounts, packages);
}

/// Those that decisions gave to records that were then not written, too.
fn give_back_all(ids: &Ids, set: WorkingSet, changes: &Changes) {
    give_back(ids, set);
    let accounts = changes.accounts.values().filter(|change| change.before.is_none()).map(|change| change.after.id);
    // The operator's number comes from no sequence.
    ids.give_back(accounts.filter(|id| *id != AccountId::OPERATOR), []);
}
