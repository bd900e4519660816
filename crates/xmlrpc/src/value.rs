//! What a text holds once it is read, and what is to be written.

use std::borrow::Cow;

use crate::DateTime;

/// The name of a struct's member. Those that are written are mostly ours, and need no memory of their own.
pub type Name = Cow<'static, str>;

/// A value of XML-RPC with the extensions that clients use.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `<int>`, and every other integer element. Read with up to 64 bits; one of more than 32 is written as a string, which every client reads.
    Int(i64),
    /// `<boolean>`.
    Boolean(bool),
    /// `<string>`, or a value without a type.
    String(String),
    /// `<double>`: read, always finite. Written, one that is not finite is an empty string, for XML-RPC has no word for it.
    Double(f64),
    /// `<dateTime.iso8601>`.
    DateTime(DateTime),
    /// `<base64>`.
    Base64(Vec<u8>),
    /// `<array>`.
    Array(Vec<Value>),
    /// `<struct>`, its members in the order in which they were written. Read, each name stands once.
    Struct(Vec<(Name, Value)>),
    /// `<nil/>`. Read only: written, it is an empty string.
    Nil,
}

/// A call of a method.
#[derive(Debug, Clone, PartialEq)]
pub struct MethodCall {
    /// The method's name: read, 1 to 255 of the characters `A-Z a-z 0-9 _ . : /`.
    pub method: String,
    /// Its parameters, by position.
    pub params: Vec<Value>,
}

/// An answer that refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `faultCode`.
    pub code: i32,
    /// `faultString`.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_small() {
        // What `limits::MAX_VALUES` reckons with.
        assert_eq!(size_of::<Value>(), 32);
        assert_eq!(size_of::<(Name, Value)>(), 56);
    }
}
