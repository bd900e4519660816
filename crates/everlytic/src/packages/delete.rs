//! Deletes a package that no live customer has.

use tenantry_domain::Refusal;
use tenantry_domain::package::{Package, PackageId};
use tenantry_service::{Request, package_of};

use super::refused;
use crate::Face;

pub(crate) async fn delete(face: &Face, request: &Request, id: PackageId) -> Result<Package, Refusal> {
    face.service.delete_package(id, request).await.and_then(package_of).map_err(refused)
}
