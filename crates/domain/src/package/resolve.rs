//! Which package an account gets that is to have one.

use super::{Package, PackageId, PackageRef, PackageStatus};
use crate::account::Account;
use crate::quota::Channel;
use crate::refusal::Invalid;
use crate::working_set::WorkingSet;

/// The package of a channel that a reference means for an account: one of a provider above it; of several with the same word, that of the nearest.
///
/// # Errors
/// There is none that the account can have: others' packages look like none.
pub(crate) fn resolve(reference: &PackageRef, channel: Channel, account: &Account, set: &WorkingSet) -> Result<PackageId, Invalid> {
    let had = account.allotments.of(channel).package_id;
    if let PackageRef::Id(id) = reference
        && had == Some(*id)
    {
        // What it has it keeps, sold or not.
        return Ok(*id);
    }
    let offered = |package: &&Package| package.is_offered_to(account) && package.status != PackageStatus::Deleted;
    let nearest = set.packages_named(reference).filter(offered).max_by_key(|package| (package.channel == channel, package.path.len()));
    match nearest {
        None => Err(Invalid::new("there is no such package")),
        Some(package) if package.channel != channel => {
            Err(Invalid::new(format!("this is a package of {}, not of {channel}", package.channel)))
        }
        Some(package) if package.status != PackageStatus::Active && had != Some(package.id) => {
            Err(Invalid::new("this package is not sold any more"))
        }
        Some(package) => Ok(package.id),
    }
}
