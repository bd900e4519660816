//! Adding a package.

use super::{Identifier, Package, PackageStatus};
use crate::account::{Account, Kind};
use crate::context::Context;
use crate::decision::Decision;
use crate::event::EventName;
use crate::id::AccountId;
use crate::limits::PACKAGES_MAX;
use crate::quota::{Channel, Quota};
use crate::refusal::{Code, Fault, Refusal};
use crate::value::Name;
use crate::working_set::WorkingSet;

/// Asks for a new package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddPackage {
    /// The provider whose package it shall be.
    pub provider_id: AccountId,
    /// What it is of.
    pub channel: Channel,
    /// What it is called.
    pub name: Name,
    /// The provider's word for it.
    pub identifier: Option<Identifier>,
    /// How many units it includes.
    pub quantity: Quota,
    /// Whether it is sold at once.
    pub status: PackageStatus,
}

impl AddPackage {
    /// Decides the command.
    pub(crate) fn decide(&self, set: &WorkingSet, context: &Context) -> Result<Decision, Refusal> {
        let provider = set.reach(&context.actor, self.provider_id)?;
        if provider.kind != Kind::Provider || context.actor.kind == Kind::Customer {
            return Err(Fault::new("provider_id", Code::Forbidden, "only a provider has packages").into());
        }
        let id = set.next_package_id().ok_or_else(|| Refusal::new(Code::Internal, "no package ids are left"))?;
        let package = Package {
            id,
            tenant_id: provider.tenant_id,
            path: provider.path(),
            channel: self.channel,
            name: self.name.clone(),
            identifier: self.identifier.clone(),
            quantity: self.quantity,
            status: self.status,
            created_at: context.at,
            updated_at: context.at,
        };
        let mut faults: Vec<Fault> = super::edit::taken(&package, set).into_iter().collect();
        if set.packages_of(provider.id).filter(|package| package.status != PackageStatus::Deleted).count() >= PACKAGES_MAX {
            faults.push(Fault::new(
                "provider_id",
                Code::Invalid,
                format!("a provider has at most {PACKAGES_MAX} packages; delete one first"),
            ));
        }
        if !faults.is_empty() {
            return Err(Refusal::faulty(faults));
        }
        Ok(Decision::package(Account::clone(&provider), None, package, EventName::PackageAdded, context))
    }
}
