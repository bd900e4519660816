//! Logs, on standard error: standard output is for results.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::Failure;
use crate::settings::{LogFormat, Settings};

/// Starts logging as the settings say. A command that is not the server logs warnings only.
pub(crate) fn start(settings: &Settings, is_server: bool) -> Result<(), Failure> {
    let access = if settings.access_log { "access=info" } else { "access=off" };
    let level = if is_server { settings.log_level.as_str() } else { "warn" };
    let filter = EnvFilter::try_new([level, ",", access].concat())
        .map_err(|error| Failure(format!("setting log_level: {:?} will not do: {error}", settings.log_level)))?;
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let started = match settings.log_format {
        LogFormat::Human => logs.try_init(),
        LogFormat::Json => logs.json().flatten_event(true).try_init(),
    };
    // A second start in one process, as tests do, keeps the first.
    let _already_started = started.is_err();
    Ok(())
}
