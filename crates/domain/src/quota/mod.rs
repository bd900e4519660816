//! Packages and prepaid balances that an account has, channel by channel, and the ledger of each balance's moves. What a package itself is stands in
//! `package/`.

mod allotment;
mod entry;
pub mod movement;

pub use allotment::{Allotment, AllotmentPatch, Allotments, AllotmentsPatch, Channel, Quota};
pub(crate) use entry::entries_of_edit;
pub use entry::{IdempotencyKey, MovementKind, QuotaEntry};
