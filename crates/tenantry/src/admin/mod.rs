//! What the operator asks of a store, whoever carries it out: the server that has it open, or the command line itself when none has.

pub(crate) mod backup;
pub(crate) mod key;
pub(crate) mod provider;
pub(crate) mod quota;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenantry_domain::quota::MovementKind;
use tenantry_service::Service;

use crate::Failure;

/// What the operator can ask.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ask {
    IssueKey(key::Issue),
    ImportKey(key::Import),
    RevokeKey(key::Revoke),
    ListKeys { account: Option<i64> },
    AddProvider(provider::Add),
    ShowQuota(quota::Show),
    MoveQuota { kind: MovementKind, change: quota::Move },
    Backup(backup::Make),
}

/// Carries out what was asked. The answer is a value that whoever asked knows how to print.
pub(crate) async fn perform(service: &Arc<Service>, ask: Ask) -> Result<Value, Failure> {
    match ask {
        Ask::IssueKey(issue) => key::issue(service, issue).await,
        Ask::ImportKey(import) => key::import(service, import).await,
        Ask::RevokeKey(revoke) => key::revoke(service, revoke).await,
        Ask::ListKeys { account } => key::list(service, account).await,
        Ask::AddProvider(add) => provider::add(service, add).await,
        Ask::ShowQuota(show) => quota::show(service, &show).await,
        Ask::MoveQuota { kind, change } => quota::change(service, kind, change).await,
        // It takes long, and tells how far it is: the control socket has a way of its own for it.
        Ask::Backup(_) => Err(Failure("a backup is not made this way".to_owned())),
    }
}
