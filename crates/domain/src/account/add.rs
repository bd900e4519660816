//! Adding an account: a customer, or a provider below a provider.

use std::collections::BTreeSet;

use super::allot::allot;
use super::custom_fields::{self, CustomFieldsPatch, CustomValues};
use super::name_servers::NameServerChange;
use super::status::{Goal, impossible, step};
use super::{Account, Kind, Profile, ProfilePatch, Status};
use crate::context::{Context, Dialect};
use crate::decision::Decision;
use crate::event::EventName;
use crate::id::{AccountId, TenantId};
use crate::limits::PROVIDER_MAX_DEPTH;
use crate::quota::{Allotments, AllotmentsPatch};
use crate::refusal::{Code, Fault, Refusal};
use crate::twin::{OnDuplicate, Twin, TwinKey, twin_keys};
use crate::value::{AccountHash, Email, ExternalId, PasswordHash, PinDigest};
use crate::working_set::WorkingSet;

/// Asks for a new account.
#[derive(Debug, Clone, PartialEq)]
pub struct AddAccount {
    /// The provider (or the operator, for a provider) below which it shall stand.
    pub parent_id: AccountId,
    /// A customer or a provider.
    pub kind: Kind,
    /// The caller's own id of it.
    pub external_id: Option<ExternalId>,
    /// Its login.
    pub email: Option<Email>,
    /// Its password, hashed already.
    pub password_hash: Option<PasswordHash>,
    /// Its call-in PIN, digested already.
    pub call_in_pin: Option<PinDigest>,
    /// Everything else that it says of itself.
    pub profile: ProfilePatch,
    /// Its custom fields.
    pub custom_fields: CustomFieldsPatch,
    /// Its packages and balances.
    pub allotments: AllotmentsPatch,
    /// Its name servers.
    pub name_servers: NameServerChange,
    /// The status to start with, where another than `auto_signup` gives is wanted.
    pub goal: Option<Goal>,
    /// What is done when it may be there already.
    pub on_duplicate: OnDuplicate,
}

impl AddAccount {
    /// An add that says nothing yet of the account.
    pub fn below(parent_id: AccountId, kind: Kind) -> Self {
        Self {
            parent_id,
            kind,
            external_id: None,
            email: None,
            password_hash: None,
            call_in_pin: None,
            profile: ProfilePatch::default(),
            custom_fields: CustomFieldsPatch::default(),
            allotments: AllotmentsPatch::default(),
            name_servers: NameServerChange::default(),
            goal: None,
            on_duplicate: OnDuplicate::Ignore,
        }
    }

    /// What a twin of the new account would have in common with it.
    pub(crate) fn twin_keys(&self) -> BTreeSet<TwinKey> {
        if self.on_duplicate == OnDuplicate::Ignore || self.kind != Kind::Customer {
            return BTreeSet::new();
        }
        let mut profile = Profile::default();
        self.profile.clone().apply(&mut profile);
        twin_keys(self.email.as_ref(), &profile)
    }

    /// Decides the command.
    pub(crate) fn decide(&self, set: &WorkingSet, context: &Context) -> Result<Decision, Refusal> {
        let faults = self.reference_faults(set, context);
        // What cannot be applied is among the faults.
        let name_servers = self.name_servers.apply(&Default::default()).unwrap_or_default();
        // Without a parent there is no tenant, and nothing further can be told.
        let parent = match set.reach(&context.actor, self.parent_id) {
            Ok(parent) if faults.is_empty() => parent,
            _ => return Err(Refusal::faulty(faults)),
        };
        let id = set.next_account_id().ok_or_else(|| Refusal::new(Code::Internal, "no account ids are left"))?;
        let mut profile = Profile { name_servers, ..Profile::default() };
        self.profile.clone().apply(&mut profile);
        profile.custom_fields = self.custom_values(parent.tenant_id, set).unwrap_or_default();
        // Whoever asks for an inactive account wants it to wait, whatever else the provider's customers do.
        let waits = matches!(self.goal, Some(Goal::Inactive(_) | Goal::Closed));
        let active = profile.auto_signup && !waits;
        let mut account = Account {
            id,
            tenant_id: if parent.kind == Kind::Operator { TenantId::of(id) } else { parent.tenant_id },
            parent_id: Some(parent.id),
            ancestors: parent.path(),
            kind: self.kind,
            external_id: self.external_id.clone(),
            hash: AccountHash::from_seed(&context.seed),
            email: self.email.clone(),
            password_hash: self.password_hash.clone(),
            call_in_pin: self.call_in_pin.clone(),
            status: if active { Status::Active } else { Status::Pending },
            holds: Vec::new(),
            activated_at: active.then_some(context.at),
            ended_at: None,
            allotments: Allotments::default(),
            profile,
            created_at: context.at,
            updated_at: context.at,
            version: 1,
        };
        if let Some(goal) = self.goal.filter(|_| !waits) {
            step(&mut account, goal, set, context)?;
        }
        allot(&self.allotments, &mut account, set).map_err(Refusal::faulty)?;
        let twins = if self.on_duplicate == OnDuplicate::Ignore { Vec::new() } else { set.twins(&account, &context.actor) };
        if self.on_duplicate == OnDuplicate::Refuse && !twins.is_empty() {
            return Err(refused(&twins));
        }
        let mut decision = Decision::added(account, EventName::Added, context);
        decision.outcome.twins = twins;
        Ok(decision)
    }

    /// What is wrong with what the command refers to and asks for: the parent, the e-mail address, the external id, the name servers and the status. A
    /// face calls this with a body that has other faults, so that one answer names them all.
    pub fn reference_faults(&self, set: &WorkingSet, context: &Context) -> Vec<Fault> {
        let mut faults = self.name_servers.apply(&Default::default()).err().unwrap_or_default();
        faults.extend(self.goal_fault());
        if context.actor.kind == Kind::Customer {
            faults.push(Fault::new("parent_id", Code::Forbidden, "a customer cannot add accounts"));
            return faults;
        }
        let Ok(parent) = set.reach(&context.actor, self.parent_id) else {
            faults.push(Fault::new("parent_id", Code::NotFound, "there is no such account"));
            return faults;
        };
        faults.extend(self.parent_fault(&parent));
        faults.extend(self.allotment_faults(&parent, set));
        if self.kind == Kind::Operator {
            faults.push(Fault::new("kind", Code::Forbidden, "there is one operator"));
        }
        if parent.kind != Kind::Operator {
            faults.extend(taken_faults(self.email.as_ref(), self.external_id.as_ref(), parent.tenant_id, None, set));
        }
        faults.extend(self.custom_faults(parent.tenant_id, set, context));
        faults
    }

    fn custom_values(&self, tenant_id: TenantId, set: &WorkingSet) -> Result<CustomValues, Vec<Fault>> {
        self.custom_fields.apply(&CustomValues::new(), set.custom_fields(tenant_id))
    }

    /// What is wrong with the custom fields. Those that the tenant requires are asked of dialects that can send them.
    fn custom_faults(&self, tenant_id: TenantId, set: &WorkingSet, context: &Context) -> Vec<Fault> {
        let mut faults = self.custom_fields.faults(&CustomValues::new(), tenant_id, None, set);
        if self.kind == Kind::Customer && context.origin.dialect == Dialect::V1 {
            let missing = custom_fields::missing(&self.custom_values(tenant_id, set).unwrap_or_default(), set.custom_fields(tenant_id));
            let told = |fault: &Fault| faults.iter().any(|told| told.field == fault.field);
            let missing: Vec<Fault> = missing.into_iter().filter(|fault| !told(fault)).collect();
            // With another fault among them the values are not known: whatever is there is not missing.
            faults.extend(missing.into_iter().filter(|fault| !self.custom_fields.names(&fault.field)));
        }
        faults
    }

    /// What is wrong with the packages, for an account below this parent.
    fn allotment_faults(&self, parent: &Account, set: &WorkingSet) -> Vec<Fault> {
        // For a tenant's top provider there is nobody above who could offer any.
        let mut below = Account { ancestors: parent.path(), allotments: Allotments::default(), ..parent.clone() };
        allot(&self.allotments, &mut below, set).err().unwrap_or_default()
    }

    /// A new account cannot be where this goal leads.
    fn goal_fault(&self) -> Option<Fault> {
        match self.goal {
            Some(Goal::Deleted) => {
                Some(Fault::new("status", Code::ImpossibleStatus, "a new account cannot be deleted; leave the status out"))
            }
            Some(Goal::Suspended(_)) if self.profile.auto_signup.value() != Some(&true) => {
                impossible(Status::Pending, Status::Suspended).faults.pop()
            }
            _ => None,
        }
    }

    fn parent_fault(&self, parent: &Account) -> Option<Fault> {
        let fault = |code, message: String| Some(Fault::new("parent_id", code, message));
        match (parent.kind, self.kind) {
            (Kind::Customer, _) => fault(Code::Invalid, "a customer has no accounts below it".to_owned()),
            (Kind::Operator, Kind::Customer) => {
                fault(Code::Invalid, "a customer stands below a provider, not below the operator".to_owned())
            }
            _ if parent.status != Status::Active => fault(Code::Invalid, format!("this provider is {}", parent.status)),
            (_, Kind::Provider) if parent.provider_depth() >= PROVIDER_MAX_DEPTH => {
                fault(Code::Invalid, format!("providers stand at most {PROVIDER_MAX_DEPTH} deep"))
            }
            _ => None,
        }
    }
}

/// The refusal of a customer that may be there already.
fn refused(twins: &[Twin]) -> Refusal {
    let fault = |twin: &Twin| {
        let because: Vec<&str> = twin.because.iter().map(|because| because.as_str()).collect();
        let message = format!("this customer may be there already: the same {}", because.join(", the same ").replace('_', " "));
        Fault { existing_id: Some(twin.id), ..Fault::new("on_duplicate", Code::LikelyDuplicate, message) }
    };
    Refusal { code: Code::LikelyDuplicate, ..Refusal::faulty(twins.iter().map(fault).collect()) }
}

/// Whether another live account of the tenant has the e-mail address or the external id.
pub(super) fn taken_faults(
    email: Option<&Email>,
    external_id: Option<&ExternalId>,
    tenant_id: TenantId,
    own_id: Option<AccountId>,
    set: &WorkingSet,
) -> Vec<Fault> {
    let email_owner = email.and_then(|email| set.email_owner(tenant_id, email));
    let external_owner = external_id.and_then(|external_id| set.external_id_owner(tenant_id, external_id));
    [
        ("email", email_owner, "another account has this e-mail address"),
        ("external_id", external_owner, "another account has this external id"),
    ]
    .into_iter()
    .filter_map(|(field, owner, message)| {
        let owner = owner.filter(|owner| Some(*owner) != own_id)?;
        Some(Fault { existing_id: Some(owner), ..Fault::new(field, Code::Taken, message) })
    })
    .collect()
}
