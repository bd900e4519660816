//! `tenantry provider`: adds providers.

use clap::{Args, Subcommand};
use serde_json::Value;

use super::{DataArgs, say, table};
use crate::admin::Ask;
use crate::admin::provider::Add;
use crate::control::ask;
use crate::{Failure, Settings};

#[derive(Debug, Subcommand)]
pub(crate) enum ProviderCommand {
    /// Add a provider; its keys are shown this once.
    #[command(after_help = "Examples:
  tenantry provider add --name \"Example ISP\" --email noc@isp.example
  tenantry provider add --name \"Branch\" --parent 1 --json")]
    Add(AddArgs),
}

#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    #[command(flatten)]
    add: Add,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(settings: &Settings, args: AddArgs) -> Result<(), Failure> {
    let added = ask(settings, Ask::AddProvider(args.add)).await?;
    if args.json {
        say(&added.to_string());
    } else {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        let rows = added.as_object().into_iter().flatten().map(|(name, value)| vec![name.replace('_', " "), text(value)]);
        say(&table(&["the new provider", "shown this once"], rows));
    }
    Ok(())
}
