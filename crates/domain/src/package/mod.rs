//! Packages: what a provider sells of a channel, one file an operation. Which account has which stands in the account.

pub mod add;
pub mod delete;
pub mod edit;
mod record;
mod resolve;

pub use record::{Identifier, Package, PackageId, PackageRef, PackageStatus};
pub(crate) use resolve::resolve;
