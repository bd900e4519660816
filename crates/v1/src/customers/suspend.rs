//! `POST /v1/customers/{id}/suspend`: places a hold.

use axum::response::Response;
use tenantry_domain::account::hold::PlaceHold;
use tenantry_domain::{AccountId, Refusal};

use crate::body::{Mode, Reader, members, status};
use crate::call::Call;
use crate::{Face, answer};

pub(crate) async fn handler(face: &Face, call: &Call, id: AccountId) -> Result<Response, Refusal> {
    let body = status::hold(Reader::new(Mode::Create, face.service.now(), members(&call.body)?));
    if !body.faults.is_empty() {
        return Err(Refusal::faulty(body.faults));
    }
    let place = PlaceHold { id, owner: body.owner, reason: body.reason, until: body.until };
    let placed = face.service.place_hold(place, &call.request).await?;
    Ok(answer::changed(call, &placed.account))
}
