//! Customers: one file a call (those that only lead to a status share `status.rs`), and the record that they show.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod edit;
pub(crate) mod erase;
pub(crate) mod events;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod merge;
pub(crate) mod name_servers;
pub(crate) mod pin;
pub(crate) mod quotas;
mod record;
pub(crate) mod resume;
pub(crate) mod status;
pub(crate) mod subject;
pub(crate) mod suspend;

pub(crate) use list::{PARAMETERS, Page, of_custom_field, page};
pub(crate) use record::Customer;
