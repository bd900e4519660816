//! A move of a balance.

use tenantry_domain::limits::QUOTA_MAX;
use tenantry_domain::quota::{IdempotencyKey, Quota};
use tenantry_domain::value::Label;
use tenantry_domain::{Patch, Refusal};

use super::reader::Reader;

/// What a body says of a move.
pub(crate) struct QuotaBody {
    pub(crate) units: Quota,
    pub(crate) reason: Label,
    pub(crate) idempotency_key: Option<IdempotencyKey>,
}

/// Reads a move.
///
/// # Errors
/// Every field that is wrong.
pub(crate) fn quota(mut reader: Reader) -> Result<QuotaBody, Refusal> {
    let body = fields(&mut reader);
    reader.finished(body)
}

pub(crate) fn fields(reader: &mut Reader) -> Option<QuotaBody> {
    let about = "How many units to grant or consume, or how many there shall be.";
    let units = reader.integer("units", (0, i64::from(QUOTA_MAX)), about, Quota::try_from);
    let units = reader.required("units", units);
    let reason: Patch<Label> = reader.text("reason", "Why, for the ledger.");
    let reason = reader.required("reason", reason);
    let about = "The caller's own name of the move, unique among the customer's: sent again, it is not made again.";
    let idempotency_key: Patch<IdempotencyKey> = reader.text("idempotency_key", about);
    Some(QuotaBody { units: units?, reason: reason?, idempotency_key: idempotency_key.value().cloned() })
}
