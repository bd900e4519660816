//! Changes what the properties name, status, packages and balances included, in one step.

use std::sync::Arc;

use tenantry_domain::account::edit::EditAccount;
use tenantry_domain::account::{Goal, Status};
use tenantry_domain::value::Country;
use tenantry_domain::{Account, AccountId, Code, Command, Patch, Refusal};
use tenantry_http::json::Tree;
use tenantry_service::Request;

use super::{refused, subject};
use crate::properties::{CustomerDraft, Mode, contradicted, customer};
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
        Err(refusal) => Err(refused(face, refusal, request).await),
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
    let account = subject(face, request, id).await?;
    let mut faults = draft.faults.clone();
    faults.extend(contradicted(&draft.claims, |property, text| holds(property, text, &account, draft)));
    if !faults.is_empty() {
        faults.extend(face.service.reference_faults(&Command::EditAccount(Box::new(command)), request).await?);
        return Err(Refusal { code: Code::Invalid, ..Refusal::faulty(faults) });
    }
    if draft.names_nothing {
        return Err(error::names_nothing("customer"));
    }
    face.service.edit(command, None, Patch::Keep, request).await.map(|outcome| outcome.account)
}

/// Whether a property that cannot be set says what is so already.
fn holds(property: &str, text: &str, account: &Account, draft: &CustomerDraft) -> bool {
    match property {
        "id" => text == account.id.to_string(),
        "enterprise_id" => text == account.tenant_id.get().to_string(),
        "hash" => text == account.hash.as_str(),
        "is_department" => text.eq_ignore_ascii_case("no"),
        "country_code" => {
            // It follows the country, which may be changed beside it.
            let is = |country: Option<&Country>| text.eq_ignore_ascii_case(&country.map(Country::alpha2).unwrap_or_default());
            is(account.profile.address.country_code.as_ref()) || draft.profile.country_code.value().is_some_and(|country| is(Some(country)))
        }
        _ => false,
    }
}
