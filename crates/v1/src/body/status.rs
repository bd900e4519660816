//! What calls say that change a customer's status.

use tenantry_domain::account::HoldOwner;
use tenantry_domain::value::Reason;
use tenantry_domain::{Fault, Patch, Timestamp};

use super::reader::Reader;

/// What every such call may say.
pub(crate) struct ReasonBody {
    pub(crate) reason: Option<Reason>,
    pub(crate) faults: Vec<Fault>,
}

/// What is said of a hold.
pub(crate) struct HoldBody {
    pub(crate) owner: HoldOwner,
    pub(crate) reason: Option<Reason>,
    pub(crate) until: Option<Timestamp>,
    pub(crate) faults: Vec<Fault>,
}

/// Reads a reason.
pub(crate) fn reason(mut reader: Reader) -> ReasonBody {
    let body = reason_fields(&mut reader);
    ReasonBody { faults: reader.finish(), ..body }
}

/// Reads why a customer is erased.
pub(crate) fn erasure(mut reader: Reader) -> ReasonBody {
    let body = erasure_fields(&mut reader);
    ReasonBody { faults: reader.finish(), ..body }
}

/// Reads a hold that is placed.
pub(crate) fn hold(mut reader: Reader) -> HoldBody {
    let body = hold_fields(&mut reader);
    HoldBody { faults: reader.finish(), ..body }
}

/// Reads a hold that is released.
pub(crate) fn release(mut reader: Reader) -> HoldBody {
    let body = release_fields(&mut reader);
    HoldBody { faults: reader.finish(), ..body }
}

pub(crate) fn reason_fields(reader: &mut Reader) -> ReasonBody {
    ReasonBody { reason: set(reader.text("reason", "Why, for staff: it is kept with the event.")), faults: Vec::new() }
}

pub(crate) fn erasure_fields(reader: &mut Reader) -> ReasonBody {
    let about = "On what ground, as the receipt has it. It is kept with the event: name nobody.";
    ReasonBody { reason: set(reader.text("reason", about)), faults: Vec::new() }
}

pub(crate) fn hold_fields(reader: &mut Reader) -> HoldBody {
    let owner = owner(reader, "Whose hold it is. Only its owner's call releases it.");
    let reason = set(reader.text("reason", "Why, for staff."));
    let until = set(reader.text("until", "When the hold ends by itself; without it, when it is released."));
    HoldBody { owner, reason, until, faults: Vec::new() }
}

pub(crate) fn release_fields(reader: &mut Reader) -> HoldBody {
    let owner = owner(reader, "Whose hold is released. Others stay, and the customer stays suspended while any stands.");
    HoldBody { owner, reason: reason_fields(reader).reason, until: None, faults: Vec::new() }
}

fn owner(reader: &mut Reader, about: &str) -> HoldOwner {
    let about = [about, " `provider` unless given, which is also the owner of what the older dialects suspend."].concat();
    let owner = reader.word("owner", &HoldOwner::ALL.map(|owner| (owner.as_str(), owner)), &about);
    owner.value().copied().unwrap_or(HoldOwner::Provider)
}

fn set<T>(patch: Patch<T>) -> Option<T> {
    match patch {
        Patch::Set(value) => Some(value),
        Patch::Keep | Patch::Clear => None,
    }
}
