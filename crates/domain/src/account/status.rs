//! The life of an account: the states, the table of transitions, and the goals that callers have.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Account;
use super::add::taken_faults;
use super::custom_fields;
use super::hold::{Hold, HoldOwner, place, release};
use crate::AccountId;
use crate::context::{Actor, Context};
use crate::decision::Decision;
use crate::event::EventName;
use crate::limits::REOPEN_WITHIN_DAYS;
use crate::package::PackageStatus;
use crate::refusal::{Code, Fault, Refusal};
use crate::value::{Reason, Timestamp};
use crate::working_set::WorkingSet;

/// Where an account is in its life. Only an active one may act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Waits for its first activation.
    Pending,
    /// In service.
    Active,
    /// Out of service while a hold stands.
    Suspended,
    /// Out of service for good, kept for the books.
    Closed,
    /// Kept for the tenant's retention time, then erased.
    Deleted,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Active, Self::Suspended, Self::Closed, Self::Deleted];

    /// The word that stands for it in columns, events and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
            Self::Deleted => "deleted",
        }
    }

    /// The status that a word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A named step from one status to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// Its name.
    pub name: &'static str,
    /// Where it starts.
    pub from: &'static [Status],
    /// Where it ends.
    pub to: Status,
    /// What it is called in the history.
    pub event: EventName,
}

const ACTIVATE: Transition = Transition { name: "activate", from: &[Status::Pending], to: Status::Active, event: EventName::Activated };
const REJECT: Transition = Transition { name: "reject", from: &[Status::Pending], to: Status::Closed, event: EventName::Closed };
pub(super) const SUSPEND: Transition =
    Transition { name: "suspend", from: &[Status::Active], to: Status::Suspended, event: EventName::Suspended };
pub(super) const RESUME: Transition =
    Transition { name: "resume", from: &[Status::Suspended], to: Status::Active, event: EventName::Resumed };
const CLOSE: Transition = Transition { name: "close", from: &[Status::Suspended], to: Status::Closed, event: EventName::Closed };
const REOPEN: Transition =
    Transition { name: "reopen", from: &[Status::Closed, Status::Deleted], to: Status::Active, event: EventName::Reopened };
const DELETE: Transition = Transition {
    name: "delete",
    from: &[Status::Pending, Status::Active, Status::Suspended, Status::Closed],
    to: Status::Deleted,
    event: EventName::Deleted,
};

const RESTORE: Transition = Transition { name: "restore", from: &[Status::Deleted], to: Status::Pending, event: EventName::Reopened };

/// Every step that there is. A step that is not here is refused.
pub const TRANSITIONS: [Transition; 8] = [ACTIVATE, REJECT, SUSPEND, RESUME, CLOSE, REOPEN, DELETE, RESTORE];

/// What a caller wants an account to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// In service: activates, releases one's own hold, or reopens.
    Active,
    /// Out of service: nothing before the first activation, a suspension after it.
    Inactive(HoldOwner),
    /// Suspended by this owner.
    Suspended(HoldOwner),
    /// In service for the first time: activates one that waits, and nothing else.
    Activated,
    /// In service again: reopens one that was closed, and nothing else.
    Reopened,
    /// Out of service for good: closed, by way of a suspension where it is active. One that waits for its activation waits on.
    Closed,
    /// The same, and one that waits for its activation is rejected.
    Ended,
    /// Deleted.
    Deleted,
    /// Not deleted: brings a deleted account back as it was, waiting or suspended, and leaves any other as it is.
    NotDeleted,
}

/// Asks for a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeStatus {
    /// The account.
    pub id: AccountId,
    /// What it should be.
    pub goal: Goal,
    /// Why, in the caller's words: kept with the event.
    pub reason: Option<Reason>,
}

impl ChangeStatus {
    /// The change towards a goal, without a reason.
    pub const fn towards(id: AccountId, goal: Goal) -> Self {
        Self { id, goal, reason: None }
    }

    /// Decides the command.
    pub(crate) fn decide(&self, set: &WorkingSet, context: &Context) -> Result<Decision, Refusal> {
        let before = set.reach(&context.actor, self.id)?;
        let mut after = Account::clone(&before);
        let event = step(&mut after, self.goal, set, context)?;
        Ok(Decision::changed(before, after, event.unwrap_or(EventName::Edited), context).because(self.reason.as_ref()))
    }
}

/// Takes the account towards the goal. Gives the event's name, or `None` where the goal holds already.
///
/// # Errors
/// The actor may not change this account's status, the step is not in the table, or something stands in its way.
pub(super) fn step(account: &mut Account, goal: Goal, set: &WorkingSet, context: &Context) -> Result<Option<EventName>, Refusal> {
    // Whoever sends a record back as it was read changes nothing, and so may.
    if matches!(
        (goal, account.status),
        (Goal::Active | Goal::Activated | Goal::Reopened, Status::Active)
            | (Goal::Inactive(_) | Goal::Closed, Status::Pending)
            | (Goal::Closed | Goal::Ended, Status::Closed)
            | (Goal::Deleted, Status::Deleted)
            | (Goal::NotDeleted, Status::Pending | Status::Active | Status::Suspended | Status::Closed)
    ) {
        return Ok(None);
    }
    may_change_status(&context.actor, account)?;
    match (goal, account.status) {
        (Goal::Active | Goal::Activated, Status::Pending) => take(account, &ACTIVATE, context.at),
        (Goal::Activated, _) | (Goal::Reopened, Status::Pending | Status::Suspended | Status::Deleted) => {
            Err(impossible(account.status, Status::Active))
        }
        (Goal::Active, Status::Suspended) => Ok(release(account, |hold| hold.owner == HoldOwner::Provider, context.at)),
        (Goal::Active, Status::Closed | Status::Deleted) | (Goal::Reopened, Status::Closed) => {
            account.holds.retain(|hold| hold.owner != HoldOwner::Provider);
            reopen(account, &REOPEN, set, context.at)
        }
        (Goal::NotDeleted, Status::Deleted) => {
            let back = if account.activated_at.is_some() { &REOPEN } else { &RESTORE };
            reopen(account, back, set, context.at)
        }
        (Goal::Suspended(owner) | Goal::Inactive(owner), Status::Active) => {
            account.holds = vec![Hold::by(owner, context.at)];
            take(account, &SUSPEND, context.at)
        }
        // One that stands already stands as it was placed: this says nothing of its terms.
        (Goal::Suspended(owner) | Goal::Inactive(owner), Status::Suspended) if account.is_held_by(owner) => Ok(None),
        (Goal::Suspended(owner) | Goal::Inactive(owner), Status::Suspended) => Ok(place(account, Hold::by(owner, context.at))),
        (Goal::Ended, Status::Pending) => take(account, &REJECT, context.at),
        (Goal::Closed | Goal::Ended, Status::Active) => {
            account.holds = vec![Hold::by(HoldOwner::Provider, context.at)];
            take(account, &SUSPEND, context.at)?;
            take(account, &CLOSE, context.at)
        }
        (Goal::Closed | Goal::Ended, Status::Suspended) => take(account, &CLOSE, context.at),
        (Goal::Closed | Goal::Ended, Status::Deleted) => Err(impossible(account.status, Status::Closed)),
        (Goal::Deleted, _) => delete(account, set, context.at),
        // Told above.
        (Goal::Active | Goal::Reopened, Status::Active)
        | (Goal::Closed, Status::Pending | Status::Closed)
        | (Goal::Ended, Status::Closed)
        | (Goal::NotDeleted, _) => Ok(None),
        (Goal::Suspended(_) | Goal::Inactive(_), Status::Pending | Status::Closed | Status::Deleted) => {
            Err(impossible(account.status, Status::Suspended))
        }
    }
}

/// A status is changed from above: nobody puts itself out of service or back into it by an API call.
pub(super) fn may_change_status(actor: &Actor, account: &Account) -> Result<(), Refusal> {
    if !actor.is_above(account) {
        return Err(Fault::new("status", Code::Forbidden, "an account cannot change its own status; the provider above it can").into());
    }
    Ok(())
}

pub(super) fn take(account: &mut Account, transition: &Transition, at: Timestamp) -> Result<Option<EventName>, Refusal> {
    if !transition.from.contains(&account.status) {
        return Err(impossible(account.status, transition.to));
    }
    account.status = transition.to;
    match transition.to {
        Status::Active => {
            account.activated_at.get_or_insert(at);
            account.ended_at = None;
        }
        // The holds stay: who deletes and reopens releases nobody else's.
        Status::Closed | Status::Deleted => account.ended_at = Some(at),
        Status::Pending => account.ended_at = None,
        Status::Suspended => {}
    }
    Ok(Some(transition.event))
}

fn reopen(account: &mut Account, back: &Transition, set: &WorkingSet, at: Timestamp) -> Result<Option<EventName>, Refusal> {
    if account.profile.erased_at.is_some() {
        return Err(Fault::new("status", Code::ImpossibleStatus, "this account was erased; nothing is left of it").into());
    }
    if account.ended_at.is_some_and(|ended| at > ended.plus_days(REOPEN_WITHIN_DAYS)) {
        let message = format!("this account was {} more than {REOPEN_WITHIN_DAYS} days ago and cannot be reopened", account.status);
        return Err(Fault::new("status", Code::ImpossibleStatus, message).into());
    }
    // Others may have taken them since.
    let mut taken = taken_faults(account.email.as_ref(), account.external_id.as_ref(), account.tenant_id, Some(account.id), set);
    taken.extend(custom_fields::taken(account.profile.custom_fields.iter(), account.tenant_id, Some(account.id), set));
    if !taken.is_empty() {
        return Err(Refusal::faulty(taken));
    }
    let event = take(account, back, at)?;
    // What its provider has deleted in the meantime it has no more.
    account.allotments.keep_packages(|id| set.package(id).is_some_and(|package| package.status != PackageStatus::Deleted));
    if !account.holds.is_empty() {
        // It comes back as it went: held by others.
        account.status = Status::Suspended;
    }
    Ok(event)
}

fn delete(account: &mut Account, set: &WorkingSet, at: Timestamp) -> Result<Option<EventName>, Refusal> {
    let below = set.live_children(account.id);
    if below > 0 {
        return Err(Fault::new("status", Code::NotEmpty, format!("{below} live accounts stand below this one; delete them first")).into());
    }
    take(account, &DELETE, at)
}

/// The refusal of a step that is not in the table.
pub(super) fn impossible(from: Status, to: Status) -> Refusal {
    let possible: Vec<&str> =
        TRANSITIONS.iter().filter(|transition| transition.from.contains(&from)).map(|transition| transition.to.as_str()).collect();
    let message = format!("this account is {from} and cannot become {to}; possible: {}", possible.join(", "));
    Fault::new("status", Code::ImpossibleStatus, message).into()
}
