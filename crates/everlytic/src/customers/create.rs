//! Creates a customer below the caller.

use std::sync::Arc;

use tenantry_domain::account::Kind;
use tenantry_domain::account::add::AddAccount;
use tenantry_domain::{Account, Code, Command, Refusal};
use tenantry_http::json::Tree;
use tenantry_service::Request;

use super::refused;
use crate::Face;
use crate::properties::{CustomerDraft, Mode, contradicted, customer};

/// Gives the customer, and the properties that nothing read.
pub(crate) async fn create(face: &Face, request: &Request, members: Vec<(String, Tree)>) -> Result<(Arc<Account>, Vec<String>), Refusal> {
    let draft = customer(members, Mode::Create);
    match add(face, request, &draft).await {
        Ok(account) => Ok((account, draft.ignored)),
        Err(refusal) => Err(refused(face, refusal, request).await),
    }
}

async fn add(face: &Face, request: &Request, draft: &CustomerDraft) -> Result<Arc<Account>, Refusal> {
    let actor = request.principal.actor();
    let command = AddAccount {
        external_id: draft.external_id.value().cloned(),
        email: draft.email.clone(),
        profile: draft.profile.clone(),
        allotments: draft.allotments.clone(),
        goal: draft.goal.filter(|goal| *goal != tenantry_domain::account::Goal::NotDeleted),
        ..AddAccount::below(actor.account_id, Kind::Customer)
    };
    // The key first: one that may not add learns nothing of other records by what it sends.
    face.service.may_add(&command, request)?;
    let mut faults = draft.faults.clone();
    faults.extend(contradicted(&draft.claims, |property, text| holds(property, text, request, draft)));
    if !faults.is_empty() {
        // What is wrong with the caller is no property's fault while properties are wrong.
        let more = face.service.reference_faults(&Command::AddAccount(Box::new(command)), request).await?;
        faults.extend(more.into_iter().filter(|fault| fault.field != "parent_id"));
        return Err(Refusal { code: Code::Invalid, ..Refusal::faulty(faults) });
    }
    face.service.add(command, None, None, request).await.map(|outcome| outcome.account)
}

/// Whether a property that cannot be set says what a new customer has anyway.
fn holds(property: &str, text: &str, request: &Request, draft: &CustomerDraft) -> bool {
    match property {
        "id" => text == "0",
        "enterprise_id" => text == request.principal.actor().tenant_id.get().to_string(),
        "is_department" => text.eq_ignore_ascii_case("no"),
        "country_code" => draft.profile.country_code.value().is_some_and(|country| country.alpha2().eq_ignore_ascii_case(text)),
        _ => false,
    }
}
