//! The rules: what a customer account is and what may happen to it.
//!
//! Everything here is pure. There is no I/O, no clock, no randomness, no HTTP, no SQL and no dialect's shape: a command, the records
//! it names and its context go in; new records and an event, or a refusal, come out. A rule written anywhere else is in the wrong room.

pub mod account;
pub mod command;
pub mod context;
pub mod decision;
pub mod event;
pub mod id;
pub mod idempotency;
pub mod key;
pub mod limits;
pub mod package;
pub mod patch;
pub mod quota;
pub mod refusal;
pub mod search;
pub mod twin;
pub mod value;
pub mod working_set;

pub use account::{Account, Kind, Status};
pub use command::{Command, decide};
pub use context::{Actor, Context, Dialect, Origin, Seed};
pub use decision::{AccountChange, Changes, Decision, Outcome};
pub use id::{AccountId, TenantId};
pub use patch::Patch;
pub use refusal::{Code, Fault, Invalid, Refusal};
pub use value::Timestamp;
pub use working_set::{Lookups, WorkingSet};
