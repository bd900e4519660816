//! `POST /v1/customers/{id}/resume`: releases the hold of one owner.

use axum::response::Response;
use tenantry_domain::account::hold::ReleaseHold;
use tenantry_domain::{AccountId, Refusal};

use crate::Face;
use crate::answer::Form;
use crate::body::{Mode, Reader, members, status};
use crate::call::Call;

pub(crate) async fn handler(face: &Face, call: &Call, id: AccountId) -> Result<Response, Refusal> {
    let body = status::release(Reader::new(Mode::Create, face.service.now(), members(&call.body)?));
    if !body.faults.is_empty() {
        return Err(Refusal::faulty(body.faults));
    }
    let form = Form::changed(call);
    let released = face.service.release_hold(ReleaseHold { id, owner: body.owner, reason: body.reason }, &form.kept(call)).await?;
    form.answer(&released)
}
