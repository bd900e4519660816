//! `POST /v1/customers/{id}/resume`: releases the hold of one owner.

use axum::response::Response;
use tenantry_domain::account::hold::ReleaseHold;
use tenantry_domain::{AccountId, Refusal};

use crate::body::{Mode, Reader, members, status};
use crate::call::Call;
use crate::{Face, answer};

pub(crate) async fn handler(face: &Face, call: &Call, id: AccountId) -> Result<Response, Refusal> {
    let body = status::release(Reader::new(Mode::Create, face.service.now(), members(&call.body)?));
    if !body.faults.is_empty() {
        return Err(Refusal::faulty(body.faults));
    }
    let released = face.service.release_hold(ReleaseHold { id, owner: body.owner, reason: body.reason }, &call.request).await?;
    Ok(answer::changed(call, &released.account))
}
