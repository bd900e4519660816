//! Erasing an account: nothing personal is left of it, only that it was there and was erased.

use std::sync::Arc;

use serde_json::Value;

use super::merge::Merge;
use super::status::may_change_status;
use super::{Account, HoldOwner, Kind, Profile, Status};
use crate::context::Context;
use crate::decision::{Decision, Erased};
use crate::event::{Event, EventName, FieldChange};
use crate::id::AccountId;
use crate::refusal::{Code, Fault, Refusal};
use crate::value::Reason;
use crate::working_set::WorkingSet;

/// Asks that an account be erased: now, and for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EraseAccount {
    /// The account.
    pub id: AccountId,
    /// The record of this number itself, even where it was merged into another.
    pub itself: bool,
    /// On what ground, in the caller's words: kept with the event, so it names nobody.
    pub reason: Option<Reason>,
}

impl EraseAccount {
    /// Decides the command.
    pub(crate) fn decide(&self, set: &WorkingSet, context: &Context) -> Result<Decision, Refusal> {
        let before = match set.unresolved(self.id).filter(|account| self.itself && context.actor.reaches(account)) {
            Some(itself) => Arc::clone(itself),
            None => set.reach(&context.actor, self.id)?,
        };
        may_change_status(&context.actor, &before)?;
        if before.kind != Kind::Customer {
            return Err(Fault::new("id", Code::Forbidden, "only customers are erased").into());
        }
        if before.profile.erased_at.is_some() {
            return Ok(Decision::unchanged(before));
        }
        if before.is_held_by(HoldOwner::Legal) {
            let message = "a legal hold stands: what it holds must not be erased; it has to be released first";
            return Err(Fault::new("holds", Code::ImpossibleStatus, message).into());
        }
        let mut after = Account {
            external_id: None,
            email: None,
            password_hash: None,
            call_in_pin: None,
            status: Status::Deleted,
            holds: Vec::new(),
            ended_at: Some(before.ended_at.unwrap_or(context.at)),
            // An alias stays one for ever.
            profile: Profile {
                erased_at: Some(context.at),
                merge: before.profile.merge.as_ref().map(Merge::emptied),
                ..Profile::default()
            },
            updated_at: context.at.max(before.updated_at),
            version: before.version + 1,
            ..Account::clone(&before)
        };
        after.allotments.keep_packages(|_| false);
        let reason = self.reason.as_ref().map(|reason| FieldChange { field: "reason", old: Value::Null, new: reason.as_str().into() });
        // What was is not said: that is what is being erased.
        let event = Event::new(&after, EventName::Erased, reason.into_iter().collect(), context);
        let erased = Erased { tenant_id: after.tenant_id, account_id: after.id, version: after.version };
        Ok(Decision { erased: vec![erased], ..Decision::saved(Some(before), after, event) })
    }
}
