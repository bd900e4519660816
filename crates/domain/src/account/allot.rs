//! Packages and balances of an account that is added or edited.

use super::Account;
use crate::package::{PackageRef, resolve};
use crate::patch::Patch;
use crate::quota::movement::SET_FROM_ABOVE;
use crate::quota::{AllotmentsPatch, Channel};
use crate::refusal::{Code, Fault};
use crate::value::ExternalId;
use crate::working_set::WorkingSet;

/// Applies what a command says of packages and balances.
///
/// # Errors
/// Every package that the account cannot have.
pub(super) fn allot(patch: &AllotmentsPatch, account: &mut Account, set: &WorkingSet) -> Result<(), Vec<Fault>> {
    let mut faults = Vec::new();
    for channel in Channel::ALL {
        let named = patch.of(channel);
        let package_id = match &named.package {
            Patch::Keep => account.allotments.of(channel).package_id,
            Patch::Clear => None,
            Patch::Set(reference) => match resolve(reference, channel, account, set) {
                Ok(id) => Some(id),
                Err(invalid) => {
                    faults.push(invalid.at(channel.package_field()));
                    None
                }
            },
        };
        let allotment = account.allotments.of_mut(channel);
        allotment.package_id = package_id;
        allotment.quota = named.quota.unwrap_or(allotment.quota);
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// What an account that edits itself may not change: what its provider sells it, and the provider's own id of it. It is told so without a look at the
/// packages that it names: which there are is not its affair.
pub(super) fn forbidden(before: &Account, patch: &AllotmentsPatch, external_id: &Patch<ExternalId>) -> Vec<Fault> {
    let fault = |field| Fault::new(field, Code::Forbidden, SET_FROM_ABOVE);
    let mut faults = Vec::new();
    for channel in Channel::ALL {
        let (now, named) = (before.allotments.of(channel), patch.of(channel));
        let same_package = match &named.package {
            Patch::Keep => true,
            Patch::Clear => now.package_id.is_none(),
            Patch::Set(reference) => now.package_id.is_some_and(|id| *reference == PackageRef::Id(id)),
        };
        faults.extend((!same_package).then(|| fault(channel.package_field())));
        faults.extend(named.quota.is_some_and(|quota| quota != now.quota).then(|| fault(channel.quota_field())));
    }
    let same_id = match external_id {
        Patch::Keep => true,
        Patch::Clear => before.external_id.is_none(),
        Patch::Set(id) => before.external_id.as_ref() == Some(id),
    };
    faults.extend((!same_id).then(|| fault("external_id")));
    faults
}
