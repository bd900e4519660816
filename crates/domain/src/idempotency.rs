//! Idempotency: a request that carries a key is carried out once, however often it is sent. What it was answered is kept with what it changed, in one commit, and
//! given again.

use std::fmt;
use std::sync::Arc;

use crate::context::Context;
use crate::decision::{Decision, Outcome};
use crate::id::{AccountId, TenantId};
use crate::limits::IDEMPOTENCY_KEPT_DAYS;
use crate::refusal::{Code, Refusal};
use crate::value::Timestamp;
use crate::working_set::WorkingSet;

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// What a request says of itself, in digests: neither its key nor anything of its body is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Idempotency {
    /// Its key, of this credential's alone.
    pub key: Digest,
    /// All of the request: another one with the same key is a mistake.
    pub fingerprint: Digest,
}

impl fmt::Debug for Idempotency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[digests]")
    }
}

/// What a request was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotentAnswer {
    /// The tenant of the account that the request was about.
    pub tenant_id: TenantId,
    /// What the request said of itself.
    pub request: Idempotency,
    /// The account that it was about, as erasing it must know.
    pub account_id: AccountId,
    /// The answer: octets that only its caller can open.
    pub answer: Arc<[u8]>,
    /// From when on it is forgotten.
    pub expires_at: Timestamp,
}

impl IdempotentAnswer {
    /// When it was given.
    pub fn kept_since(&self) -> Timestamp {
        self.expires_at.plus_days(-IDEMPOTENCY_KEPT_DAYS)
    }

    /// Whether it counts at this time.
    pub fn is_kept(&self, at: Timestamp) -> bool {
        at < self.expires_at
    }
}

/// The answer that this request was given before, if it was.
///
/// # Errors
/// Another request had this key.
pub(crate) fn answered_before(set: &WorkingSet, account_id: AccountId, context: &Context) -> Result<Option<Decision>, Refusal> {
    let Some((request, account)) = context.idempotency.zip(set.account(account_id)) else { return Ok(None) };
    match set.idempotent_answer(account.tenant_id, &request.key).filter(|answer| answer.is_kept(context.at)) {
        None => Ok(None),
        Some(before) if before.request == request => {
            let mut decision = Decision::unchanged(Arc::clone(account));
            decision.outcome.replayed = Some(Arc::clone(&before.answer));
            Ok(Some(decision))
        }
        Some(_) => Err(Refusal::new(Code::IdempotencyKeyReused, "This Idempotency-Key was sent with another request; nothing was done")),
    }
}

impl Outcome {
    /// What is kept of an answer to it.
    fn kept(&self, request: Idempotency, tenant_id: TenantId, answer: Vec<u8>, at: Timestamp) -> IdempotentAnswer {
        let expires_at = at.plus_days(IDEMPOTENCY_KEPT_DAYS);
        IdempotentAnswer { tenant_id, request, account_id: self.account.id, answer: answer.into(), expires_at }
    }
}

impl Decision {
    /// Keeps what its request is answered. `tenant_id`: that of the account that the command names.
    #[must_use]
    pub fn answered(mut self, answer: Vec<u8>, tenant_id: TenantId, context: &Context) -> Self {
        if let Some(request) = context.idempotency {
            self.answers.push(self.outcome.kept(request, tenant_id, answer, context.at));
        }
        self
    }
}
