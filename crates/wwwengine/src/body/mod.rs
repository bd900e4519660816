//! Bodies: from the JSON that clients of this dialect send to the parts of a command, with every fault named by the path as the client wrote it.

mod contact;
mod draft;
mod lists;
mod name_servers;
#[cfg(test)]
mod tests;
mod unchanged;
mod walk;

pub(crate) use draft::{Claim, Draft, Mode, read};
pub(crate) use unchanged::forgive;
