//! The elements of XML-RPC.

/// An element, by what it means: the integers are one, whatever their width is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    MethodCall,
    MethodResponse,
    MethodName,
    Params,
    Param,
    Fault,
    Value,
    Array,
    Data,
    Struct,
    Member,
    Name,
    Int,
    Boolean,
    String,
    Double,
    DateTime,
    Base64,
    Nil,
}

impl Tag {
    /// The element of this name. Of the Apache extensions (`http://ws.apache.org/xmlrpc/namespaces/extensions`) the usual prefix `ex:` is known,
    /// declared or not: each client writes that one, and several forget the declaration.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "methodCall" => Self::MethodCall,
            "methodResponse" => Self::MethodResponse,
            "methodName" => Self::MethodName,
            "params" => Self::Params,
            "param" => Self::Param,
            "fault" => Self::Fault,
            "value" => Self::Value,
            "array" => Self::Array,
            "data" => Self::Data,
            "struct" => Self::Struct,
            "member" => Self::Member,
            "name" => Self::Name,
            "int" | "i1" | "i2" | "i4" | "i8" | "ex:i1" | "ex:i2" | "ex:i8" | "ex:biginteger" => Self::Int,
            "boolean" => Self::Boolean,
            "string" => Self::String,
            "double" | "ex:float" | "ex:bigdecimal" => Self::Double,
            "dateTime.iso8601" | "ex:dateTime" => Self::DateTime,
            "base64" => Self::Base64,
            "nil" | "ex:nil" => Self::Nil,
            _ => return None,
        })
    }
}
