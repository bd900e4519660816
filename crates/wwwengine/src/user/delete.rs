//! `DELETE /user/{id}`: deletes an account; it can be reopened for some time.

use axum::response::Response;
use tenantry_domain::{AccountId, Code};

use crate::call::Call;
use crate::{Face, answer, error};

pub(crate) async fn handler(face: &Face, call: &Call, id: AccountId) -> Response {
    match face.service.delete(id, &call.request(None)).await {
        Ok(_) => answer::success(answer::SAVED, true),
        Err(refusal) if refusal.code == Code::NotFound => error::answer(&error::no_such_account()),
        Err(refusal) => error::answer(&error::not_saved(refusal)),
    }
}
