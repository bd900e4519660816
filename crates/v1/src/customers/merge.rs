//! `POST /v1/customers/{id}/merge` and `unmerge`: makes two records of one customer one, and undoes it.

use axum::response::Response;
use tenantry_domain::account::merge::{MergeAccounts, UnmergeAccounts};
use tenantry_domain::{AccountId, Refusal};

use crate::Face;
use crate::answer::Form;
use crate::body::merge::{MergeBody, merge};
use crate::body::{Mode, Reader, members};
use crate::call::Call;

/// Merges another customer into this one.
pub(crate) async fn handler(face: &Face, call: &Call, id: AccountId) -> Result<Response, Refusal> {
    let MergeBody { merged_id, reason } = merge(Reader::new(Mode::Create, face.service.now(), members(&call.body)?))?;
    let form = Form::changed(call);
    let merged = face.service.merge(MergeAccounts { id, merged_id, reason }, &form.kept(call)).await?;
    form.answer(&merged)
}

/// Undoes it.
pub(crate) async fn undo(face: &Face, call: &Call, id: AccountId) -> Result<Response, Refusal> {
    let MergeBody { merged_id, reason } = merge(Reader::new(Mode::Create, face.service.now(), members(&call.body)?))?;
    let form = Form::changed(call);
    let unmerged = face.service.unmerge(UnmergeAccounts { id, merged_id, reason }, &form.kept(call)).await?;
    form.answer(&unmerged)
}
