//! A merge of two customers, or its undoing.

use tenantry_domain::value::Reason;
use tenantry_domain::{AccountId, Patch, Refusal};

use super::customer::{ID_MAX, account_id};
use super::reader::Reader;

/// What a body says of it.
pub(crate) struct MergeBody {
    pub(crate) merged_id: AccountId,
    pub(crate) reason: Option<Reason>,
}

/// Reads it.
///
/// # Errors
/// Every field that is wrong.
pub(crate) fn merge(mut reader: Reader) -> Result<MergeBody, Refusal> {
    let body = fields(&mut reader);
    reader.finished(body)
}

pub(crate) fn fields(reader: &mut Reader) -> Option<MergeBody> {
    let merged_id =
        reader.integer("merged_id", (1, ID_MAX), "The customer that is, or becomes, an alias of the one in the path.", account_id);
    let merged_id = reader.required("merged_id", merged_id);
    let reason: Patch<Reason> = reader.text("reason", "Why, for staff: it is kept with the event.");
    Some(MergeBody { merged_id: merged_id?, reason: reason.value().cloned() })
}
