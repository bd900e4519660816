//! Providers, as the operator manages them.

use std::sync::Arc;

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenantry_domain::AccountId;
use tenantry_domain::value::{Email, Name};
use tenantry_service::Service;

use crate::Failure;
use crate::first_start::add_provider;

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

/// Adds a provider.
pub(super) async fn add(service: &Arc<Service>, add: Add) -> Result<Value, Failure> {
    let email = add.email.map(Email::parse).transpose()?;
    let provider = add_provider(service, AccountId::try_from(add.parent)?, Some(Name::parse(add.name)?), email).await?;
    Ok(serde_json::to_value(provider)?)
}
