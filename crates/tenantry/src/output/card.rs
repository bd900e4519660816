//! One record for people: a line for each field that is set, in the server's order.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use tenantry_client::printable;

use crate::commands::plain;

/// The fields of an object, in the order in which they came.
struct Fields(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a record")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// A record as lines of name and value; what is not set is left out.
pub(crate) fn card(record: &str) -> Result<String, serde_json::Error> {
    let Fields(fields) = serde_json::from_str(record)?;
    let mut lines = Vec::new();
    for (name, value) in &fields {
        flatten(name, value, &mut lines);
    }
    let width = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let line = |(name, value): &(String, String)| format!("{:width$}  {}", printable(name), printable(value));
    Ok(lines.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// Puts a value's lines behind the others: one, or one for each of its parts, by its path.
fn flatten(name: &str, value: &Value, lines: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => fields.iter().for_each(|(field, value)| flatten(&[name, ".", field].concat(), value, lines)),
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            items.iter().enumerate().for_each(|(index, item)| flatten(&format!("{name}[{index}]"), item, lines));
        }
        Value::Array(items) if items.is_empty() => {}
        Value::Array(items) => lines.push((name.to_owned(), items.iter().map(plain).collect::<Vec<_>>().join(", "))),
        value => lines.push((name.to_owned(), plain(value))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_stands_on_a_line_of_its_own_in_order() {
        let record = r#"{"status": "active", "id": 7, "title": null, "street": ["1st", "2nd"], "allow": [], "holds": [{"owner": "abuse"}],
            "voice": {"number": "+91.1", "e164": null}, "first_name": "Zoë\u001b[1m"}"#;
        let expected = "status          active\nid              7\nstreet          1st, 2nd\nholds[0].owner  abuse\nvoice.number    +91.1\n\
                        first_name      Zoë\u{fffd}[1m";
        assert_eq!(card(record).unwrap(), expected);
        assert!(card("[]").is_err());
    }
}
