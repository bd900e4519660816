//! `POST /v1/customers/{id}/suspend`: places a hold.

use axum::response::Response;
use tenantry_domain::account::hold::PlaceHold;
use tenantry_domain::{AccountId, Refusal};

use crate::Face;
use crate::answer::Form;
use crate::body::{Mode, Reader, members, status};
use crate::call::Call;

pub(crate) async fn handler(face: &Face, call: &Call, id: AccountId) -> Result<Response, Refusal> {
    let body = status::hold(Reader::new(Mode::Create, face.service.now(), members(&call.body)?));
    if !body.faults.is_empty() {
        return Err(Refusal::faulty(body.faults));
    }
    let place = PlaceHold { id, owner: body.owner, reason: body.reason, until: body.until };
    let form = Form::changed(call);
    let placed = face.service.place_hold(place, &form.kept(call)).await?;
    form.answer(&placed)
}
