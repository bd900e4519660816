//! `POST /v1/customers/{id}/erase`: takes everything personal out of a customer, now and for good.

use axum::response::Response;
use tenantry_domain::account::erase::EraseAccount;
use tenantry_domain::{AccountId, Refusal};

use crate::Face;
use crate::answer::Form;
use crate::body::{Mode, Reader, members, status};
use crate::call::Call;

pub(crate) async fn handler(face: &Face, call: &Call, id: AccountId) -> Result<Response, Refusal> {
    let body = status::erasure(Reader::new(Mode::Create, face.service.now(), members(&call.body)?));
    if !body.faults.is_empty() {
        return Err(Refusal::faulty(body.faults));
    }
    let form = Form::changed(call);
    let erased = face.service.erase(EraseAccount { id, itself: false, reason: body.reason }, &form.kept(call)).await?;
    form.answer(&erased)
}
