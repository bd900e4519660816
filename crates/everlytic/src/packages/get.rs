//! Reads one package.

use tenantry_domain::package::{Package, PackageId};
use tenantry_domain::{Code, Refusal};
use tenantry_service::Request;

use crate::{Face, error};

pub(crate) async fn get(face: &Face, request: &Request, id: PackageId) -> Result<Package, Refusal> {
    face.service.package(&request.principal, id).await.map_err(|refusal| match refusal.code {
        Code::NotFound => error::no_such_package(),
        _ => refusal,
    })
}
