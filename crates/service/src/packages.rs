//! Packages: who may see and change which, and the way of their commands.

use std::sync::Arc;

use tenantry_domain::account::Kind;
use tenantry_domain::key::Scope;
use tenantry_domain::package::add::AddPackage;
use tenantry_domain::package::delete::DeletePackage;
use tenantry_domain::package::edit::{EditPackage, PackagePatch};
use tenantry_domain::package::{Package, PackageId};
use tenantry_domain::{Code, Command, Outcome, Refusal};

use crate::credentials::unavailable;
use crate::queries::reach;
use crate::{Principal, Request, Service};

impl Service {
    /// One package that the caller may see.
    ///
    /// # Errors
    /// The key has not the scope; there is no such package, or the caller may not see it; the store cannot be read.
    pub async fn package(&self, principal: &Principal, id: PackageId) -> Result<Package, Refusal> {
        principal.require(Scope::Read)?;
        let package = self.package_in_reach(principal, id).await?;
        let account = self.look_up(principal, principal.actor().account_id).await?;
        if package.is_seen_by(&account) { Ok(package) } else { Err(no_such_package()) }
    }

    /// Every package that the caller may see, by rising id: its own, those of providers above and below it; of a customer, those that it has.
    ///
    /// # Errors
    /// The key has not the scope, or the store cannot be read.
    pub async fn packages(&self, principal: &Principal) -> Result<Vec<Package>, Refusal> {
        principal.require(Scope::Read)?;
        let account = self.look_up(principal, principal.actor().account_id).await?;
        let reach = reach(principal);
        let _turn = self.lists.take(principal.actor().tenant_id).await;
        let mut packages = self.store.packages(reach).await.map_err(|fault| unavailable(&fault))?;
        packages.retain(|package| package.is_seen_by(&account));
        Ok(packages)
    }

    /// Adds a package.
    ///
    /// # Errors
    /// The key has not the scope, the domain's refusal, or the store's.
    pub async fn add_package(self: &Arc<Self>, add: AddPackage, request: &Request) -> Result<Outcome, Refusal> {
        request.principal.require(Scope::Add)?;
        self.carry_out(Command::AddPackage(Box::new(add)), None, request).await
    }

    /// Edits a package. Whose it is, is found out here: that never changes.
    ///
    /// # Errors
    /// The key has not the scope, the domain's refusal, or the store's.
    pub async fn edit_package(self: &Arc<Self>, id: PackageId, patch: PackagePatch, request: &Request) -> Result<Outcome, Refusal> {
        request.principal.require(Scope::Edit)?;
        let edit = EditPackage { provider_id: self.package_to_change(id, request).await?.provider_id(), id, patch };
        self.carry_out(Command::EditPackage(Box::new(edit)), None, request).await
    }

    /// Deletes a package that no live account has.
    ///
    /// # Errors
    /// The key has not the scope, the domain's refusal, or the store's.
    pub async fn delete_package(self: &Arc<Self>, id: PackageId, request: &Request) -> Result<Outcome, Refusal> {
        request.principal.require(Scope::Status)?;
        let provider_id = self.package_to_change(id, request).await?.provider_id();
        self.carry_out(Command::DeletePackage(DeletePackage { provider_id, id }), None, request).await
    }

    /// A package that a caller wants to change, to be compared with what was sent. One that it sees and may not change is forbidden; any other is not there.
    ///
    /// # Errors
    /// The caller may not change it, there is none that it sees, or the store cannot be read.
    pub async fn package_to_change(&self, id: PackageId, request: &Request) -> Result<Package, Refusal> {
        let principal = &request.principal;
        let package = self.package_in_reach(principal, id).await?;
        if package.is_below(&principal.actor()) {
            return Ok(package);
        }
        let account = self.look_up(principal, principal.actor().account_id).await?;
        if !package.is_seen_by(&account) {
            return Err(no_such_package());
        }
        let customers = "A customer cannot change packages";
        let who = if principal.actor().kind == Kind::Customer { customers } else { "This package is another provider's" };
        Err(Refusal::new(Code::Forbidden, who))
    }

    /// Whether the key may be used to add packages.
    ///
    /// # Errors
    /// The key has not the scope.
    pub fn may_add_package(&self, request: &Request) -> Result<(), Refusal> {
        request.principal.require(Scope::Add)
    }

    /// Whether the key may be used to edit packages.
    ///
    /// # Errors
    /// It has not the scope.
    pub fn may_edit_package(&self, request: &Request) -> Result<(), Refusal> {
        request.principal.require(Scope::Edit)
    }

    async fn package_in_reach(&self, principal: &Principal, id: PackageId) -> Result<Package, Refusal> {
        self.store.package(reach(principal), id).await.map_err(|fault| unavailable(&fault))?.ok_or_else(no_such_package)
    }
}

/// The package that an outcome is about.
///
/// # Errors
/// It is about none.
pub fn package_of(outcome: Outcome) -> Result<Package, Refusal> {
    outcome.package.ok_or_else(|| Refusal::new(Code::Internal, "The package could not be told"))
}

fn no_such_package() -> Refusal {
    Refusal::new(Code::NotFound, "There is no such package")
}
