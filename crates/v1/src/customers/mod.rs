//! Customers: one file a call, and the record that they show.

pub(crate) mod activate;
pub(crate) mod close;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod edit;
pub(crate) mod get;
pub(crate) mod list;
mod record;
pub(crate) mod reopen;
pub(crate) mod restore;
pub(crate) mod resume;
mod status;
pub(crate) mod suspend;

pub(crate) use list::{PARAMETERS, Page, Parameter};
pub(crate) use record::Customer;
