//! Customers that may be the same: what the caller is told of them, and the list of them.

pub(crate) mod list;
mod record;

pub(crate) use record::{Created, DuplicatePage};
