//! Accounts: the record that this software exists for, one file an operation on it. Providers and customers share the record: what differs is
//! the kind, and what may stand below.

pub mod add;
mod allot;
pub mod contacts;
pub mod custom_fields;
mod diff;
pub mod edit;
pub mod erase;
mod footprint;
pub mod hold;
pub mod install;
pub mod merge;
pub mod name_servers;
pub mod profile;
mod record;
pub mod settings;
pub mod status;

pub use contacts::{Contact, ContactRole};
pub use custom_fields::{CustomField, CustomFieldName, CustomFieldType, CustomFieldsPatch};
pub use diff::changes;
pub use hold::{Hold, HoldOwner};
pub use name_servers::{NameServer, NameServers};
pub use profile::{Address, Cell, Phone, Profile, ProfilePatch};
pub use record::{Account, Kind};
pub use settings::{Settings, SettingsPatch};
pub use status::{Goal, Status};
