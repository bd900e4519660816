//! `tenantry init`: makes a store.

use clap::Args;

use super::{say, say_keys};
use crate::first_start::install;
use crate::server::open;
use crate::{Failure, Settings};

#[derive(Debug, Args)]
#[command(after_help = "Example:
  tenantry init --data ./data --json | jq -r .private_key")]
pub(crate) struct InitArgs {
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,
    /// Print the keys as JSON: account_id, public_key, private_key, api_key, bearer_key.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(settings: &Settings, args: &InitArgs) -> Result<(), Failure> {
    let service = open(settings).await?;
    if service.is_installed().await? {
        return Err(Failure(format!("{} holds a store already; start it with: tenantry serve", settings.data.display())));
    }
    let provider = install(&service).await?;
    service.close().await;
    if args.json {
        say(&serde_json::to_string(&provider)?);
        return Ok(());
    }
    say_keys(&provider, &settings.data);
    say(&format!("Start it with: tenantry serve --data {}", settings.data.display()));
    Ok(())
}
