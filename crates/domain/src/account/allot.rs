//! Packages and balances of an account that is added or edited.

use super::Account;
use crate::context::Actor;
use crate::package::resolve;
use crate::patch::Patch;
use crate::quota::movement::SET_FROM_ABOVE;
use crate::quota::{AllotmentsPatch, Channel};
use crate::refusal::{Code, Fault};
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

/// What an account that edits itself may not change: what its provider sells it, and the provider's own id of it.
pub(super) fn forbidden(before: &Account, after: &Account, actor: &Actor) -> Vec<Fault> {
    if actor.is_above(before) {
        return Vec::new();
    }
    let fault = |field| Fault::new(field, Code::Forbidden, SET_FROM_ABOVE);
    let mut faults = Vec::new();
    for channel in Channel::ALL {
        let (old, new) = (before.allotments.of(channel), after.allotments.of(channel));
        faults.extend((old.package_id != new.package_id).then(|| fault(channel.package_field())));
        faults.extend((old.quota != new.quota).then(|| fault(channel.quota_field())));
    }
    faults.extend((before.external_id != after.external_id).then(|| fault("external_id")));
    faults
}
