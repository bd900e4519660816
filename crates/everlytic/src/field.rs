//! Records as this dialect shows them: names and values, in order, whatever they are written as.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, Serializer};
use tenantry_xmlrpc::{Name, Value};

/// One value of a record. There is no null: an empty text says that there is nothing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Field<'a> {
    /// A text.
    Text(Cow<'a, str>),
    /// A whole number.
    Int(i64),
}

impl<'a> Field<'a> {
    /// A text, or an empty one.
    pub(crate) fn text(text: Option<&'a str>) -> Self {
        Self::Text(text.unwrap_or_default().into())
    }

    /// A flag, in the dialect's words.
    pub(crate) const fn flag(on: bool) -> Self {
        Self::Text(Cow::Borrowed(if on { "yes" } else { "no" }))
    }
}

impl Serialize for Field<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Int(number) => serializer.serialize_i64(*number),
        }
    }
}

/// A record's members, in order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record<'a>(pub(crate) Vec<(&'static str, Field<'a>)>);

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, field) in &self.0 {
            map.serialize_entry(name, field)?;
        }
        map.end()
    }
}

impl From<Record<'_>> for Value {
    fn from(record: Record<'_>) -> Self {
        let member = |(name, field): (&'static str, Field<'_>)| {
            let value = match field {
                Field::Text(text) => Self::String(text.into_owned()),
                Field::Int(number) => Self::Int(number),
            };
            (Name::Borrowed(name), value)
        };
        Self::Struct(record.0.into_iter().map(member).collect())
    }
}
