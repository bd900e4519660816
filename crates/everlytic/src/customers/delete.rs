//! Deletes a customer; it can be taken back for some time.

use std::sync::Arc;

use tenantry_domain::{Account, AccountId, Refusal};
use tenantry_service::Request;

use super::refused;
use crate::Face;

pub(crate) async fn delete(face: &Face, request: &Request, id: AccountId) -> Result<Arc<Account>, Refusal> {
    let deleted = face.service.delete(id, request).await;
    deleted.map(|outcome| outcome.account).map_err(|refusal| refused(face, refusal, request))
}
