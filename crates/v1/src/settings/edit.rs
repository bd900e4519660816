//! `PATCH /v1/settings`: changes what the body names (RFC 7396), for all of the caller's tenant.

use axum::response::{IntoResponse, Response};
use tenantry_domain::Refusal;
use tenantry_domain::account::edit::EditAccount;
use tenantry_service::Request;

use crate::body::{Mode, Reader, members, settings};
use crate::call::Call;
use crate::{Face, etag};

pub(crate) async fn handler(face: &Face, call: &Call) -> Result<Response, Refusal> {
    let id = call.request.principal.actor().tenant_id.provider_id();
    let body = settings::settings(Reader::new(Mode::Change, face.service.now(), members(&call.body)?));
    let edit = EditAccount { settings: body.settings, ..EditAccount::of(id) };
    // The key first: one that may not edit learns nothing by what it sends.
    face.service.may_edit(&edit, &call.request)?;
    if !body.faults.is_empty() {
        return Err(Refusal::faulty(body.faults));
    }
    let request = Request { only_versions: etag::versions(&call.headers, &id.to_string()), ..call.request.clone() };
    let edited = face.service.edit_settings(edit, &request).await?;
    Ok(super::written(&edited.account).into_response())
}
