//! Creates a package of the caller's.

use tenantry_domain::package::add::AddPackage;
use tenantry_domain::package::{Package, PackageStatus};
use tenantry_domain::quota::Quota;
use tenantry_domain::{Code, Refusal};
use tenantry_http::json::Tree;
use tenantry_service::{Request, package_of};

use super::refused;
use crate::Face;
use crate::properties::{Mode, contradicted, package};

/// Gives the package, and the properties that nothing read.
pub(crate) async fn create(face: &Face, request: &Request, members: Vec<(String, Tree)>) -> Result<(Package, Vec<String>), Refusal> {
    face.service.may_add_package(request)?;
    let draft = package(members, Mode::Create);
    let actor = request.principal.actor();
    let mut faults = draft.faults;
    let holds = |property: &str, text: &str| match property {
        "id" => text == "0",
        "provider_id" => text == actor.account_id.to_string(),
        _ => text == actor.tenant_id.get().to_string(),
    };
    faults.extend(contradicted(&draft.claims, holds));
    let (true, Some(channel), Some(name)) = (faults.is_empty(), draft.channel, draft.name) else {
        return Err(refused(Refusal { code: Code::Invalid, ..Refusal::faulty(faults) }));
    };
    let add = AddPackage {
        provider_id: actor.account_id,
        channel,
        name,
        identifier: draft.identifier.value().cloned(),
        quantity: draft.quantity.unwrap_or(Quota::ZERO),
        status: draft.status.unwrap_or(PackageStatus::Active),
    };
    let added = face.service.add_package(add, request).await.and_then(package_of).map_err(refused)?;
    Ok((added, draft.ignored))
}
