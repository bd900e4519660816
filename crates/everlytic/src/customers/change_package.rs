//! Gives a customer another package of one channel, or none.

use std::sync::Arc;

use tenantry_domain::account::edit::EditAccount;
use tenantry_domain::package::PackageRef;
use tenantry_domain::quota::Channel;
use tenantry_domain::{Account, AccountId, Code, Patch, Refusal};
use tenantry_service::Request;

use super::{refused, subject};
use crate::Face;

/// `None` takes the package away.
pub(crate) async fn change_package(
    face: &Face,
    request: &Request,
    id: AccountId,
    channel: Channel,
    package: Option<PackageRef>,
) -> Result<Arc<Account>, Refusal> {
    let mut edit = EditAccount::of(id);
    edit.allotments.of_mut(channel).package = package.map_or(Patch::Clear, Patch::Set);
    let edited = match subject(face, request, id).await {
        Ok(_) => face.service.edit(edit, None, Patch::Keep, request).await,
        Err(refusal) => Err(refusal),
    };
    let refusal = match edited {
        Ok(outcome) => return Ok(outcome.account),
        Err(refusal) => refusal,
    };
    let mut refusal = refused(face, refusal, request).await;
    // Here the package is half of what the call names, as the customer is: one that cannot be had is not found.
    if refusal.code == Code::Invalid && refusal.faults.iter().all(|fault| fault.field == channel.package_field()) {
        refusal.code = Code::NotFound;
    }
    Err(refusal)
}
