//! A call-in PIN that is to be checked.

use tenantry_domain::value::CallInPin;
use tenantry_domain::{Patch, Refusal};

use super::reader::Reader;

/// Reads it.
///
/// # Errors
/// What is wrong with it; the message never quotes it.
pub(crate) fn pin(mut reader: Reader) -> Result<CallInPin, Refusal> {
    let pin = fields(&mut reader);
    reader.finished(pin)
}

pub(crate) fn fields(reader: &mut Reader) -> Option<CallInPin> {
    let pin: Patch<CallInPin> = reader.text("pin", "What the customer said.");
    reader.required("pin", pin)
}
