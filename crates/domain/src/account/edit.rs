//! Editing an account: a merge. What is absent stays, `null` clears what may be empty, lists are replaced whole.

use super::add::taken_faults;
use super::allot::{allot, forbidden};
use super::custom_fields::CustomFieldsPatch;
use super::name_servers::NameServerChange;
use super::settings::SettingsPatch;
use super::status::{Goal, step};
use super::{Account, Kind, ProfilePatch, Status};
use crate::context::Context;
use crate::decision::Decision;
use crate::event::EventName;
use crate::id::AccountId;
use crate::patch::Patch;
use crate::quota::AllotmentsPatch;
use crate::quota::movement::SET_FROM_ABOVE;
use crate::refusal::{Code, Fault, Refusal};
use crate::value::{Email, ExternalId, PasswordHash, PinDigest};
use crate::working_set::WorkingSet;

/// Asks for changes of an account, its status and its name servers included, in one step.
#[derive(Debug, Clone, PartialEq)]
pub struct EditAccount {
    /// The account.
    pub id: AccountId,
    /// The caller's own id of it.
    pub external_id: Patch<ExternalId>,
    /// Its login.
    pub email: Patch<Email>,
    /// Its password, hashed already.
    pub password_hash: Option<PasswordHash>,
    /// Its call-in PIN, digested already.
    pub call_in_pin: Patch<PinDigest>,
    /// Everything else that it says of itself.
    pub profile: ProfilePatch,
    /// Its custom fields.
    pub custom_fields: CustomFieldsPatch,
    /// What it decides for its tenant.
    pub settings: SettingsPatch,
    /// Its packages and balances.
    pub allotments: AllotmentsPatch,
    /// Its name servers.
    pub name_servers: NameServerChange,
    /// Its status.
    pub goal: Option<Goal>,
}

impl EditAccount {
    /// An edit that names nothing yet.
    pub fn of(id: AccountId) -> Self {
        Self {
            id,
            external_id: Patch::Keep,
            email: Patch::Keep,
            password_hash: None,
            call_in_pin: Patch::Keep,
            profile: ProfilePatch::default(),
            custom_fields: CustomFieldsPatch::default(),
            settings: SettingsPatch::default(),
            allotments: AllotmentsPatch::default(),
            name_servers: NameServerChange::default(),
            goal: None,
        }
    }

    /// Decides the command.
    pub(crate) fn decide(&self, set: &WorkingSet, context: &Context) -> Result<Decision, Refusal> {
        let before = set.reach(&context.actor, self.id)?;
        let faults = self.reference_faults(set, context);
        if !faults.is_empty() {
            return Err(Refusal::faulty(faults));
        }
        let (mut after, event) = self.towards_goal(&before, set, context)?;
        if let Some(password_hash) = &self.password_hash {
            after.password_hash = Some(password_hash.clone());
        }
        self.call_in_pin.clone().apply(&mut after.call_in_pin);
        self.profile.clone().apply(&mut after.profile);
        self.settings.clone().apply(&mut after.profile.settings);
        if self.custom_fields.is_named() {
            let values = self.custom_fields.apply(&before.profile.custom_fields, set.custom_fields(before.tenant_id));
            after.profile.custom_fields = values.map_err(Refusal::faulty)?;
        }
        allot(&self.allotments, &mut after, set).map_err(Refusal::faulty)?;
        if self.name_servers.is_named()
            && let Ok(name_servers) = self.name_servers.apply(&before.profile.name_servers)
        {
            after.profile.name_servers = name_servers;
        }
        // Asked after the status: what that made of the account decides whether the rest may be edited.
        if before.status == Status::Deleted && after.status == Status::Deleted && after != *before {
            return Err(Fault::new("status", Code::ImpossibleStatus, "this account is deleted; set it active before you edit it").into());
        }
        Ok(Decision::changed(before, after, event.unwrap_or(EventName::Edited), context))
    }

    /// The account with its new address on the way to the goal. The address comes first: reopening asks who has it by then.
    fn towards_goal(&self, before: &Account, set: &WorkingSet, context: &Context) -> Result<(Account, Option<EventName>), Refusal> {
        let mut after = before.clone();
        self.email.clone().apply(&mut after.email);
        self.external_id.clone().apply(&mut after.external_id);
        let event = match self.goal {
            Some(goal) => step(&mut after, goal, set, context)?,
            None => None,
        };
        Ok((after, event))
    }

    /// What is wrong with what the command refers to and asks for. A face calls this with a body that has other faults, so that one answer names them
    /// all.
    pub fn reference_faults(&self, set: &WorkingSet, context: &Context) -> Vec<Fault> {
        let Ok(before) = set.reach(&context.actor, self.id) else { return Vec::new() };
        let mut faults = taken_faults(self.email.value(), self.external_id.value(), before.tenant_id, Some(before.id), set);
        if self.name_servers.is_named()
            && let Err(more) = self.name_servers.apply(&before.profile.name_servers)
        {
            faults.extend(more);
        }
        faults.extend(self.custom_fields.faults(&before.profile.custom_fields, before.tenant_id, Some(before.id), set));
        faults.extend(self.settings.faults(&before));
        if !context.actor.is_above(&before) {
            faults.extend(self.providers_own(&before));
        }
        if self.external_id.is_named() || self.allotments != AllotmentsPatch::default() {
            if context.actor.is_above(&before) {
                faults.extend(allot(&self.allotments, &mut Account::clone(&before), set).err().unwrap_or_default());
            } else {
                faults.extend(forbidden(&before, &self.allotments, &self.external_id));
            }
        }
        if self.goal.is_some()
            && let Err(refusal) = self.towards_goal(&before, set, context)
        {
            // A new address that is taken keeps a deleted account from reopening, too; it is told once.
            let told = |fault: &Fault| faults.iter().any(|told| told.field == fault.field && told.code == fault.code);
            let more: Vec<Fault> = refusal.faults.into_iter().filter(|fault| !told(fault)).collect();
            faults.extend(more);
        }
        faults
    }

    /// What an account that edits itself may not change: how its provider groups it, and what it keeps of it.
    fn providers_own(&self, before: &Account) -> Vec<Fault> {
        let tags = before.kind == Kind::Customer && self.profile.tags.is_named();
        let custom_fields = before.kind == Kind::Customer && self.custom_fields.is_named();
        let named = [("tags", tags), ("custom_fields", custom_fields)].into_iter().filter(|(_, named)| *named);
        named.map(|(field, _)| Fault::new(field, Code::Forbidden, SET_FROM_ABOVE)).collect()
    }
}
