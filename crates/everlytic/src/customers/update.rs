//! Changes what the properties name, status, packages and balances included, in one step.

use std::sync::Arc;

use tenantry_domain::account::edit::EditAccount;
use tenantry_domain::account::{Goal, Status};
use tenantry_domain::{Account, AccountId, Code, Command, Fault, Patch, Refusal};
use tenantry_http::json::Tree;
use tenantry_service::Request;

use super::{refused, subject};
use crate::properties::{CustomerDraft, Mode, customer};
use crate::{Face, error};

/// What an update came to.
pub(crate) struct Updated {
    pub(crate) account: Arc<Account>,
    /// The properties that nothing read.
    pub(crate) ignored: Vec<String>,
    /// Why it is not as it was asked to be.
    pub(crate) message: Option<String>,
}

/// Changes a customer.
pub(crate) async fn update(face: &Face, request: &Request, id: AccountId, members: Vec<(String, Tree)>) -> Result<Updated, Refusal> {
    let draft = customer(members, Mode::Update);
    match edit(face, request, id, &draft).await {
        Ok(account) => Ok(Updated { message: still_held(&account, draft.goal), account, ignored: draft.ignored }),
        Err(refusal) => Err(refused(face, refusal, request)),
    }
}

/// Says so when a customer stays suspended because somebody else holds it.
fn still_held(account: &Account, goal: Option<Goal>) -> Option<String> {
    let stays = goal == Some(Goal::Active) && account.status == Status::Suspended;
    let owners: Vec<&str> = account.holds.iter().map(|hold| hold.owner.as_str()).collect();
    stays.then(|| format!("Still suspended by {}", owners.join(", ")))
}

async fn edit(face: &Face, request: &Request, id: AccountId, draft: &CustomerDraft) -> Result<Arc<Account>, Refusal> {
    let command = EditAccount {
        external_id: draft.external_id.clone(),
        email: draft.email.clone().map_or(Patch::Keep, Patch::Set),
        profile: draft.profile.clone(),
        allotments: draft.allotments.clone(),
        goal: draft.goal,
        ..EditAccount::of(id)
    };
    // The key first: one that may not edit learns nothing of a record by what it sends.
    face.service.may_edit(&command, request)?;
    let account = subject(face, request, id)?;
    let mut faults = draft.faults.clone();
    if !draft.claims.is_empty() {
        let wrong = draft.claims.iter().filter(|claim| !claim.holds(&account, draft.profile.country_code.value()));
        faults.extend(wrong.map(|claim| Fault::new(claim.property, Code::ReadOnly, "this property cannot be changed")));
    }
    if !faults.is_empty() {
        faults.extend(face.service.reference_faults(&Command::EditAccount(Box::new(command)), request)?);
        return Err(Refusal { code: Code::Invalid, ..Refusal::faulty(faults) });
    }
    if draft.names_nothing {
        return Err(error::names_nothing("customer"));
    }
    face.service.edit(command, None, Patch::Keep, request).await.map(|outcome| outcome.account)
}
