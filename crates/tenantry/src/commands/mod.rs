//! The commands of the command line, one file each. They print their results; nothing else does.

pub(crate) mod backup;
mod bar;
pub(crate) mod completions;
pub(crate) mod customer;
pub(crate) mod doctor;
pub(crate) mod init;
pub(crate) mod key;
pub(crate) mod migrate;
pub(crate) mod profile;
pub(crate) mod provider;
pub(crate) mod quota;
pub(crate) mod remote;
pub(crate) mod restore;
pub(crate) mod serve;

use std::io::Write;
use std::path::Path;

use clap::Args;
use comfy_table::Table;
use comfy_table::presets::UTF8_BORDERS_ONLY;
use serde_json::Value;

use crate::first_start::NewProvider;

/// Where the data is.
#[derive(Debug, Args)]
pub(crate) struct DataArgs {
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,
}

/// Prints a line of a command's result. Whoever reads no further (`| head`) has what it wants; an output that cannot be written ends the command.
pub(crate) fn say(line: &str) {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            tracing::error!(%error, "the result could not be written to standard output");
            std::process::exit(1)
        }
        _ => {}
    }
}

/// Prints a new store's keys, the only time that they are shown.
pub(crate) fn say_keys(provider: &NewProvider, data: &Path) {
    say(&format!("A new store was made in {}. Provider {} has these keys; they are shown this once:", data.display(), provider.account_id));
    say(&format!("  public key   {}", provider.public_key));
    say(&format!("  private key  {}", provider.private_key.as_str()));
    say(&format!(
        "  API key      {}   (HTTP Basic: for the Everlytic API; the user is {})",
        provider.api_key.as_str(),
        provider.account_id
    ));
    say(&format!("  bearer key   {}   (for /v1)", provider.bearer_key.as_str()));
}

/// A value as a table shows it.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A table for a terminal.
pub(crate) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_header(header.to_vec());
    for row in rows {
        table.add_row(row);
    }
    table.to_string()
}
