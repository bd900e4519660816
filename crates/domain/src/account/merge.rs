//! Merging two records of one customer, and undoing it.
//!
//! The survivor keeps what it has and takes what it has not. The other is deleted and becomes an alias for ever: whoever names it gets the survivor (see
//! `WorkingSet::account`). It keeps its own values, its keys and its packages, so that all of it can come back.

use serde::{Deserialize, Serialize};

use super::status::{Goal, step};
use super::{Account, Kind, Profile, Status};
use crate::context::Context;
use crate::decision::Decision;
use crate::event::EventName;
use crate::id::AccountId;
use crate::quota::{Allotments, Channel, Quota};
use crate::refusal::{Code, Fault, Refusal};
use crate::value::{Reason, Timestamp};
use crate::working_set::WorkingSet;

/// What a record remembers that was merged into another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// The survivor.
    pub into: AccountId,
    /// The fields that the survivor took.
    pub taken: Vec<String>,
    /// The balances that it took.
    pub balances: Allotments,
    /// When the record was closed, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
}

impl Merge {
    /// The same without anything to take back: its record was erased.
    pub(super) fn emptied(&self) -> Self {
        Self { into: self.into, taken: Vec::new(), balances: Allotments::default(), closed_at: None }
    }
}

/// Asks for two records of one customer to become one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeAccounts {
    /// The survivor.
    pub id: AccountId,
    /// The record that becomes its alias.
    pub merged_id: AccountId,
    /// Why, in the caller's words: kept with the event.
    pub reason: Option<Reason>,
}

/// Asks for a merge to be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmergeAccounts {
    /// The survivor.
    pub id: AccountId,
    /// The record that is its alias.
    pub merged_id: AccountId,
    /// Why, in the caller's words: kept with the event.
    pub reason: Option<Reason>,
}

/// A field that a survivor takes where it has none: its name, whether a record has it, and how it goes from one record to another. `None` empties it.
struct Taken {
    name: &'static str,
    has: fn(&Account) -> bool,
    same: fn(&Account, &Account) -> bool,
    put: fn(&mut Account, Option<&Account>),
}

fn has_something<T: Default + PartialEq>(value: &T) -> bool {
    *value != T::default()
}

/// A part of the account, which is empty as its default is.
macro_rules! taken {
    ($name:literal, $($path:tt)+) => {
        Taken {
            name: $name,
            has: |account| has_something(&account.$($path)+),
            same: |one, other| one.$($path)+ == other.$($path)+,
            put: |account, from| account.$($path)+ = from.map(|from| from.$($path)+.clone()).unwrap_or_default(),
        }
    };
}

/// Every such field. An address and a phone go as a whole: half of one and half of another are nobody's. A password and a PIN do not go, since they prove who
/// somebody is, nor do switches, custom fields, packages and networks, which say what is sold to whom.
const TAKEN: [Taken; 19] = [
    taken!("external_id", external_id),
    taken!("email", email),
    taken!("title", profile.title),
    taken!("first_name", profile.first_name),
    taken!("last_name", profile.last_name),
    taken!("organization", profile.organization),
    taken!("date_of_birth", profile.date_of_birth),
    taken!("address", profile.address),
    taken!("voice", profile.voice),
    taken!("cell", profile.cell),
    taken!("fax", profile.fax),
    taken!("buying_currency", profile.buying_currency),
    taken!("phone_number_type", profile.phone_number_type),
    taken!("social_pages", profile.social_pages),
    taken!("social_info", profile.social_info),
    taken!("industry", profile.industry),
    taken!("website_url", profile.website_url),
    taken!("tags", profile.tags),
    taken!("contacts", profile.contacts),
];

impl MergeAccounts {
    /// Decides the command.
    pub(crate) fn decide(&self, set: &WorkingSet, context: &Context) -> Result<Decision, Refusal> {
        let survivor = set.reach(&context.actor, self.id)?;
        let merged = set.unresolved(self.merged_id).filter(|account| context.actor.reaches(account));
        let merged = merged.ok_or_else(|| Fault::new("merged_id", Code::NotFound, "there is no such customer"))?;
        allowed(&survivor, merged, context)?;
        let (mut after, mut alias) = (Account::clone(&survivor), Account::clone(merged));
        let mut taken = Vec::new();
        for field in TAKEN.iter().filter(|field| !(field.has)(&survivor) && (field.has)(merged)) {
            (field.put)(&mut after, Some(merged));
            taken.push(field.name.to_owned());
        }
        let balances = move_balances(&mut alias, &mut after)?;
        let closed_at = (merged.status == Status::Closed).then_some(merged.ended_at).flatten();
        step(&mut alias, Goal::Deleted, set, context)?;
        alias.profile.merge = Some(Merge { into: survivor.id, taken, balances, closed_at });
        let merged_id = merged.id;
        let kept = Decision::moved_with_balances(survivor, after, EventName::Merged, context).because(self.reason.as_ref());
        let gone = Decision::moved_with_balances(std::sync::Arc::clone(merged), alias, EventName::MergedAway, context);
        Ok(kept.about("merged_id", merged_id).and(gone))
    }
}

/// Whether two records can become one.
fn allowed(survivor: &Account, merged: &Account, context: &Context) -> Result<(), Refusal> {
    let fault = |code, message: String| Err(Refusal::from(Fault::new("merged_id", code, message)));
    if !context.actor.is_above(survivor) || !context.actor.is_above(merged) {
        return fault(Code::Forbidden, "customers are merged by a provider above them".to_owned());
    }
    if survivor.kind != Kind::Customer || merged.kind != Kind::Customer {
        return fault(Code::Invalid, "only customers are merged".to_owned());
    }
    if let Some(merge) = &merged.profile.merge {
        return fault(Code::ImpossibleStatus, format!("this customer is merged into {} already", merge.into));
    }
    if survivor.id == merged.id {
        return fault(Code::Invalid, "this is the same customer".to_owned());
    }
    // Who sees one sees the other then, and an alias leads nobody to what is not his.
    if survivor.parent_id != merged.parent_id {
        return fault(Code::Invalid, "both must stand directly below the same provider".to_owned());
    }
    for account in [survivor, merged] {
        if account.status == Status::Deleted {
            return fault(Code::ImpossibleStatus, format!("customer {} is deleted; restore it first", account.id));
        }
    }
    Ok(())
}

/// Moves every balance. Gives what was moved.
fn move_balances(from: &mut Account, to: &mut Account) -> Result<Allotments, Refusal> {
    let mut moved = Allotments::default();
    for channel in Channel::ALL {
        let amount = from.allotments.of(channel).quota;
        let (old, field) = (to.allotments.of(channel).quota.get(), channel.quota_field());
        let sum = Quota::try_from(old + amount.get()).map_err(|invalid| invalid.at(field))?;
        to.allotments.of_mut(channel).quota = sum;
        from.allotments.of_mut(channel).quota = Quota::ZERO;
        moved.of_mut(channel).quota = amount;
    }
    Ok(moved)
}

impl UnmergeAccounts {
    /// Decides the command.
    pub(crate) fn decide(&self, set: &WorkingSet, context: &Context) -> Result<Decision, Refusal> {
        let survivor = set.reach(&context.actor, self.id)?;
        let alias = set.unresolved(self.merged_id).filter(|account| context.actor.reaches(account));
        let merge = |account: &Account| account.profile.merge.clone().filter(|merge| merge.into == survivor.id);
        let (Some(alias), Some(merge)) = (alias, alias.and_then(|alias| merge(alias))) else {
            return Err(Fault::new("merged_id", Code::NotFound, "no such customer is merged into this one").into());
        };
        let taken: Vec<&Taken> = TAKEN.iter().filter(|field| merge.taken.iter().any(|name| name == field.name)).collect();
        let changed = taken.iter().filter(|field| !(field.same)(&survivor, alias));
        let mut faults: Vec<Fault> = changed
            .map(|field| Fault::new(field.name, Code::ImpossibleStatus, "this was taken from the other record and was changed since"))
            .collect();
        let (mut after, mut back) = (Account::clone(&survivor), Account::clone(alias));
        for channel in Channel::ALL {
            let amount = merge.balances.of(channel).quota;
            match Quota::try_from(after.allotments.of(channel).quota.get() - amount.get()) {
                Ok(rest) => after.allotments.of_mut(channel).quota = rest,
                Err(_) => {
                    let message = format!("{} units came from the other record, and not so many are left", amount.get());
                    faults.push(Fault::new(channel.quota_field(), Code::ImpossibleStatus, message));
                }
            }
            back.allotments.of_mut(channel).quota = amount;
        }
        if !faults.is_empty() {
            return Err(Refusal::faulty(faults));
        }
        taken.iter().for_each(|field| (field.put)(&mut after, None));
        back.profile.merge = None;
        // What the survivor took and gives back now is nobody else's.
        let own = (back.email.clone(), back.external_id.clone());
        if taken.iter().any(|field| field.name == "email") {
            back.email = None;
        }
        if taken.iter().any(|field| field.name == "external_id") {
            back.external_id = None;
        }
        step(&mut back, Goal::NotDeleted, set, context)?;
        (back.email, back.external_id) = own;
        if merge.closed_at.is_some() {
            (back.status, back.ended_at) = (Status::Closed, merge.closed_at);
        }
        let merged_id = alias.id;
        let kept = Decision::moved_with_balances(survivor, after, EventName::Unmerged, context).because(self.reason.as_ref());
        let again = Decision::moved_with_balances(std::sync::Arc::clone(alias), back, EventName::UnmergedAway, context);
        Ok(kept.about("merged_id", merged_id).and(again))
    }
}

impl Profile {
    /// Into which customer this one was merged.
    pub fn merged_into(&self) -> Option<AccountId> {
        self.merge.as_ref().map(|merge| merge.into)
    }
}
