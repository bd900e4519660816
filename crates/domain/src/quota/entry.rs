//! The ledger: one line a move, appended and never changed. A balance is the sum of its lines.

use serde::{Deserialize, Serialize};

use super::{Channel, Quota};
use crate::account::Account;
use crate::context::Context;
use crate::id::{AccountId, TenantId};
use crate::limits::IDEMPOTENCY_KEY_MAX_CHARS;
use crate::refusal::Invalid;
use crate::value::{Label, Timestamp};

/// What kind of move it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    /// Units are added.
    Grant,
    /// Units are used up.
    Consume,
    /// The balance is given a value; the line has the difference.
    Set,
}

impl MovementKind {
    /// The word that stands for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Consume => "consume",
            Self::Set => "set",
        }
    }

    /// The kind that a word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Grant, Self::Consume, Self::Set].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// The caller's own name of a move: sent twice, it is made once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Reads a key.
    ///
    /// # Errors
    /// Not 1 to 255 printable ASCII characters.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if (1..=IDEMPOTENCY_KEY_MAX_CHARS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
            return Ok(Self(text.to_owned()));
        }
        Err(Invalid::new(format!("an idempotency key has 1 to {IDEMPOTENCY_KEY_MAX_CHARS} printable ASCII characters")))
    }

    /// The key as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One line. `(account_id, version, channel)` names it: no change of an account moves one balance twice.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of Account and MoveQuota")]
pub struct QuotaEntry {
    pub tenant_id: TenantId,
    pub account_id: AccountId,
    /// The account's version after the move.
    pub version: i64,
    pub channel: Channel,
    pub kind: MovementKind,
    /// The units added; negative where they were taken away.
    pub amount: i64,
    /// The balance after the move.
    pub balance: Quota,
    pub reason: Label,
    pub idempotency_key: Option<IdempotencyKey>,
    pub at: Timestamp,
}

/// The lines of a change that sets balances.
pub(crate) fn entries_of_edit(before: Option<&Account>, after: &Account, context: &Context) -> Vec<QuotaEntry> {
    let moved = |channel: Channel| {
        let old = before.map_or(Quota::ZERO, |before| before.allotments.of(channel).quota);
        let new = after.allotments.of(channel).quota;
        (old != new).then(|| QuotaEntry {
            tenant_id: after.tenant_id,
            account_id: after.id,
            version: after.version,
            channel,
            kind: MovementKind::Set,
            amount: new.get() - old.get(),
            balance: new,
            reason: Label::of_change(if before.is_some() { "edited" } else { "added" }),
            idempotency_key: None,
            at: context.at,
        })
    };
    Channel::ALL.into_iter().filter_map(moved).collect()
}
