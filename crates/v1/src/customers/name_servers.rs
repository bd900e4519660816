//! `PUT` and `POST /v1/customers/{id}/name_servers`, `DELETE /v1/customers/{id}/name_servers/{host}`: replaces the list, adds some, removes one.

use axum::response::Response;
use tenantry_domain::account::edit::EditAccount;
use tenantry_domain::account::name_servers::NameServerChange;
use tenantry_domain::value::HostName;
use tenantry_domain::{AccountId, Invalid, Patch, Refusal};
use tenantry_http::query::decode;

use crate::Face;
use crate::answer::Form;
use crate::body::{Mode, Reader, members, name_servers};
use crate::call::Call;

/// Replaces the list, or goes back to the provider's.
pub(crate) async fn replace(face: &Face, call: &Call, id: AccountId) -> Result<Response, Refusal> {
    let change = name_servers::name_servers(Reader::new(Mode::Create, face.service.now(), members(&call.body)?))?;
    changed(face, call, id, change).await
}

/// Adds some.
pub(crate) async fn add(face: &Face, call: &Call, id: AccountId) -> Result<Response, Refusal> {
    let change = name_servers::added(Reader::new(Mode::Create, face.service.now(), members(&call.body)?))?;
    changed(face, call, id, change).await
}

/// Removes one, whose name stands in the path.
pub(crate) async fn remove(face: &Face, call: &Call, id: AccountId, host: &str) -> Result<Response, Refusal> {
    let host = decode(host).ok_or_else(|| Invalid::new("this is not percent-encoded UTF-8")).and_then(|host| HostName::parse(&host));
    let remove = vec![host.map_err(name_servers::no_host)?];
    changed(face, call, id, NameServerChange { remove, ..NameServerChange::default() }).await
}

async fn changed(face: &Face, call: &Call, id: AccountId, name_servers: NameServerChange) -> Result<Response, Refusal> {
    let edit = EditAccount { name_servers, ..EditAccount::of(id) };
    let form = Form::changed(call);
    let edited = face.service.edit(edit, None, Patch::Keep, &form.kept(call)).await.map_err(name_servers::unprefixed)?;
    form.answer(&edited)
}
