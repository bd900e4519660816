//! The dialect's words for a status and for a switch.

use tenantry_domain::Invalid;
use tenantry_domain::account::{Goal, HoldOwner, Status};
use tenantry_domain::package::PackageStatus;
use tenantry_domain::quota::Channel;
use tenantry_domain::refusal::quoted;

/// The word in which a status is read.
pub(crate) const fn status_word(status: Status) -> &'static str {
    match status {
        Status::Active => "on",
        Status::Pending | Status::Closed => "off",
        Status::Suspended => "suspended",
        Status::Deleted => "deleted",
    }
}

/// What a caller wants who writes a word. The hold that it places is the provider's.
pub(crate) fn goal(text: &str) -> Result<Goal, Invalid> {
    match text.to_ascii_lowercase().as_str() {
        "on" => Ok(Goal::Active),
        "off" => Ok(Goal::Closed),
        "suspended" => Ok(Goal::Suspended(HoldOwner::Provider)),
        "deleted" => Ok(Goal::Deleted),
        _ => Err(unknown(text)),
    }
}

/// The statuses that a word in a list's filter means.
pub(crate) fn statuses(text: &str) -> Result<Vec<Status>, Invalid> {
    let lower = text.to_ascii_lowercase();
    let meant: Vec<Status> = Status::ALL.into_iter().filter(|status| status_word(*status) == lower).collect();
    if meant.is_empty() { Err(unknown(text)) } else { Ok(meant) }
}

/// A switch.
pub(crate) fn yes_or_no(text: &str) -> Result<bool, Invalid> {
    match text.to_ascii_lowercase().as_str() {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(Invalid::new(format!("{} is neither yes nor no", quoted(text)))),
    }
}

/// A channel.
pub(crate) fn channel(word: &str) -> Result<Channel, Invalid> {
    Channel::parse(&word.to_ascii_lowercase())
        .ok_or_else(|| Invalid::new(format!("{} is no channel; there are email, sms and transactions", quoted(word))))
}

/// The word of a package's status.
pub(crate) const fn package_word(status: PackageStatus) -> &'static str {
    match status {
        PackageStatus::Active => "on",
        PackageStatus::Inactive => "off",
        PackageStatus::Deleted => "deleted",
    }
}

/// The status that a package shall have. Deleting it is a call of its own.
pub(crate) fn package_status(text: &str) -> Result<PackageStatus, Invalid> {
    match text.to_ascii_lowercase().as_str() {
        "on" => Ok(PackageStatus::Active),
        "off" => Ok(PackageStatus::Inactive),
        _ => Err(Invalid::new(format!("{} is no status of a package; there are on and off", quoted(text)))),
    }
}

fn unknown(text: &str) -> Invalid {
    Invalid::new(format!("{} is no status; there are on, off, suspended and deleted", quoted(text)))
}
