//! Properties: from what a client sends (JSON, a form, an XML-RPC struct) to the parts of a command, with every fault named by its property.

mod claim;
mod customer;
mod package;
mod read;
pub(crate) mod words;

pub(crate) use claim::{Claim, contradicted};
pub(crate) use customer::{CustomerDraft, Mode, customer, package_ref};
pub(crate) use package::{PackageDraft, package};
pub(crate) use read::{TOLD_MAX, integer_text, told, whole};
