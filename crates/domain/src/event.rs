//! Events: exactly one for each changed record, written in the same transaction.

use std::net::IpAddr;

use serde::Serialize;
use serde_json::Value;

use crate::account::Kind;
use crate::context::{Context, Dialect};
use crate::id::{AccountId, TenantId};
use crate::value::{ClaimedAddress, Timestamp};

/// What happened to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum EventName {
    Added,
    Edited,
    Activated,
    Suspended,
    HoldPlaced,
    HoldReleased,
    Resumed,
    Closed,
    Reopened,
    Deleted,
    Merged,
    MergedAway,
    Unmerged,
    UnmergedAway,
    Erased,
    QuotaGranted,
    QuotaConsumed,
    QuotaSet,
    PackageAdded,
    PackageEdited,
    PackageDeleted,
    KeyIssued,
    KeyImported,
    KeyRevoked,
}

impl EventName {
    /// The event's name, for an account of this kind: `customer.added`, `key.issued`.
    pub fn of(self, kind: Kind) -> String {
        let verb = match self {
            Self::Added => "added",
            Self::Edited => "edited",
            Self::Activated => "activated",
            Self::Suspended => "suspended",
            Self::HoldPlaced => "hold_placed",
            Self::HoldReleased => "hold_released",
            Self::Resumed => "resumed",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
            Self::Deleted => "deleted",
            Self::Merged => "merged",
            Self::MergedAway => "merged_away",
            Self::Unmerged => "unmerged",
            Self::UnmergedAway => "unmerged_away",
            Self::Erased => "erased",
            Self::QuotaGranted => return "quota.granted".to_owned(),
            Self::QuotaConsumed => return "quota.consumed".to_owned(),
            Self::QuotaSet => return "quota.set".to_owned(),
            Self::PackageAdded => return "package.added".to_owned(),
            Self::PackageEdited => return "package.edited".to_owned(),
            Self::PackageDeleted => return "package.deleted".to_owned(),
            Self::KeyIssued => return "key.issued".to_owned(),
            Self::KeyImported => return "key.imported".to_owned(),
            Self::KeyRevoked => return "key.revoked".to_owned(),
        };
        format!("{kind}.{verb}")
    }
}

/// One changed field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldChange {
    /// The field's name.
    pub field: &'static str,
    /// What it was; null for a secret.
    pub old: Value,
    /// What it is; null for a secret.
    pub new: Value,
}

/// A change of a record, with who made it. `(account_id, version)` is its identity.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names are those of Context and Account")]
pub struct Event {
    pub tenant_id: TenantId,
    pub account_id: AccountId,
    /// The account's version after the change.
    pub version: i64,
    pub name: String,
    pub at: Timestamp,
    pub actor_id: AccountId,
    pub credential: Option<String>,
    pub peer: Option<IpAddr>,
    pub claimed: Option<ClaimedAddress>,
    pub dialect: Dialect,
    pub request_id: String,
    pub changes: Vec<FieldChange>,
}

/// An event as it was written, for whoever reads the history. What is in `changes` is shown as it was kept: no secret was ever put into it.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names are those of Event")]
pub struct PastEvent {
    pub account_id: AccountId,
    pub version: i64,
    pub name: String,
    pub at: Timestamp,
    pub actor_id: AccountId,
    pub credential: Option<String>,
    pub peer: Option<String>,
    pub claimed: Option<String>,
    pub dialect: String,
    pub request_id: String,
    pub changes: Value,
}

impl PastEvent {
    /// The new value of a field that was changed to a number.
    pub fn number(&self, field: &str) -> Option<i64> {
        let changes = self.changes.as_array()?;
        changes.iter().find(|change| change["field"] == field)?["new"].as_i64()
    }
}

impl Event {
    /// The event of a change made in this context.
    pub(crate) fn new(account: &crate::Account, name: EventName, changes: Vec<FieldChange>, context: &Context) -> Self {
        Self {
            tenant_id: account.tenant_id,
            account_id: account.id,
            version: account.version,
            name: name.of(account.kind),
            at: context.at,
            actor_id: context.actor.account_id,
            credential: context.origin.credential.clone(),
            peer: context.origin.peer,
            claimed: context.origin.claimed.clone(),
            dialect: context.origin.dialect,
            request_id: context.origin.request_id.clone(),
            changes,
        }
    }
}
