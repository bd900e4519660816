//! Making a new installation: the operator and the first provider.

use super::{Account, Kind, Profile, Status};
use crate::context::Context;
use crate::decision::Decision;
use crate::event::EventName;
use crate::id::{AccountId, TenantId};
use crate::refusal::{Code, Refusal};
use crate::value::AccountHash;
use crate::working_set::WorkingSet;

/// Asks for the operator, who has the id 0. The first provider is then added like any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Install;

impl Install {
    /// Decides the command.
    pub(crate) fn decide(self, set: &WorkingSet, context: &Context) -> Result<Decision, Refusal> {
        if set.account(AccountId::OPERATOR).is_some() {
            return Err(Refusal::new(Code::Taken, "this store is installed already"));
        }
        let operator = Account {
            id: AccountId::OPERATOR,
            tenant_id: TenantId::OPERATOR,
            parent_id: None,
            ancestors: Vec::new(),
            kind: Kind::Operator,
            external_id: None,
            hash: AccountHash::from_seed(&context.seed),
            email: None,
            password_hash: None,
            call_in_pin: None,
            status: Status::Active,
            holds: Vec::new(),
            activated_at: Some(context.at),
            ended_at: None,
            allotments: Default::default(),
            profile: Profile::default(),
            created_at: context.at,
            updated_at: context.at,
            version: 1,
        };
        Ok(Decision::added(operator, EventName::Added, context))
    }
}
