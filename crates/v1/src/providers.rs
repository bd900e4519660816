//! `/v1/providers`: those below the caller. They are accounts like customers, and the calls about one are those of customers; here stands what differs.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use tenantry_domain::account::Kind;
use tenantry_domain::{AccountId, Refusal};
use tenantry_service::ListRequest;
use utoipa::ToSchema;

use crate::call::Call;
use crate::customers::{Customer, page};
use crate::{Face, answer};

/// A page of providers.
#[derive(Serialize, ToSchema)]
pub(crate) struct Providers<'a> {
    /// The providers, by rising id.
    providers: Vec<Customer<'a>>,
    /// Where the next page begins: send it as `cursor`, with the same other parameters. Null on the last page.
    next_cursor: Option<String>,
}

/// `GET /v1/providers`: a page of them.
pub(crate) async fn list(face: &Face, call: &Call) -> Result<Response, Refusal> {
    let only = ListRequest { providers_only: true, ..ListRequest::default() };
    let (accounts, next_cursor) = page(face, call, only).await?;
    let providers = accounts.iter().map(|account| Customer::of(account)).collect();
    Ok(answer::json(StatusCode::OK, &Providers { providers, next_cursor }))
}

/// Passes where an account is a provider: what it is never changes.
///
/// # Errors
/// There is no such provider, or it is not the caller's.
pub(crate) async fn is_one(face: &Face, call: &Call, id: AccountId) -> Result<(), Refusal> {
    let account = face.service.look_up(&call.request.principal, id).await?;
    if account.kind == Kind::Provider { Ok(()) } else { Err(Refusal::not_found()) }
}
