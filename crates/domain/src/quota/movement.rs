//! Moving a balance: granting units, consuming them, or setting how many there are.

use super::entry::{IdempotencyKey, MovementKind, QuotaEntry};
use super::{Channel, Quota};
use crate::account::{Account, Status};
use crate::context::Context;
use crate::decision::Decision;
use crate::event::EventName;
use crate::id::AccountId;
use crate::refusal::{Code, Fault, Refusal};
use crate::value::Label;
use crate::working_set::WorkingSet;

/// Asks for a move of one balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveQuota {
    /// The account whose balance it is.
    pub account_id: AccountId,
    /// Which balance.
    pub channel: Channel,
    /// What kind of move.
    pub kind: MovementKind,
    /// How many units to grant or consume, or how many there shall be.
    pub units: Quota,
    /// Why, for the ledger.
    pub reason: Label,
    /// Makes a repetition do nothing.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl MoveQuota {
    /// Decides the command.
    pub(crate) fn decide(&self, set: &WorkingSet, context: &Context) -> Result<Decision, Refusal> {
        let before = set.reach(&context.actor, self.account_id)?;
        if !context.actor.is_above(&before) {
            return Err(Fault::new(self.channel.quota_field(), Code::Forbidden, SET_FROM_ABOVE).into());
        }
        if let Some(made) = self.idempotency_key.as_ref().and_then(|key| set.quota_entry(before.id, key)) {
            return self.repeated(made, before);
        }
        if before.status == Status::Deleted {
            return Err(Fault::new("account_id", Code::ImpossibleStatus, "this account is deleted").into());
        }
        let now = before.allotments.of(self.channel).quota;
        let balance = self.balance(now)?;
        let mut after = Account::clone(&before);
        after.allotments.of_mut(self.channel).quota = balance;
        let name = match self.kind {
            MovementKind::Grant => EventName::QuotaGranted,
            MovementKind::Consume => EventName::QuotaConsumed,
            MovementKind::Set => EventName::QuotaSet,
        };
        if balance == now && self.idempotency_key.is_none() {
            return Ok(Decision::unchanged(before));
        }
        // With a key a move of nothing is a move: sent again after others, it must not be made.
        let mut decision = Decision::moved(before, after, name, context);
        let account = &decision.outcome.account;
        decision.quota_entries = vec![QuotaEntry {
            tenant_id: account.tenant_id,
            account_id: account.id,
            version: account.version,
            channel: self.channel,
            kind: self.kind,
            amount: balance.get() - now.get(),
            balance,
            reason: self.reason.clone(),
            idempotency_key: self.idempotency_key.clone(),
            at: context.at,
        }];
        Ok(decision)
    }

    fn balance(&self, now: Quota) -> Result<Quota, Refusal> {
        let units = self.units.get();
        let fault = |message: String| Refusal::from(Fault::new(self.channel.quota_field(), Code::Invalid, message));
        match self.kind {
            MovementKind::Set => Ok(self.units),
            MovementKind::Grant => Quota::try_from(now.get() + units).map_err(|invalid| fault(invalid.to_string())),
            MovementKind::Consume => {
                Quota::try_from(now.get() - units).map_err(|_| fault(format!("{units} units were asked for and {} are left", now.get())))
            }
        }
    }

    /// What a second use of a key comes to: nothing when it asks for the same.
    fn repeated(&self, made: &QuotaEntry, account: std::sync::Arc<Account>) -> Result<Decision, Refusal> {
        let asks_for_the_same = match self.kind {
            MovementKind::Grant => made.amount == self.units.get(),
            MovementKind::Consume => made.amount == -self.units.get(),
            MovementKind::Set => made.balance == self.units,
        };
        if made.channel == self.channel && made.kind == self.kind && asks_for_the_same {
            return Ok(Decision::unchanged(account));
        }
        Err(Fault::new("idempotency_key", Code::Invalid, "this key was used for another move; use a new one").into())
    }
}

/// Why an account cannot change its own balance or package.
pub(crate) const SET_FROM_ABOVE: &str = "an account cannot set this of itself; the provider above it can";
