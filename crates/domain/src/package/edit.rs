//! Editing a package: a merge, like every edit. Its channel and its provider stay.

use super::{Identifier, Package, PackageId, PackageStatus};
use crate::account::Account;
use crate::context::Context;
use crate::decision::Decision;
use crate::event::EventName;
use crate::id::AccountId;
use crate::patch::Patch;
use crate::quota::Quota;
use crate::refusal::{Code, Fault, Refusal};
use crate::value::Name;
use crate::working_set::WorkingSet;

/// What an edit says of a package, field by field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PackagePatch {
    /// What it is called.
    pub name: Option<Name>,
    /// The provider's word for it.
    pub identifier: Patch<Identifier>,
    /// How many units it includes.
    pub quantity: Option<Quota>,
    /// Whether it is sold.
    pub status: Option<PackageStatus>,
}

/// Asks for changes of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditPackage {
    /// The provider whose package it is.
    pub provider_id: AccountId,
    /// The package.
    pub id: PackageId,
    /// The changes.
    pub patch: PackagePatch,
}

impl EditPackage {
    /// Decides the command.
    pub(crate) fn decide(&self, set: &WorkingSet, context: &Context) -> Result<Decision, Refusal> {
        let (provider, before) = owned(self.provider_id, self.id, set, context)?;
        let mut after = before.clone();
        let PackagePatch { name, identifier, quantity, status } = self.patch.clone();
        after.name = name.unwrap_or(after.name);
        identifier.apply(&mut after.identifier);
        after.quantity = quantity.unwrap_or(after.quantity);
        after.status = status.unwrap_or(after.status);
        if let Some(fault) = taken(&after, set) {
            return Err(fault.into());
        }
        Ok(Decision::package(provider, Some(&before), after, EventName::PackageEdited, context))
    }
}

/// The package and its provider, for one who may change it.
///
/// # Errors
/// There is no such package, or it is not the actor's to change.
pub(super) fn owned(provider_id: AccountId, id: PackageId, set: &WorkingSet, context: &Context) -> Result<(Account, Package), Refusal> {
    let missing = || Refusal::new(Code::NotFound, "There is no such package");
    let provider = set.reach(&context.actor, provider_id).map_err(|_| missing())?;
    let package = set.package(id).filter(|package| package.provider_id() == provider_id && package.status != PackageStatus::Deleted);
    match package {
        Some(package) if package.is_below(&context.actor) => Ok((Account::clone(&provider), package.clone())),
        _ => Err(missing()),
    }
}

/// Whether another of the provider's packages has its identifier.
pub(super) fn taken(package: &Package, set: &WorkingSet) -> Option<Fault> {
    let identifier = package.identifier.as_ref()?;
    let same = |other: &&Package| {
        other.id != package.id && other.status != PackageStatus::Deleted && other.identifier.as_ref() == Some(identifier)
    };
    set.packages_of(package.provider_id())
        .find(same)
        .map(|_| Fault::new("identifier", Code::Taken, "another package of this provider has this identifier"))
}
