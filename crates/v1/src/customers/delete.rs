//! `DELETE /v1/customers/{id}`: deletes a customer; it can be restored for some time.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tenantry_domain::{AccountId, Refusal};

use crate::Face;
use crate::call::Call;

pub(crate) async fn handler(face: &Face, call: &Call, id: AccountId) -> Result<Response, Refusal> {
    face.service.delete(id, &call.request).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
