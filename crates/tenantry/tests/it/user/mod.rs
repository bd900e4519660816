//! `/user`

mod edit;
mod fields;
mod list;
mod name_servers;
mod status;
