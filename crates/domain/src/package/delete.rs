//! Deleting a package that no live account has.

use super::edit::owned;
use super::{Package, PackageId, PackageStatus};
use crate::context::Context;
use crate::decision::Decision;
use crate::event::EventName;
use crate::id::AccountId;
use crate::refusal::{Code, Fault, Refusal};
use crate::working_set::WorkingSet;

/// Asks that a package be gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeletePackage {
    /// The provider whose package it is.
    pub provider_id: AccountId,
    /// The package.
    pub id: PackageId,
}

impl DeletePackage {
    /// Decides the command.
    pub(crate) fn decide(self, set: &WorkingSet, context: &Context) -> Result<Decision, Refusal> {
        let (provider, before) = owned(self.provider_id, self.id, set, context)?;
        let holders = set.package_holders(self.id);
        if holders > 0 {
            let message = format!("live accounts that have this package: {holders}; give them another first, or set its status off");
            return Err(Fault::new("id", Code::NotEmpty, message).into());
        }
        let after = Package { status: PackageStatus::Deleted, ..before.clone() };
        Ok(Decision::package(provider, Some(&before), after, EventName::PackageDeleted, context))
    }
}
