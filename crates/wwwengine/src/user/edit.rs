//! `PUT /user/{id}`: changes what the body names, status and name servers included, in one step.

use axum::response::Response;
use tenantry_domain::account::edit::EditAccount;
use tenantry_domain::account::{Kind, Status};
use tenantry_domain::{Account, AccountId, Code, Command, Fault, Outcome, Refusal};

use crate::body::{self, Claim, Draft, Mode};
use crate::call::Call;
use crate::record::Record;
use crate::{Face, answer, error};

pub(crate) async fn handler(face: &Face, call: &Call, id: AccountId) -> Response {
    let members = match call.members() {
        Ok(members) => members,
        Err(refusal) => return error::answer(&error::not_saved(refusal)),
    };
    let draft = body::read(members, Mode::Edit, face.service.now());
    match edit(face, call, id, &draft).await {
        Ok(outcome) => answer::saved(&message(&outcome.account, &draft), true, &draft.ignored),
        Err(refusal) if refusal.code == Code::NotFound => error::answer(&error::no_such_account()),
        Err(refusal) => error::answer(&error::not_saved(face.service.hide(refusal, &call.principal).await)),
    }
}

async fn edit(face: &Face, call: &Call, id: AccountId, draft: &Draft) -> Result<Outcome, Refusal> {
    if draft.has_credentials {
        return Err(face.service.refuse_credentials_in_body(&call.request(None)));
    }
    let request = call.request(draft.claimed.clone());
    let command = EditAccount {
        email: draft.email.clone(),
        profile: draft.profile.clone(),
        name_servers: draft.name_servers.clone(),
        goal: draft.goal,
        ..EditAccount::of(id)
    };
    // The key first: one that may not edit learns nothing of a record by what it sends.
    face.service.may_edit(&command, &request)?;
    let mut faults = draft.faults.clone();
    if !faults.is_empty() {
        let account = face.service.look_up(&call.principal, id).await?;
        let shown = serde_json::to_value(Record::of(&account, &[])).unwrap_or_default();
        body::forgive(&mut faults, call.members().unwrap_or_default(), &shown);
    }
    if !draft.claims.is_empty() {
        let account = face.service.look_up(&call.principal, id).await?;
        faults.extend(
            draft
                .claims
                .iter()
                .filter(|claim| !holds(claim, &account))
                .map(|claim| Fault::new(claim.path.clone(), Code::ReadOnly, "this field cannot be changed")),
        );
    }
    if !faults.is_empty() {
        let more = face.service.reference_faults(&Command::EditAccount(Box::new(command)), &request).await?;
        faults.extend(draft.paths.translate(more));
        return Err(Refusal { code: Code::Invalid, ..Refusal::faulty(faults) });
    }
    if !draft.names_something {
        // A stranger learns of no account by an empty edit.
        face.service.look_up(&call.principal, id).await?;
        return Err(Refusal::new(Code::Invalid, "The customer was not saved: the body names no field that this call knows"));
    }
    let edited = face.service.edit(command, draft.password.clone(), draft.call_in_pin.clone(), &request).await;
    edited.map_err(|refusal| draft.translate(refusal))
}

/// Whether a field that cannot be set says what is so already.
fn holds(claim: &Claim, account: &Account) -> bool {
    match claim.field {
        "id" => claim.text == account.id.to_string(),
        "hash" => claim.text == account.hash.as_str(),
        "kind" => claim.text == if account.kind == Kind::Customer { "customer" } else { "isp" },
        "parent_id" => account.parent_id.is_some_and(|id| claim.text == id.to_string()),
        _ => false,
    }
}

/// Says so when the account stays suspended because somebody else holds it.
fn message(account: &Account, draft: &Draft) -> String {
    if draft.goal != Some(tenantry_domain::account::Goal::Active) || account.status != Status::Suspended {
        return answer::SAVED.to_owned();
    }
    let owners: Vec<&str> = account.holds.iter().map(|hold| hold.owner.as_str()).collect();
    format!("{}; still suspended by {}", answer::SAVED, owners.join(", "))
}
