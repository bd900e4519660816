//! `POST /v1/customers/{id}/pin/check`: whether a call-in PIN is the customer's.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use tenantry_domain::{AccountId, Refusal};
use utoipa::ToSchema;

use crate::body::{Mode, Reader, members, pin};
use crate::call::Call;
use crate::{Face, answer};

/// What came of checking a PIN.
#[derive(Serialize, ToSchema)]
pub(crate) struct PinCheck {
    /// Whether it is the customer's.
    matches: bool,
}

pub(crate) async fn handler(face: &Face, call: &Call, id: AccountId) -> Result<Response, Refusal> {
    let pin = pin::pin(Reader::new(Mode::Create, face.service.now(), members(&call.body)?))?;
    let matches = face.service.check_pin(id, &pin, &call.request).await?;
    Ok(answer::json(StatusCode::OK, &PinCheck { matches }))
}
