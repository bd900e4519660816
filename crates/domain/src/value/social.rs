//! Social pages and info: links by network, in whatever JSON shape the caller keeps them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::limits::{SOCIAL_MAX_OCTETS, URL_MAX_CHARS};
use crate::refusal::{Invalid, quoted};

/// A list or an object of texts, kept as given and never fetched. A text that is a link is an `http` or `https` one: a console that shows
/// it must not become a way to run `javascript:`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value")]
pub struct Social(Value);

impl Social {
    /// Takes the value.
    ///
    /// # Errors
    /// Neither a list nor an object, too large, or with a text in it that may not stand there.
    pub fn parse(value: Value) -> Result<Self, Invalid> {
        if !value.is_array() && !value.is_object() {
            return Err(Invalid { code: crate::Code::WrongType, message: "this is a list or an object of texts".into() });
        }
        if value.to_string().len() > SOCIAL_MAX_OCTETS {
            return Err(Invalid::too_long(format!("this has at most {SOCIAL_MAX_OCTETS} octets")));
        }
        check(&value)?;
        Ok(Self(value))
    }

    /// The value as given.
    pub const fn as_value(&self) -> &Value {
        &self.0
    }
}

fn check(value: &Value) -> Result<(), Invalid> {
    match value {
        Value::String(text) => check_text(text),
        Value::Array(items) => items.iter().try_for_each(check),
        Value::Object(members) => members.iter().try_for_each(|(name, member)| {
            check_text(name)?;
            check(member)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn check_text(text: &str) -> Result<(), Invalid> {
    if text.chars().count() > URL_MAX_CHARS {
        return Err(Invalid::too_long(format!("a link has at most {URL_MAX_CHARS} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(Invalid::new("a link must not hold control characters"));
    }
    // RFC 3986 section 3.1. A dot before the colon makes it a host and port ("example.com:80"), not a scheme.
    let scheme = text.trim_start().split_once(':').map(|(scheme, _)| scheme).filter(|scheme| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-'))
    });
    match scheme {
        Some(scheme) if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") => {
            Err(Invalid::new(format!("{} is not an http or https link", quoted(text))))
        }
        _ => Ok(()),
    }
}

impl TryFrom<Value> for Social {
    type Error = Invalid;

    fn try_from(value: Value) -> Result<Self, Invalid> {
        Self::parse(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn links_are_kept_unless_they_could_run() {
        for value in
            [json!([]), json!({}), json!({"facebook": "https://facebook.com/abc"}), json!(["@abc", "example.com:80/x", {"n": ["x"]}])]
        {
            assert_eq!(Social::parse(value.clone()).unwrap().as_value(), &value);
        }
        for value in [
            json!("x"),
            json!(1),
            json!(["javascript:alert(1)"]),
            json!({"a": {"b": " data:text/html,x"}}),
            json!(["a\nb"]),
            json!(["x".repeat(3000)]),
        ] {
            assert!(Social::parse(value.clone()).is_err(), "{value}");
        }
    }
}
