//! `GET /v1/settings`: what the caller's tenant has decided.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tenantry_domain::Refusal;

use crate::call::Call;
use crate::{Face, answer, etag};

pub(crate) async fn handler(face: &Face, call: &Call) -> Result<Response, Refusal> {
    let provider = face.service.tenant(&call.request.principal).await?;
    if etag::is_known(&call.headers, &provider) {
        return Ok(answer::tagged(StatusCode::NOT_MODIFIED.into_response(), &provider));
    }
    Ok(super::written(&provider).into_response())
}
