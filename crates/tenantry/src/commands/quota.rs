//! `tenantry quota`: balances and their ledgers.

use clap::{Args, Subcommand};
use serde_json::Value;
use tenantry_domain::quota::MovementKind;

use super::{DataArgs, plain, say, table};
use crate::admin::Ask;
use crate::admin::quota::{Move, Show};
use crate::control::ask;
use crate::{Failure, Settings};

#[derive(Debug, Subcommand)]
pub(crate) enum QuotaCommand {
    /// Show the newest lines of an account's ledger.
    Show(ShowArgs),
    /// Add units.
    #[command(after_help = "Example:
  tenantry quota grant --account 7 --channel sms --units 500 --reason \"invoice 2026-113\" --key inv-2026-113")]
    Grant(MoveArgs),
    /// Use units up; refused as a whole when fewer are left.
    Consume(MoveArgs),
    /// Give the balance a value.
    Set(MoveArgs),
}

impl QuotaCommand {
    pub(crate) const fn data(&self) -> &Option<String> {
        match self {
            Self::Show(args) => &args.data.data,
            Self::Grant(args) | Self::Consume(args) | Self::Set(args) => &args.data.data,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    show: Show,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct MoveArgs {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    change: Move,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(settings: &Settings, command: QuotaCommand) -> Result<(), Failure> {
    let (kind, args) = match command {
        QuotaCommand::Show(args) => {
            let lines = ask(settings, Ask::ShowQuota(args.show)).await?;
            say(&if args.json { lines.to_string() } else { ledger(&lines) });
            return Ok(());
        }
        QuotaCommand::Grant(args) => (MovementKind::Grant, args),
        QuotaCommand::Consume(args) => (MovementKind::Consume, args),
        QuotaCommand::Set(args) => (MovementKind::Set, args),
    };
    let moved = ask(settings, Ask::MoveQuota { kind, change: args.change }).await?;
    if args.json {
        say(&moved.to_string());
    } else {
        let already = if moved["changed"] == false { " (as before: nothing was moved)" } else { "" };
        say(&format!("{} units of {} are left{already}", moved["balance"], plain(&moved["channel"])));
    }
    Ok(())
}

const COLUMNS: [&str; 7] = ["at", "channel", "kind", "amount", "balance", "reason", "key"];

fn ledger(lines: &Value) -> String {
    let rows = lines.as_array().into_iter().flatten().map(|line| COLUMNS.iter().map(|column| plain(&line[*column])).collect());
    table(&COLUMNS, rows)
}
