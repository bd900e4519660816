//! The binary's parts: settings, commands and wiring. What the server does is in the other crates; how it is started and stopped is here.

mod admin;
pub mod cli;
mod commands;
mod control;
pub mod first_start;
mod logging;
mod server;
mod settings;

pub use server::{Doors, Running, options, start};
pub use settings::{SETTINGS, Setting, Settings, SettingsFault};

use std::fmt;

/// Why a command failed: what stands on the terminal.
#[derive(Debug)]
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}
