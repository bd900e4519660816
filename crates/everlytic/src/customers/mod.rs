//! The calls on customers, one file each, the same for both ways in.

pub(crate) mod change_package;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod item;
pub(crate) mod list;
pub(crate) mod update;

use tenantry_domain::{Code, Refusal};
use tenantry_service::Request;

use crate::{Face, error};

/// Gives a refusal of a write the names of this dialect, and takes out what the caller may not see.
fn refused(face: &Face, refusal: Refusal, request: &Request) -> Refusal {
    if refusal.code == Code::NotFound && refusal.faults.is_empty() {
        return error::no_such_customer();
    }
    error::not_saved(error::translate(face.service.hide(refusal, &request.principal)), "customer")
}
