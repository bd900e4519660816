//! The dialect's words for a status.

use tenantry_domain::Invalid;
use tenantry_domain::account::{Goal, HoldOwner, Status};
use tenantry_domain::refusal::quoted;

/// The document's limit of a status.
const STATUS_MAX_CHARS: usize = 65;

/// The word in which a status is read.
pub(crate) const fn word(status: Status) -> &'static str {
    match status {
        Status::Active => "active",
        Status::Pending | Status::Closed => "inactive",
        Status::Suspended => "suspended",
        Status::Deleted => "deleted",
    }
}

/// What a caller wants who writes a word. The hold that it places is the provider's.
pub(crate) fn goal(text: &str) -> Result<Goal, Invalid> {
    match checked(text)?.as_str() {
        "active" => Ok(Goal::Active),
        "inactive" => Ok(Goal::Inactive(HoldOwner::Provider)),
        "suspended" => Ok(Goal::Suspended(HoldOwner::Provider)),
        "deleted" => Ok(Goal::Deleted),
        _ => Err(unknown(text)),
    }
}

/// The statuses that a word in a list's filter means.
pub(crate) fn statuses(text: &str) -> Result<Vec<Status>, Invalid> {
    let lower = checked(text)?;
    let meant: Vec<Status> = Status::ALL.into_iter().filter(|status| word(*status) == lower).collect();
    if meant.is_empty() { Err(unknown(text)) } else { Ok(meant) }
}

fn checked(text: &str) -> Result<String, Invalid> {
    if text.is_empty() {
        return Err(Invalid::required("a status must not be empty"));
    }
    if text.chars().count() > STATUS_MAX_CHARS {
        return Err(Invalid::too_long(format!("a status has at most {STATUS_MAX_CHARS} characters")));
    }
    Ok(text.to_ascii_lowercase())
}

fn unknown(text: &str) -> Invalid {
    Invalid::new(format!("{} is no status; there are active, inactive, suspended and deleted", quoted(text)))
}
