//! `GET /v1/customers/{id}`: reads a customer.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tenantry_domain::{AccountId, Refusal};

use crate::call::Call;
use crate::{Face, answer, etag};

pub(crate) async fn handler(face: &Face, call: &Call, id: AccountId) -> Result<Response, Refusal> {
    let account = face.service.get(&call.request.principal, id).await?;
    if etag::is_known(&call.headers, &account) {
        return Ok(answer::tagged(StatusCode::NOT_MODIFIED.into_response(), &account));
    }
    Ok(answer::customer(StatusCode::OK, &account))
}
