//! `tenantry customer add` and `edit`.

use clap::Args;
use serde_json::Value;
use tenantry_client::{Fault, Request};

use super::fields::FieldArgs;
use super::{IdArgs, OnceArgs, show};
use crate::commands::remote::ServerArgs;

/// Flags of `add`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tenantry customer add --organization \"Abc Ltd\" --email abc@example.org --phone +91.2222554254
  tenantry customer add --first-name Zoë --last-name Łuk --set sms_quota=500 --set cell.two_factor=true
  tenantry customer add --body customer.json --password-stdin < password.txt")]
pub(crate) struct AddArgs {
    #[command(flatten)]
    fields: FieldArgs,
    /// The provider below which it stands; you yourself, unless given.
    #[arg(long, value_name = "ID")]
    parent_id: Option<u64>,
    #[command(flatten)]
    once: OnceArgs,
}

/// Flags of `edit`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tenantry customer edit 7 --city Pune --postal-code 411001
  tenantry customer edit 7 --title \"\" --set fax.number=               empties both
  tenantry customer edit 7 --email new@example.org --if-version 3     only if nobody changed it meanwhile")]
pub(crate) struct EditArgs {
    #[command(flatten)]
    customer: IdArgs,
    #[command(flatten)]
    fields: FieldArgs,
    /// Only if the customer is in this version.
    #[arg(long, value_name = "VERSION")]
    if_version: Option<u64>,
}

pub(super) async fn add(server: &ServerArgs, args: AddArgs) -> Result<(), Fault> {
    server.refuse_key()?;
    let mut body = args.fields.body()?;
    if let Some(id) = args.parent_id {
        body.insert("parent_id".to_owned(), id.into());
    }
    let request = Request::post("/v1/customers").json(&Value::Object(body)).idempotency_key(args.once.idempotency_key);
    let answer = server.client()?.send(request).await?;
    show(server.shape(), answer).await
}

pub(super) async fn edit(server: &ServerArgs, args: EditArgs) -> Result<(), Fault> {
    server.refuse_key()?;
    let body = args.fields.body()?;
    if body.is_empty() {
        return Err(Fault::Usage("no field is named; see tenantry customer edit --help".to_owned()));
    }
    let request = Request::patch(args.customer.path()).json(&Value::Object(body));
    let answer = server.client()?.send(args.customer.matching(request, args.if_version)?).await?;
    show(server.shape(), answer).await
}
