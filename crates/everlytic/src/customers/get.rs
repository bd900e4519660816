//! Reads one customer.

use std::sync::Arc;

use tenantry_domain::{Account, AccountId, Code, Refusal};
use tenantry_service::Request;

use super::subject;
use crate::{Face, error};

pub(crate) async fn get(face: &Face, request: &Request, id: AccountId) -> Result<Arc<Account>, Refusal> {
    let account = match face.service.get(&request.principal, id).await {
        Ok(_) => subject(face, request, id).await,
        Err(refusal) => Err(refusal),
    };
    account.map_err(|refusal| match refusal.code {
        Code::NotFound => error::no_such_customer(),
        _ => refusal,
    })
}
