//! Changes what the properties of a package name.

use tenantry_domain::package::edit::PackagePatch;
use tenantry_domain::package::{Package, PackageId};
use tenantry_domain::{Code, Fault, Refusal};
use tenantry_http::json::Tree;
use tenantry_service::{Request, package_of};

use super::refused;
use crate::properties::{Mode, PackageDraft, contradicted, package};
use crate::{Face, error};

/// Gives the package, and the properties that nothing read.
pub(crate) async fn update(
    face: &Face,
    request: &Request,
    id: PackageId,
    members: Vec<(String, Tree)>,
) -> Result<(Package, Vec<String>), Refusal> {
    // The key and the package first: what was sent is not looked at for those whom it does not concern.
    face.service.may_edit_package(request).map_err(refused)?;
    let before = face.service.package_to_change(id, request).await.map_err(refused)?;
    let draft = package(members, Mode::Update);
    if draft.names_nothing {
        return Err(error::names_nothing("package"));
    }
    let mut faults = draft.faults.clone();
    faults.extend(changed(&draft, &before));
    if !faults.is_empty() {
        return Err(refused(Refusal { code: Code::Invalid, ..Refusal::faulty(faults) }));
    }
    let patch = PackagePatch { name: draft.name, identifier: draft.identifier, quantity: draft.quantity, status: draft.status };
    let edited = face.service.edit_package(id, patch, request).await.and_then(package_of).map_err(refused)?;
    Ok((edited, draft.ignored))
}

/// Properties that cannot be set and say something else than what is so.
fn changed(draft: &PackageDraft, before: &Package) -> Vec<Fault> {
    let holds = |property: &str, text: &str| match property {
        "id" => text == before.id.to_string(),
        "provider_id" => text == before.provider_id().to_string(),
        _ => text == before.tenant_id.get().to_string(),
    };
    let channel = draft.channel.filter(|channel| *channel != before.channel);
    let channel = channel.map(|_| Fault::new("channel", Code::ReadOnly, "the channel of a package stays what it is"));
    contradicted(&draft.claims, holds).chain(channel).collect()
}
