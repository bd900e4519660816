//! What the calls share that change a status towards a goal, and may say why.

use axum::response::Response;
use tenantry_domain::account::Goal;
use tenantry_domain::account::status::ChangeStatus;
use tenantry_domain::{AccountId, Refusal};

use crate::body::{Mode, Reader, members, status};
use crate::call::Call;
use crate::{Face, answer};

/// Takes a customer towards a goal.
pub(super) async fn towards(face: &Face, call: &Call, id: AccountId, goal: Goal) -> Result<Response, Refusal> {
    let body = status::reason(Reader::new(Mode::Create, face.service.now(), members(&call.body)?));
    if !body.faults.is_empty() {
        return Err(Refusal::faulty(body.faults));
    }
    let changed = face.service.change_status(ChangeStatus { id, goal, reason: body.reason }, &call.request).await?;
    Ok(answer::changed(call, &changed.account))
}
