//! `POST /v1/customers/{id}/activate`, `close`, `reopen` and `restore`: each leads to a status, and may say why.

use axum::response::Response;
use tenantry_domain::account::Goal;
use tenantry_domain::account::status::ChangeStatus;
use tenantry_domain::{AccountId, Refusal};

use crate::Face;
use crate::answer::Form;
use crate::body::{Mode, Reader, members, status};
use crate::call::Call;

/// Takes a customer towards a goal.
pub(crate) async fn handler(face: &Face, call: &Call, id: AccountId, goal: Goal) -> Result<Response, Refusal> {
    let body = status::reason(Reader::new(Mode::Create, face.service.now(), members(&call.body)?));
    if !body.faults.is_empty() {
        return Err(Refusal::faulty(body.faults));
    }
    let form = Form::changed(call);
    let changed = face.service.change_status(ChangeStatus { id, goal, reason: body.reason }, &form.kept(call)).await?;
    form.answer(&changed)
}
