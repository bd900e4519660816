//! What holds for any text: it is refused, or what is read of it is written and read again as the same. Tests and fuzz targets share this file.

use tenantry_xmlrpc::limits::MAX_OCTETS;
use tenantry_xmlrpc::{MethodCall, Value, decode_call, decode_response, encode_call, encode_response};

/// What a reader gets of a value that the writer wrote: the writer knows no nil and no integer of more than 32 bits.
pub(crate) fn as_written(value: Value) -> Value {
    match value {
        Value::Int(number) if i32::try_from(number).is_err() => Value::String(number.to_string()),
        Value::Nil => Value::String(String::new()),
        Value::Array(items) => Value::Array(items.into_iter().map(as_written).collect()),
        Value::Struct(members) => Value::Struct(members.into_iter().map(|(name, member)| (name, as_written(member))).collect()),
        other => other,
    }
}

/// Reads, writes and reads again, as a call and as an answer.
///
/// # Panics
/// The second reading differs from the first, or fails.
pub(crate) fn round_trip(octets: &[u8]) {
    let charset = octets.first().filter(|octet| *octet % 2 == 0).map(|_| "iso-8859-1");
    if let Ok(call) = decode_call(octets, charset) {
        let written = encode_call(&call);
        let expected = MethodCall { params: call.params.into_iter().map(as_written).collect(), ..call };
        // Written, a text may be longer than it was, and then beyond the limit: `<value/>` has eight octets for an empty string.
        assert!(written.len() > MAX_OCTETS || decode_call(written.as_bytes(), None) == Ok(expected));
    }
    if let Ok(Ok(value)) = decode_response(octets, charset) {
        let written = encode_response(&value);
        assert!(written.len() > MAX_OCTETS || decode_response(written.as_bytes(), None) == Ok(Ok(as_written(value))));
    }
}
