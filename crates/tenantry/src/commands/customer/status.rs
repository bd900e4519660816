//! `tenantry customer activate`, `suspend`, `resume`, `close`, `reopen`, `delete` and `restore`.

use clap::Args;
use serde_json::{Map, Value};
use tenantry_client::{Fault, Request};

use super::{IdArgs, OnceArgs, show_status};
use crate::commands::remote::ServerArgs;
use crate::commands::say;
use crate::output::Shape;

/// What is common to all changes of a status.
#[derive(Debug, Args)]
pub(crate) struct ReasonArgs {
    #[command(flatten)]
    customer: IdArgs,
    /// Why, for staff; it is kept with the event.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Only if the customer is in this version.
    #[arg(long, value_name = "VERSION")]
    if_version: Option<u64>,
    #[command(flatten)]
    once: OnceArgs,
}

/// Flags of `suspend`.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  tenantry customer suspend 7 --owner billing --reason \"invoice 2026-113\" --until 2026-12-31T00:00:00Z")]
pub(crate) struct SuspendArgs {
    #[command(flatten)]
    common: ReasonArgs,
    /// Whose hold it is: billing, abuse, legal, provider or customer; provider, unless given.
    #[arg(long, value_name = "OWNER")]
    owner: Option<String>,
    /// When the hold ends by itself: RFC 3339.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

/// Flags of `resume`.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  tenantry customer resume 7 --owner billing --reason \"invoice 2026-113 is paid\"")]
pub(crate) struct ResumeArgs {
    #[command(flatten)]
    common: ReasonArgs,
    /// Whose hold is released; provider, unless given. Others stay.
    #[arg(long, value_name = "OWNER")]
    owner: Option<String>,
}

/// Flags of `delete`.
#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    #[command(flatten)]
    customer: IdArgs,
    /// Only if the customer is in this version.
    #[arg(long, value_name = "VERSION")]
    if_version: Option<u64>,
}

pub(super) async fn change(server: &ServerArgs, verb: &str, args: ReasonArgs) -> Result<(), Fault> {
    post(server, verb, args, []).await
}

pub(super) async fn suspend(server: &ServerArgs, args: SuspendArgs) -> Result<(), Fault> {
    post(server, "suspend", args.common, [("owner", args.owner), ("until", args.until)]).await
}

pub(super) async fn resume(server: &ServerArgs, args: ResumeArgs) -> Result<(), Fault> {
    post(server, "resume", args.common, [("owner", args.owner)]).await
}

async fn post<const N: usize>(server: &ServerArgs, verb: &str, args: ReasonArgs, more: [(&str, Option<String>); N]) -> Result<(), Fault> {
    let fields = more.into_iter().chain([("reason", args.reason)]);
    let body: Map<String, Value> = fields.filter_map(|(name, value)| Some((name.to_owned(), value?.into()))).collect();
    let path = [&args.customer.path(), "/", verb].concat();
    let request = Request::post(path).json(&Value::Object(body)).idempotency_key(args.once.idempotency_key);
    let answer = server.client()?.send(args.customer.matching(request, args.if_version)?).await?;
    show_status(server.shape(), answer).await
}

pub(super) async fn delete(server: &ServerArgs, args: DeleteArgs) -> Result<(), Fault> {
    let request = Request::delete(args.customer.path());
    server.client()?.send(args.customer.matching(request, args.if_version)?).await?;
    // The server's answer is empty, and so is its JSON.
    if server.shape() != Shape::Json {
        say(&format!("Customer {} is deleted.", args.customer.id));
    }
    Ok(())
}
