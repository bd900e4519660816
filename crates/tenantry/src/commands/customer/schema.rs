//! Which JSON type a field has, so that `--set postal_code=400010` is a text and `--set sms_quota=500` a number: as the document of `/v1` says, which this program
//! has in it.

use serde_json::Value;

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text; also what this program does not know: the server does, and says so.
    Text,
    /// A whole number, or a text where it is none.
    Number,
    /// True or false.
    Truth,
    /// A list of texts.
    Texts,
    /// A list of parts, or an object: only JSON can say it.
    Nested,
}

/// The fields of a body.
pub(super) struct Schema(Value);

impl Schema {
    /// Of the body that adds a customer, and that changes one: what may change may be given at first.
    pub(super) fn of_customer() -> Self {
        let mut document = tenantry_v1::document();
        let schema = document.pointer_mut("/paths/~1v1~1customers/post/requestBody/content/application~1json/schema");
        Self(schema.map(Value::take).unwrap_or_default())
    }

    /// What the field of this path takes.
    pub(super) fn kind(&self, path: &[&str]) -> Kind {
        let mut schema = &self.0;
        for part in path {
            let named = schema["properties"].get(part);
            schema = named.unwrap_or(&schema["additionalProperties"]);
        }
        let is = |word: &str| types(schema).contains(&word);
        if is("integer") || is("number") {
            Kind::Number
        } else if is("boolean") {
            Kind::Truth
        } else if is("array") && types(&schema["items"]).contains(&"string") {
            Kind::Texts
        } else if is("array") || is("object") {
            Kind::Nested
        } else {
            Kind::Text
        }
    }
}

fn types(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(word) => vec![word],
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_the_types_of_the_document() {
        let schema = Schema::of_customer();
        for (path, kind) in [
            (&["email"][..], Kind::Text),
            (&["postal_code"], Kind::Text),
            (&["voice", "number"], Kind::Text),
            (&["cell", "two_factor"], Kind::Truth),
            (&["auto_signup"], Kind::Truth),
            (&["sms_quota"], Kind::Number),
            (&["email_package_id"], Kind::Number),
            (&["street"], Kind::Texts),
            (&["name_servers", "hosts"], Kind::Nested),
            (&["voice"], Kind::Nested),
            (&["no", "such", "field"], Kind::Text),
        ] {
            assert_eq!(schema.kind(path), kind, "{path:?}");
        }
    }
}
