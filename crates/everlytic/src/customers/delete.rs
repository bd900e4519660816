//! Deletes a customer; it can be taken back for some time.

use std::sync::Arc;

use tenantry_domain::{Account, AccountId, Refusal};
use tenantry_service::Request;

use super::{refused, subject};
use crate::Face;

pub(crate) async fn delete(face: &Face, request: &Request, id: AccountId) -> Result<Arc<Account>, Refusal> {
    let deleted = match subject(face, request, id).await {
        Ok(_) => face.service.delete(id, request).await,
        Err(refusal) => Err(refusal),
    };
    match deleted {
        Ok(outcome) => Ok(outcome.account),
        Err(refusal) => Err(refused(face, refusal, request).await),
    }
}
