//! Parameters, by position, in the types that clients send for them.

use tenantry_domain::package::PackageId;
use tenantry_domain::{AccountId, Refusal};
use tenantry_http::json::Tree;
use tenantry_xmlrpc::Value;

use super::Refused;
use crate::error;
use crate::properties::{integer_text, whole};

/// What is left of the parameters.
pub(super) struct Params(std::vec::IntoIter<Value>);

impl Params {
    pub(super) fn new(params: Vec<Value>) -> Self {
        Self(params.into_iter())
    }

    /// The next parameter as a customer's id.
    pub(super) fn customer_id(&mut self) -> Result<AccountId, Refused> {
        self.id("customer", |number| AccountId::try_from(number).ok(), error::no_such_customer)
    }

    /// The next parameter as a package's id.
    pub(super) fn package_id(&mut self) -> Result<PackageId, Refused> {
        self.id("package", |number| PackageId::try_from(number).ok(), error::no_such_package)
    }

    fn id<T>(&mut self, what: &str, parse: fn(i64) -> Option<T>, missing: fn() -> Refusal) -> Result<T, Refused> {
        let number = self.0.next().and_then(|value| integer(&value));
        let number = number.ok_or_else(|| Refused::parameters(format!("The {what}'s id is missing, or is not a whole number")))?;
        // A number that can be no id names nobody.
        parse(number).ok_or_else(|| missing().into())
    }

    /// The next parameter as a struct of properties.
    pub(super) fn properties(&mut self) -> Result<Vec<(String, Tree)>, Refused> {
        match self.0.next() {
            Some(value) => members(value),
            None => Err(Refused::parameters("The struct of properties is missing")),
        }
    }

    /// The next parameter as a struct, where it is there.
    pub(super) fn optional_struct(&mut self) -> Result<Vec<(String, Tree)>, Refused> {
        self.0.next().map_or(Ok(Vec::new()), members)
    }

    /// The next parameter as a text, where it is there; nothing, too, where it is empty.
    pub(super) fn optional_text(&mut self) -> Result<Option<String>, Refused> {
        match self.0.next() {
            None | Some(Value::Nil) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
            Some(value) => match integer(&value) {
                Some(number) => Ok(Some(number.to_string())),
                None => Err(Refused::parameters("A parameter is neither a string nor an int")),
            },
        }
    }

    /// The next parameter as a text that must be there.
    pub(super) fn text(&mut self) -> Result<String, Refused> {
        self.optional_text()?.ok_or_else(|| Refused::parameters("A parameter is missing, or is empty"))
    }

    /// The next parameter as the name of a package. Nothing in its place means none, and so does a nought.
    pub(super) fn package(&mut self) -> Result<String, Refused> {
        if self.0.len() == 0 {
            return Err(Refused::parameters("The package is missing"));
        }
        Ok(self.optional_text()?.unwrap_or_else(|| "0".to_owned()))
    }

    /// Refuses what nobody took.
    pub(super) fn end(mut self) -> Result<(), Refused> {
        if self.0.next().is_some() { Err(Refused::parameters("There are more parameters than this method has")) } else { Ok(()) }
    }
}

/// A value as a whole number. Numeric strings serve as integers, and so do doubles that are whole.
fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::String(text) => integer_text(text).ok(),
        Value::Double(double) => whole(*double),
        _ => None,
    }
}

/// The members of a struct. PHP sends an empty array for a struct without members.
fn members(value: Value) -> Result<Vec<(String, Tree)>, Refused> {
    match value {
        Value::Struct(members) => members.into_iter().map(|(name, value)| Ok((name.into_owned(), tree(value)?))).collect(),
        Value::Array(items) if items.is_empty() => Ok(Vec::new()),
        // PHP's null is an empty string.
        Value::Nil => Ok(Vec::new()),
        Value::String(text) if text.is_empty() => Ok(Vec::new()),
        _ => Err(Refused::parameters("A parameter is not a struct")),
    }
}

/// A value as the properties are read from. Some clients send texts beyond ASCII as base64.
fn tree(value: Value) -> Result<Tree, Refused> {
    Ok(match value {
        Value::Int(number) => Tree::Number(number.into()),
        Value::Boolean(on) => Tree::Bool(on),
        Value::String(text) => Tree::Text(text),
        Value::Double(double) => serde_json::Number::from_f64(double).map_or(Tree::Null, Tree::Number),
        Value::DateTime(time) => Tree::Text(time.to_string()),
        Value::Base64(octets) => {
            Tree::Text(String::from_utf8(octets).map_err(|_| Refused::parameters("A base64 value is not a text in UTF-8"))?)
        }
        Value::Array(items) => Tree::List(items.into_iter().map(tree).collect::<Result<_, _>>()?),
        Value::Struct(members) => {
            Tree::Object(members.into_iter().map(|(name, value)| Ok((name.into_owned(), tree(value)?))).collect::<Result<_, Refused>>()?)
        }
        Value::Nil => Tree::Null,
    })
}

/// A filter's value as a text.
pub(super) fn filter_text(value: Tree) -> Result<String, Refused> {
    match value {
        Tree::Text(text) => Ok(text),
        Tree::Number(number) => Ok(number.to_string()),
        Tree::Null => Ok(String::new()),
        Tree::Bool(on) => Ok(if on { "yes" } else { "no" }.to_owned()),
        Tree::List(_) | Tree::Object(_) => Err(Refused::parameters("A filter's value is neither a string nor an int")),
    }
}
