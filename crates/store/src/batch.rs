//! A batch of commands, whatever the engine: deciding them one after the other on one working set, and what callers are told when they cannot be saved.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tenantry_domain::{Changes, Code, Command, Context, Decision, Outcome, Refusal, WorkingSet, decide};
use tokio::sync::oneshot;

use crate::StoreFault;

/// Commands that share one commit at most: enough to make the flush cheap, few enough that the first does not wait long for the last.
pub(crate) const BATCH_MAX_COMMANDS: usize = 256;
/// Commands that may wait: at 10,000 a second, what is behind these would time out at its client anyway.
pub(crate) const QUEUE_MAX_COMMANDS: usize = 8192;
/// What a refused writer is told to wait: a full disk or queue does not empty at once.
const RETRY_AFTER_SECONDS: u32 = 2;

pub(crate) type Answer = Result<Outcome, Refusal>;
/// A command and what stands beside it.
pub(crate) type Asked<'a> = (&'a Command, &'a Context);
/// Writes what the caller is answered to an outcome, to be kept with what was done.
pub type AnswerWriter = Arc<dyn Fn(&Outcome) -> Vec<u8> + Send + Sync>;

/// A command that waits for its answer.
pub(crate) struct Job {
    pub(crate) command: Command,
    pub(crate) context: Context,
    /// Writes what is kept of the answer, where it is kept.
    pub(crate) writer: Option<AnswerWriter>,
    pub(crate) answer: oneshot::Sender<Answer>,
}

impl Job {
    /// What a store loads for it.
    pub(crate) const fn asked(&self) -> Asked<'_> {
        (&self.command, &self.context)
    }

    /// Decides it, and keeps what it is answered.
    fn decide(&self, set: &WorkingSet) -> Result<Decision, Refusal> {
        let decision = decide(&self.command, set, &self.context)?;
        match (&self.writer, set.account(self.command.account_id())) {
            (Some(write), Some(named)) if decision.outcome.replayed.is_none() => {
                let answer = write(&decision.outcome);
                Ok(decision.answered(answer, named.tenant_id, &self.context))
            }
            _ => Ok(decision),
        }
    }

    /// Answers it. Whoever asked may be gone; what was done stays done.
    pub(crate) fn answer(self, answer: Answer) {
        let _gone = self.answer.send(answer);
    }
}

/// Decides the commands of a batch in order, each on what those before it made of the set.
pub(crate) fn decide_all(batch: &[Job], set: &mut WorkingSet) -> (Changes, Vec<Answer>) {
    let mut changes = Changes::default();
    let answers = batch.iter().map(|job| decide_one(job, set, &mut changes)).collect();
    (changes, answers)
}

fn decide_one(job: &Job, set: &mut WorkingSet, changes: &mut Changes) -> Answer {
    // Deciding only reads the set, so a panic in it leaves the neighbours whole.
    match catch_unwind(AssertUnwindSafe(|| job.decide(set))) {
        Ok(Ok(decision)) => {
            set.apply(&decision);
            let outcome = decision.outcome.clone();
            changes.add(decision);
            Ok(outcome)
        }
        Ok(Err(refusal)) => Err(refusal),
        Err(_) => {
            Err(Refusal::new(Code::Internal, "The server could not carry this out; nothing was written").because("deciding panicked"))
        }
    }
}

/// Answers every command with the same refusal.
pub(crate) fn answer_all(batch: Vec<Job>, refusal: &Refusal) {
    for job in batch {
        job.answer(Err(refusal.clone()));
    }
}

/// What callers are told of a fault.
pub(crate) fn refusal(fault: &StoreFault) -> Refusal {
    match fault {
        StoreFault::Full(_) => later("The server has no space left; nothing was written").because(fault),
        StoreFault::Unavailable(_) | StoreFault::TooSlow => later("The server cannot write now; nothing was written").because(fault),
        StoreFault::Conflict(_) | StoreFault::Corrupt(_) => {
            tracing::error!(%fault, "a command was not carried out");
            Refusal::new(Code::Internal, "The server could not carry this out; nothing was written").because(fault)
        }
        StoreFault::Broken(_) | StoreFault::Unknown(_) => unknown(fault),
    }
}

pub(crate) fn unknown(cause: impl std::fmt::Display) -> Refusal {
    Refusal::outcome_unknown().because(cause)
}

/// The refusal of a command for which there is no room to wait.
pub(crate) fn too_many() -> Refusal {
    later("Too many writes are waiting; nothing was written").because("the lane's queue is full")
}

/// The refusal of a command that comes when no more are taken.
pub(crate) fn fenced() -> Refusal {
    later("The server takes no writes until it is restarted; nothing was written").because("the lane is fenced")
}

/// A refusal of what may succeed soon.
pub(crate) fn later(message: &str) -> Refusal {
    Refusal::new(Code::Unavailable, message).retry_after(RETRY_AFTER_SECONDS)
}
