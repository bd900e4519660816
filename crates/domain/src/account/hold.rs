//! Holds: why a suspended account is suspended, each with its owner. Releasing one's own never releases another's.

use serde::{Deserialize, Serialize};

use super::status::{RESUME, SUSPEND, impossible, may_change_status, take};
use super::{Account, Status};
use crate::AccountId;
use crate::context::Context;
use crate::decision::Decision;
use crate::event::EventName;
use crate::refusal::{Code, Fault, Refusal};
use crate::value::{Reason, Timestamp};
use crate::working_set::WorkingSet;

/// Who holds an account suspended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the departments are named by their words")]
pub enum HoldOwner {
    Billing,
    Abuse,
    Legal,
    Provider,
    Customer,
}

impl HoldOwner {
    /// Every owner.
    pub const ALL: [Self; 5] = [Self::Billing, Self::Abuse, Self::Legal, Self::Provider, Self::Customer];

    /// The word that stands for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Billing => "billing",
            Self::Abuse => "abuse",
            Self::Legal => "legal",
            Self::Provider => "provider",
            Self::Customer => "customer",
        }
    }
}

/// One reason for which an account is suspended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Whose it is.
    pub owner: HoldOwner,
    /// Since when it stands.
    pub since: Timestamp,
    /// Why, for staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// When it ends by itself; `None`: when its owner releases it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Hold {
    /// A hold that says no more than whose it is.
    pub(super) const fn by(owner: HoldOwner, since: Timestamp) -> Self {
        Self { owner, since, reason: None, until: None }
    }
}

impl Account {
    /// Whether this owner holds it.
    pub fn is_held_by(&self, owner: HoldOwner) -> bool {
        self.holds.iter().any(|hold| hold.owner == owner)
    }

    /// When the first of its holds ends by itself.
    pub fn first_hold_ends_at(&self) -> Option<Timestamp> {
        self.holds.iter().filter_map(|hold| hold.until).min()
    }
}

/// Places a hold, or gives one that stands other terms. An active account is suspended by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceHold {
    /// The account.
    pub id: AccountId,
    /// Whose hold it is.
    pub owner: HoldOwner,
    /// Why, for staff.
    pub reason: Option<Reason>,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
}

impl PlaceHold {
    /// Decides the command.
    pub(crate) fn decide(&self, set: &WorkingSet, context: &Context) -> Result<Decision, Refusal> {
        let before = set.reach(&context.actor, self.id)?;
        may_change_status(&context.actor, &before)?;
        if self.until.is_some_and(|until| until <= context.at) {
            return Err(Fault::new("until", Code::Invalid, "a hold cannot end before it is placed").into());
        }
        let mut after = Account::clone(&before);
        let hold = Hold { owner: self.owner, since: context.at, reason: self.reason.clone(), until: self.until };
        let event = match before.status {
            Status::Active => {
                after.holds = vec![hold];
                take(&mut after, &SUSPEND, context.at)?
            }
            Status::Suspended => place(&mut after, hold),
            Status::Pending | Status::Closed | Status::Deleted => return Err(impossible(before.status, Status::Suspended)),
        };
        Ok(Decision::changed(before, after, event.unwrap_or(EventName::HoldPlaced), context))
    }
}

/// Releases one owner's hold. An account that nobody holds any more is active again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseHold {
    /// The account.
    pub id: AccountId,
    /// Whose hold it is.
    pub owner: HoldOwner,
    /// Why, in the caller's words: kept with the event.
    pub reason: Option<Reason>,
}

impl ReleaseHold {
    /// Decides the command.
    pub(crate) fn decide(&self, set: &WorkingSet, context: &Context) -> Result<Decision, Refusal> {
        let before = set.reach(&context.actor, self.id)?;
        may_change_status(&context.actor, &before)?;
        let mut after = Account::clone(&before);
        let event = release(&mut after, |hold| hold.owner == self.owner, context.at);
        Ok(Decision::changed(before, after, event.unwrap_or(EventName::HoldReleased), context).because(self.reason.as_ref()))
    }
}

/// Releases the holds that have ended by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseEndedHolds {
    /// The account.
    pub id: AccountId,
}

impl ReleaseEndedHolds {
    /// Decides the command.
    pub(crate) fn decide(&self, set: &WorkingSet, context: &Context) -> Result<Decision, Refusal> {
        let before = set.reach(&context.actor, self.id)?;
        let mut after = Account::clone(&before);
        let event = release(&mut after, |hold| hold.until.is_some_and(|until| until <= context.at), context.at);
        Ok(Decision::changed(before, after, event.unwrap_or(EventName::HoldReleased), context))
    }
}

/// Puts a hold on a suspended account. One that its owner placed before stands since then and has the new terms.
pub(super) fn place(account: &mut Account, hold: Hold) -> Option<EventName> {
    match account.holds.iter_mut().find(|present| present.owner == hold.owner) {
        Some(present) => *present = Hold { since: present.since, ..hold },
        None => account.holds.push(hold),
    }
    Some(EventName::HoldPlaced)
}

/// Takes holds away. A suspended account that nobody holds any more is active again; one that is closed or deleted stays so.
pub(super) fn release(account: &mut Account, ended: impl Fn(&Hold) -> bool, at: Timestamp) -> Option<EventName> {
    let held = account.holds.len();
    account.holds.retain(|hold| !ended(hold));
    if account.holds.is_empty() && account.status == Status::Suspended {
        // From suspended to active is in the table.
        return take(account, &RESUME, at).unwrap_or(None);
    }
    (account.holds.len() < held).then_some(EventName::HoldReleased)
}
