//! `tenantry provider`: adds providers.

use std::sync::Arc;

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenantry_domain::AccountId;
use tenantry_domain::value::{Email, Name};
use tenantry_service::Service;

use super::{say, table};
use crate::cli::DataArgs;
use crate::control::{Ask, ask};
use crate::first_start::add_provider;
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

/// Asks for a provider.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Add {
    /// Its name.
    #[arg(long)]
    name: String,
    /// Its e-mail address.
    #[arg(long)]
    email: Option<String>,
    /// The provider below which it stands; 0 is the operator.
    #[arg(long, value_name = "ID", default_value_t = 0)]
    parent: i64,
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

/// Adds a provider.
pub(crate) async fn add(service: &Arc<Service>, add: Add) -> Result<Value, Failure> {
    let email = add.email.map(Email::parse).transpose()?;
    let provider = add_provider(service, AccountId::try_from(add.parent)?, Some(Name::parse(add.name)?), email).await?;
    Ok(serde_json::to_value(provider)?)
}
