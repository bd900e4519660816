//! The calls on customers, one file each, the same for both ways in.

pub(crate) mod change_package;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod item;
pub(crate) mod list;
pub(crate) mod update;

use std::sync::Arc;

use tenantry_domain::account::Kind;
use tenantry_domain::{Account, AccountId, Code, Refusal};
use tenantry_service::Request;

use crate::{Face, error};

/// The account that a call is about: a customer, or the caller itself. Providers below are no customers; their systems have other calls. What kind an account
/// is never changes, so that it can be asked before a command is decided.
async fn subject(face: &Face, request: &Request, id: AccountId) -> Result<Arc<Account>, Refusal> {
    let account = face.service.look_up(&request.principal, id).await?;
    let is_one = account.kind == Kind::Customer || account.id == request.principal.actor().account_id;
    if is_one { Ok(account) } else { Err(Refusal::not_found()) }
}

/// Gives a refusal of a write the names of this dialect, and takes out what the caller may not see.
async fn refused(face: &Face, refusal: Refusal, request: &Request) -> Refusal {
    if refusal.code == Code::NotFound && refusal.faults.is_empty() {
        return error::no_such_customer();
    }
    let mut refusal = face.service.hide(refusal, &request.principal).await;
    for fault in &mut refusal.faults {
        // A provider below is told as little of here as of another tenant's account.
        if let Some(id) = fault.existing_id
            && subject(face, request, id).await.is_err()
        {
            fault.existing_id = None;
        }
    }
    error::not_saved(error::translate(refusal), "customer")
}
