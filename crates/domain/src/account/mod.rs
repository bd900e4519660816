//! Accounts: the record that this software exists for, one file an operation on it. Providers and customers share the record: what differs is
//! the kind, and what may stand below.

pub mod add;
mod allot;
mod diff;
pub mod edit;
mod footprint;
pub mod hold;
pub mod install;
pub mod name_servers;
pub mod profile;
mod record;
pub mod status;

pub use diff::changes;
pub use hold::{Hold, HoldOwner};
pub use name_servers::{NameServer, NameServers};
pub use profile::{Address, Cell, Phone, Profile, ProfilePatch};
pub use record::{Account, Kind};
pub use status::{Goal, Status};
