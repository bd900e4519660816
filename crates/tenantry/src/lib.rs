//! The binary's parts: settings, commands and wiring. What the server does is in the other crates; how it is started and stopped is here.

mod admin;
pub mod cli;
mod commands;
mod control;
pub mod first_start;
mod logging;
mod output;
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

/// How the program ends when it did not do what it was asked: what stands on the terminal, and the exit code.
#[derive(Debug)]
pub struct Ending {
    /// What stands on the terminal.
    pub message: String,
    /// The exit code.
    pub code: u8,
}

impl From<Failure> for Ending {
    fn from(failure: Failure) -> Self {
        Self { message: failure.0, code: 1 }
    }
}

impl From<tenantry_client::Fault> for Ending {
    fn from(fault: tenantry_client::Fault) -> Self {
        Self { message: fault.to_string(), code: fault.exit_code() }
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}
