//! The calls on packages, one file each, the same for both ways in. The vendor's page of them is not public; their shape is ours.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod item;
pub(crate) mod list;
pub(crate) mod update;

use tenantry_domain::{Code, Refusal};

use crate::error;

/// Says of what the refusal is.
fn refused(refusal: Refusal) -> Refusal {
    if refusal.code == Code::NotFound && refusal.faults.is_empty() {
        return error::no_such_package();
    }
    error::not_saved(refusal, "package")
}
