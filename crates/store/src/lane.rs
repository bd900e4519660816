//! A lane: one thread that takes the commands that wait, loads what they name, decides them in memory one after the other, and saves them with one
//! durable commit. Only then is anybody answered.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use parking_lot::Mutex;
use tenantry_domain::{Command, Context, Refusal};
use tokio::sync::oneshot;

use crate::Observer;
use crate::batch::{
    Answer, AnswerWriter, Asked, BATCH_MAX_COMMANDS, Job, QUEUE_MAX_COMMANDS, answer_all, decide_all, fenced, refusal, too_many, unknown,
};
use crate::engine::{Engine, FailureBudget, StoreFault};

/// With nothing to do, the lane looks this often whether the log should be moved into the database.
const IDLE_INTERVAL: Duration = Duration::from_secs(1);
/// How long the lane calls itself full after it was refused space. Without writes it cannot know better, and whoever waits for it to be ready
/// again sends none.
const FULL_LASTS: Duration = Duration::from_secs(5);
/// Budgets of failed authentications that wait to be written: a second's worth of an attack from many addresses.
const FAILURES_MAX: usize = 10_000;

#[derive(Default)]
struct Shared {
    fenced: AtomicBool,
    full_since: Mutex<Option<Instant>>,
    failures: Mutex<Failures>,
    batches: AtomicU64,
    commands: AtomicU64,
}

/// Budgets of failed authentications that changed since they were last written.
#[derive(Default)]
struct Failures {
    changed: BTreeMap<String, i64>,
    now: i64,
}

/// Whether a lane can take writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaneState {
    /// It can.
    Ready,
    /// A batch of the last seconds found the disk full; the next may not.
    Full,
    /// The database server is not reached; as soon as it is, writes are taken again.
    Away,
    /// A commit failed: nothing is written until a restart.
    Fenced,
}

/// What a lane has done since it started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LaneStatistics {
    /// Durable commits.
    pub batches: u64,
    /// Commands decided.
    pub commands: u64,
    /// Commands waiting now.
    pub waiting: u64,
}

/// The end of a lane that callers hold.
pub(crate) struct Lane {
    jobs: Option<Sender<Job>>,
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Lane {
    /// Starts the lane's thread over an engine.
    pub(crate) fn start(engine: impl Engine, observer: Arc<dyn Observer>) -> std::io::Result<Self> {
        let (jobs, waiting) = bounded(QUEUE_MAX_COMMANDS);
        let shared = Arc::new(Shared::default());
        let worker = Worker { engine, observer, shared: Arc::clone(&shared), failures_kept: Instant::now() };
        let thread = std::thread::Builder::new().name("lane".to_owned()).spawn(move || worker.run(&waiting))?;
        Ok(Self { jobs: Some(jobs), shared, thread: Mutex::new(Some(thread)) })
    }

    /// Puts a command into the lane and waits for its answer.
    pub(crate) async fn run(&self, command: Command, context: Context, writer: Option<AnswerWriter>) -> Answer {
        let (answer, answered) = oneshot::channel();
        let job = Job { command, context, writer, answer };
        let Some(jobs) = &self.jobs else { return Err(fenced()) };
        match jobs.try_send(job) {
            Ok(()) => answered.await.unwrap_or_else(|_| Err(unknown("the lane ended"))),
            Err(TrySendError::Full(_)) => Err(too_many()),
            Err(TrySendError::Disconnected(_)) => Err(fenced()),
        }
    }

    /// Has a budget of failed authentications kept. It is written with the others of the second: whoever fails must not make the disk busy.
    pub(crate) fn keep_failure_budget(&self, budget: FailureBudget, now: i64) {
        let mut failures = self.shared.failures.lock();
        failures.now = now;
        if failures.changed.len() < FAILURES_MAX || failures.changed.contains_key(&budget.bucket) {
            failures.changed.insert(budget.bucket, budget.full_at);
        }
    }

    pub(crate) fn state(&self) -> LaneState {
        if self.shared.fenced.load(Ordering::Acquire) {
            LaneState::Fenced
        } else if self.shared.full_since.lock().is_some_and(|since| since.elapsed() < FULL_LASTS) {
            LaneState::Full
        } else {
            LaneState::Ready
        }
    }

    pub(crate) fn statistics(&self) -> LaneStatistics {
        LaneStatistics {
            batches: self.shared.batches.load(Ordering::Relaxed),
            commands: self.shared.commands.load(Ordering::Relaxed),
            waiting: self.jobs.as_ref().map_or(0, |jobs| jobs.len() as u64),
        }
    }

    /// Lets the lane finish what waits, and ends it.
    pub(crate) fn close(mut self) {
        self.jobs = None;
        let thread = self.thread.lock().take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the lane's thread panicked");
        }
    }
}

struct Worker<E> {
    engine: E,
    observer: Arc<dyn Observer>,
    shared: Arc<Shared>,
    /// When budgets of failed authentications were last written.
    failures_kept: Instant,
}

impl<E: Engine> Worker<E> {
    fn run(mut self, jobs: &Receiver<Job>) {
        let _fence = FenceOnPanic(Arc::clone(&self.shared));
        loop {
            let mut idle = false;
            match jobs.recv_timeout(IDLE_INTERVAL) {
                Ok(first) => {
                    // What is waiting, and nothing that is not: no delay is added to fill a batch.
                    let batch = std::iter::once(first).chain(jobs.try_iter().take(BATCH_MAX_COMMANDS - 1)).collect();
                    self.batch(batch);
                }
                Err(RecvTimeoutError::Timeout) => idle = true,
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.tend(idle);
        }
        self.keep_failures();
        let fenced = self.is_fenced();
        self.engine.close(fenced);
    }

    fn batch(&mut self, batch: Vec<Job>) {
        if self.is_fenced() {
            return answer_all(batch, &fenced());
        }
        match self.attempt(&batch) {
            Ok(answers) => {
                self.shared.batches.fetch_add(1, Ordering::Relaxed);
                self.shared.commands.fetch_add(batch.len() as u64, Ordering::Relaxed);
                *self.shared.full_since.lock() = None;
                batch.into_iter().zip(answers).for_each(|(job, answer)| job.answer(answer));
            }
            // One of several hit a constraint: decided again on newer records, each alone.
            Err(StoreFault::Conflict(cause)) if batch.len() > 1 => {
                tracing::warn!(cause, commands = batch.len(), "a batch hit a constraint and is decided again");
                batch.into_iter().for_each(|job| self.batch(vec![job]));
            }
            Err(fault) => {
                let refusal = self.refusal(&fault);
                answer_all(batch, &refusal);
            }
        }
    }

    /// Load, decide, save. The answers are those of the commands, in order.
    fn attempt(&mut self, batch: &[Job]) -> Result<Vec<Answer>, StoreFault> {
        let commands: Vec<Asked<'_>> = batch.iter().map(Job::asked).collect();
        let mut set = self.engine.load(&commands)?;
        let (changes, answers) = decide_all(batch, &mut set);
        if changes.is_empty() {
            self.engine.release();
        } else {
            self.engine.save(&changes)?;
            self.observer.committed(&changes);
        }
        Ok(answers)
    }

    fn tend(&mut self, idle: bool) {
        if self.is_fenced() {
            return;
        }
        let tended = self.engine.tend(idle);
        self.notice(tended);
        if self.failures_kept.elapsed() >= IDLE_INTERVAL {
            self.keep_failures();
        }
    }

    /// Writes the budgets of failed authentications that changed.
    fn keep_failures(&mut self) {
        let (changed, now) = {
            let mut failures = self.shared.failures.lock();
            (std::mem::take(&mut failures.changed), failures.now)
        };
        self.failures_kept = Instant::now();
        if changed.is_empty() || self.is_fenced() {
            return;
        }
        // What is full again by now need not be kept.
        let lasting = changed.into_iter().filter(|(_, full_at)| *full_at > now);
        let changed: Vec<_> = lasting.map(|(bucket, full_at)| FailureBudget { bucket, full_at, taken: 0 }).collect();
        let kept = self.engine.keep_failures(&changed, now);
        if kept.is_err() {
            let mut failures = self.shared.failures.lock();
            for budget in changed {
                failures.changed.entry(budget.bucket).or_insert(budget.full_at);
            }
        }
        self.notice(kept);
    }

    /// Takes note of what nobody waits for and what went wrong.
    fn notice(&self, done: Result<(), StoreFault>) {
        match done {
            Ok(()) => {}
            Err(fault @ StoreFault::Broken(_)) => {
                self.refusal(&fault);
            }
            Err(fault) => tracing::warn!(%fault, "what waits between batches was not done; it will be tried again"),
        }
    }

    /// What callers are told of a fault; a failed write fences the lane.
    fn refusal(&self, fault: &StoreFault) -> Refusal {
        match fault {
            StoreFault::Full(_) => {
                *self.shared.full_since.lock() = Some(Instant::now());
                tracing::error!(%fault, "writes are refused until there is space");
            }
            StoreFault::Broken(_) => {
                self.shared.fenced.store(true, Ordering::Release);
                tracing::error!(%fault, "writes are fenced: after a failed flush only a restart tells what is on the disk");
            }
            _ => {}
        }
        refusal(fault)
    }

    fn is_fenced(&self) -> bool {
        self.shared.fenced.load(Ordering::Acquire)
    }
}

/// A lane that ends by a panic takes no writes any more, and says so.
struct FenceOnPanic(Arc<Shared>);

impl Drop for FenceOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fenced.store(true, Ordering::Release);
        }
    }
}
