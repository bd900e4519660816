//! Prepaid balances, as the operator moves and reads them.

use std::sync::Arc;

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenantry_domain::quota::movement::MoveQuota;
use tenantry_domain::quota::{Channel, IdempotencyKey, MovementKind, Quota, QuotaEntry};
use tenantry_domain::value::Label;
use tenantry_domain::{AccountId, Command};
use tenantry_service::Service;

use crate::Failure;

/// Lines of a ledger that are shown unless more are asked for.
const SHOWN: u32 = 20;

/// Asks for a move of a balance.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Move {
    /// The account whose balance it is.
    #[arg(long, value_name = "ID")]
    account: i64,
    /// email, sms or transactions.
    #[arg(long)]
    channel: String,
    /// How many units.
    #[arg(long, allow_negative_numbers = true)]
    units: i64,
    /// Why, for the ledger.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Makes a repetition do nothing: an invoice's number, say.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

/// Asks for a ledger.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Show {
    /// The account whose balances they are.
    #[arg(long, value_name = "ID")]
    account: i64,
    /// How many lines, the newest first.
    #[arg(long, value_name = "NUMBER", default_value_t = SHOWN)]
    lines: u32,
}

/// Moves a balance. Gives it as it stands then.
pub(super) async fn change(service: &Arc<Service>, kind: MovementKind, change: Move) -> Result<Value, Failure> {
    let Move { account, channel, units, reason, key } = change;
    let channel =
        Channel::parse(&channel).ok_or_else(|| Failure(format!("{channel:?} is no channel; there are email, sms and transactions")))?;
    let movement = MoveQuota {
        account_id: AccountId::try_from(account)?,
        channel,
        kind,
        units: Quota::try_from(units)?,
        reason: Label::parse(reason).map_err(|invalid| Failure(format!("--reason: {invalid}")))?,
        idempotency_key: key.as_deref().map(IdempotencyKey::parse).transpose()?,
    };
    let outcome = service.run_as_operator(Command::MoveQuota(Box::new(movement))).await?;
    let balance = outcome.account.allotments.of(channel).quota.get();
    Ok(json!({ "account": account, "channel": channel, "balance": balance, "changed": outcome.changed }))
}

/// The newest lines of a ledger.
pub(super) async fn show(service: &Arc<Service>, show: &Show) -> Result<Value, Failure> {
    let entries = service.quota_entries(AccountId::try_from(show.account)?, show.lines).await?;
    Ok(entries.iter().map(row).collect())
}

fn row(entry: &QuotaEntry) -> Value {
    json!({
        "at": entry.at.to_string(),
        "channel": entry.channel,
        "kind": entry.kind,
        "amount": entry.amount,
        "balance": entry.balance,
        "reason": entry.reason,
        "key": entry.idempotency_key.as_ref().map(|key| key.as_str()),
    })
}
