//! Changes what the properties name, status, packages and balances included, in one step.

use std::sync::Arc;

use tenantry_domain::account::edit::EditAccount;
use tenantry_domain::{Account, AccountId, Code, Command, Fault, Patch, Refusal};
use tenantry_http::json::Tree;
use tenantry_service::Request;

use super::refused;
use crate::Face;
use crate::properties::{CustomerDraft, Mode, customer};

/// Gives the customer, and the properties that nothing read.
pub(crate) async fn update(
    face: &Face,
    request: &Request,
    id: AccountId,
    members: Vec<(String, Tree)>,
) -> Result<(Arc<Account>, Vec<String>), Refusal> {
    let draft = customer(members, Mode::Update);
    match edit(face, request, id, &draft).await {
        Ok(account) => Ok((account, draft.ignored)),
        Err(refusal) => Err(refused(face, refusal, request)),
    }
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
    let mut faults = draft.faults.clone();
    if !draft.claims.is_empty() {
        let account = face.service.look_up(&request.principal, id)?;
        let wrong = draft.claims.iter().filter(|claim| !claim.holds(&account));
        faults.extend(wrong.map(|claim| Fault::new(claim.property, Code::ReadOnly, "this property cannot be changed")));
    }
    if !faults.is_empty() {
        faults.extend(face.service.reference_faults(&Command::EditAccount(Box::new(command)), request)?);
        return Err(Refusal { code: Code::Invalid, ..Refusal::faulty(faults) });
    }
    face.service.edit(command, None, Patch::Keep, request).await.map(|outcome| outcome.account)
}
