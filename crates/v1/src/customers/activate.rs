//! `POST /v1/customers/{id}/activate`: activates a pending customer.

use axum::response::Response;
use tenantry_domain::account::Goal;
use tenantry_domain::{AccountId, Refusal};

use super::status::towards;
use crate::Face;
use crate::call::Call;

pub(crate) async fn handler(face: &Face, call: &Call, id: AccountId) -> Result<Response, Refusal> {
    towards(face, call, id, Goal::Activated).await
}
