//! `POST /user`: adds a customer, or a provider below a provider.

use axum::response::Response;
use serde::Serialize;
use tenantry_domain::account::Kind;
use tenantry_domain::account::add::AddAccount;
use tenantry_domain::{AccountId, Code, Command, Refusal};

use crate::body::{self, Draft, Mode};
use crate::call::Call;
use crate::{Face, answer, error};

#[derive(Serialize)]
struct Added {
    id: AccountId,
}

pub(crate) async fn handler(face: &Face, call: &Call) -> Response {
    let members = match call.members() {
        Ok(members) => members,
        Err(refusal) => return error::answer(&error::not_saved(refusal)),
    };
    let draft = body::read(members, Mode::Add, face.service.now());
    match add(face, call, &draft).await {
        Ok(id) => answer::saved(answer::SAVED, Added { id }, &draft.ignored),
        Err(refusal) => error::answer(&error::not_saved(face.service.hide(refusal, &call.principal).await)),
    }
}

async fn add(face: &Face, call: &Call, draft: &Draft) -> Result<AccountId, Refusal> {
    if draft.has_credentials {
        return Err(face.service.refuse_credentials_in_body(&call.request(None)));
    }
    let request = call.request(draft.claimed.clone());
    let parent_id = draft.parent_id.unwrap_or(call.principal.actor().account_id);
    let command = AddAccount {
        email: draft.email.value().cloned(),
        profile: draft.profile.clone(),
        name_servers: draft.name_servers.clone(),
        goal: draft.goal,
        ..AddAccount::below(parent_id, draft.kind.unwrap_or(Kind::Customer))
    };
    if !draft.faults.is_empty() {
        let mut faults = draft.faults.clone();
        let mut more = face.service.reference_faults(&Command::AddAccount(Box::new(command)), &request).await?;
        // Without a parent in the body the caller itself stood in for one; what is wrong with that is not the body's fault.
        more.retain(|fault| draft.parent_id.is_some() || fault.field != "parent_id");
        faults.extend(draft.paths.translate(more));
        // With other faults beside them, what is taken or missing is one of several.
        return Err(Refusal { code: Code::Invalid, ..Refusal::faulty(faults) });
    }
    let added = face.service.add(command, draft.password.clone(), draft.call_in_pin.value().cloned(), &request).await;
    added.map(|outcome| outcome.account.id).map_err(|refusal| draft.translate(refusal))
}
