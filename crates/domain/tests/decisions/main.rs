//! Decisions: commands on working sets, through the domain's public face alone.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod edits;
mod histories;
mod holds;
mod keys;
mod quotas;
mod status;
mod world;
