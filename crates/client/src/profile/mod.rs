//! Profiles: which server is meant, and by which key it is called. They stand in a file that only its owner can read.

mod choose;
mod file;

pub use choose::{Chosen, DEFAULT, Environment, Target, check_url};
pub use file::{Profile, ProfileFile};
