//! `tenantry key`: issue, list, revoke, import.

use std::io::{IsTerminal, Read};

use clap::{Args, Subcommand};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{DataArgs, plain, say, table};
use crate::admin::Ask;
use crate::admin::key::{Import, Issue, Revoke};
use crate::control::ask;
use crate::{Failure, Settings};

/// What is read of standard input at most: several times the longest key.
const KEY_MAX_OCTETS: u64 = 1024;

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Issue a key; its secret is shown this once.
    #[command(after_help = "Examples:
  tenantry key issue --account 1
  tenantry key issue --account 1 --scope read,edit --allow 10.0.0.0/8 --expires 90d --label portal
  tenantry key issue --account 2 --scheme basic --rate 600")]
    Issue(IssueArgs),
    /// List keys.
    List(ListArgs),
    /// Refuse a key from the next request on.
    Revoke(RevokeArgs),
    /// Let an old client in by its old key: of a key pair its public part and hash, of HTTP Basic the key itself, from standard input.
    #[command(after_help = "The public key and the hash stand in the query of every request that the client ever sent: auth=…&hash=…
Examples:
  tenantry key import --data ./data --account 1 --public 38f9c450… --hash 1ca9b550…
  tenantry key import --data ./data --account 1 --scheme basic < old-api-key.txt")]
    Import(ImportArgs),
}

impl KeyCommand {
    pub(crate) const fn data(&self) -> &Option<String> {
        match self {
            Self::Issue(args) => &args.data.data,
            Self::List(args) => &args.data.data,
            Self::Revoke(args) => &args.data.data,
            Self::Import(args) => &args.data.data,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct IssueArgs {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    issue: Issue,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Only this account's.
    #[arg(long, value_name = "ID")]
    account: Option<i64>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RevokeArgs {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    revoke: Revoke,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    import: Import,
}

pub(crate) async fn run(settings: &Settings, command: KeyCommand) -> Result<(), Failure> {
    match command {
        KeyCommand::Issue(args) => {
            let issued = ask(settings, Ask::IssueKey(args.issue)).await?;
            if args.json {
                say(&issued.to_string());
            } else {
                let rows = issued.as_object().into_iter().flatten().map(|(name, value)| vec![name.replace('_', " "), plain(value)]);
                say(&table(&["the new key", "shown this once"], rows));
            }
        }
        KeyCommand::List(args) => {
            let keys = ask(settings, Ask::ListKeys { account: args.account }).await?;
            say(&if args.json { keys.to_string() } else { list_table(&keys) });
        }
        KeyCommand::Revoke(args) => say(&plain(&ask(settings, Ask::RevokeKey(args.revoke)).await?)),
        KeyCommand::Import(args) => {
            let import = if args.import.is_basic() { args.import.with_secret(&read_key()?)? } else { args.import };
            say(&plain(&ask(settings, Ask::ImportKey(import)).await?));
        }
    }
    Ok(())
}

/// A secret key from standard input: on the command line others would see it.
fn read_key() -> Result<Zeroizing<String>, Failure> {
    let input = std::io::stdin();
    if input.is_terminal() {
        tracing::warn!("paste the old API key, then Enter and Ctrl-D; it is shown while you paste: a file as standard input shows nothing");
    }
    let mut text = Zeroizing::new(String::new());
    let read = input.take(KEY_MAX_OCTETS).read_to_string(&mut text);
    read.map_err(|error| Failure(format!("standard input holds no key: {error}")))?;
    Ok(Zeroizing::new(text.trim().to_owned()))
}

const COLUMNS: [&str; 8] = ["account", "scheme", "public", "label", "scopes", "allow", "expires", "state"];

fn list_table(keys: &Value) -> String {
    let rows = keys.as_array().into_iter().flatten().map(|key| COLUMNS.iter().map(|column| plain(&key[*column])).collect());
    table(&COLUMNS, rows)
}
