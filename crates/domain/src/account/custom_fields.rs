//! Custom fields: what a tenant's records have beside what every customer has. The tenant defines them once; values are checked against that, and a value that was
//! right when it was set never blocks an edit of something else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Account;
use crate::id::TenantId;
use crate::limits::{CUSTOM_FIELD_NAME_MAX_CHARS, CUSTOM_FIELDS_MAX, NAME_MAX_CHARS};
use crate::refusal::{Code, Fault, Invalid, quoted};
use crate::search::fold;
use crate::value::{Label, Name, Text, through_text};
use crate::working_set::WorkingSet;

/// The name of a custom field: a member of JSON, a column of CSV and a parameter of queries. Lower-case letters, digits and `_`, a letter first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CustomFieldName(Text);

impl CustomFieldName {
    /// Reads a name.
    ///
    /// # Errors
    /// It is no such name.
    pub fn parse(text: impl Into<Text>) -> Result<Self, Invalid> {
        let text = text.into();
        let has_form = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            && text.len() <= CUSTOM_FIELD_NAME_MAX_CHARS;
        if has_form {
            return Ok(Self(text));
        }
        let form = format!("write 1 to {CUSTOM_FIELD_NAME_MAX_CHARS} lower-case letters, digits and _, a letter first");
        Err(Invalid::new(format!("{} is no name of a field; {form}", quoted(&text))))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

through_text!(CustomFieldName);

/// What a custom field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomFieldType {
    /// A text of 1 to 255 characters.
    Text,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A calendar date (ISO 8601).
    Date,
}

impl CustomFieldType {
    /// Every type.
    pub const ALL: [Self; 4] = [Self::Text, Self::Number, Self::Boolean, Self::Date];

    /// The word that stands for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
        }
    }

    /// What a text means where everything is a text, as in CSV; one that cannot be such a value stays a text, and is found faulty as one.
    pub fn of_text(self, text: String) -> Value {
        match self {
            Self::Number => text.trim().parse::<serde_json::Number>().map_or(Value::String(text), Value::Number),
            Self::Boolean if text.trim().eq_ignore_ascii_case("true") => Value::Bool(true),
            Self::Boolean if text.trim().eq_ignore_ascii_case("false") => Value::Bool(false),
            Self::Text | Self::Boolean | Self::Date => Value::String(text),
        }
    }

    /// Checks a value.
    fn check(self, value: &Value) -> Result<(), Invalid> {
        let wrong = |wanted| Err(Invalid { code: Code::WrongType, message: format!("this must be {wanted}").into() });
        match (self, value) {
            (Self::Text, Value::String(text)) => Name::parse(text.as_str()).map(drop),
            (Self::Number, Value::Number(_)) | (Self::Boolean, Value::Bool(_)) => Ok(()),
            (Self::Date, Value::String(text)) if text.len() == "2030-01-31".len() && text.parse::<jiff::civil::Date>().is_ok() => Ok(()),
            (Self::Date, Value::String(text)) => Err(Invalid::new(format!("{} is no date; write 2030-01-31 (ISO 8601)", quoted(text)))),
            (Self::Text, _) => wrong("a text"),
            (Self::Number, _) => wrong("a number"),
            (Self::Boolean, _) => wrong("true or false"),
            (Self::Date, _) => wrong("a date as a text"),
        }
    }
}

/// The definition of a custom field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomField {
    /// Its name.
    pub name: CustomFieldName,
    /// What it holds.
    pub r#type: CustomFieldType,
    /// What staff are shown for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// Whether a customer that is made over `/v1` must have it. The older dialects, which cannot send it, are let through.
    #[serde(default)]
    pub required: bool,
    /// Whether no two customers that are not deleted have the same value.
    #[serde(default)]
    pub unique: bool,
    /// Whether its value is found by a search.
    #[serde(default)]
    pub searchable: bool,
}

/// A value, with what its field's definition said when it was set: what follows from a record follows from the record alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustomValue {
    /// A JSON scalar.
    pub value: Value,
    /// No other customer that is not deleted has it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unique: bool,
    /// It is found by a search.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub searchable: bool,
}

/// The values of a record, by name.
pub type CustomValues = BTreeMap<CustomFieldName, CustomValue>;

/// What an edit says of custom fields: a merge, `null` empties.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CustomFieldsPatch(BTreeMap<String, Value>);

impl CustomFieldsPatch {
    /// Takes an object of scalars. Whether they fit is told once the definitions are known.
    ///
    /// # Errors
    /// It is no object, or has too many members.
    pub fn parse(value: Value) -> Result<Self, Invalid> {
        let Value::Object(members) = value else {
            return Err(Invalid { code: Code::WrongType, message: "this must be an object".into() });
        };
        if members.len() > CUSTOM_FIELDS_MAX {
            return Err(Invalid::too_long(format!("there are at most {CUSTOM_FIELDS_MAX} custom fields")));
        }
        Ok(Self(members.into_iter().collect()))
    }

    /// Whether it names anything.
    pub fn is_named(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether it sets the field at this place.
    pub(crate) fn names(&self, place: &str) -> bool {
        place.strip_prefix("custom_fields.").is_some_and(|name| self.0.get(name).is_some_and(|value| !value.is_null()))
    }

    /// What it sets, in the form in which values are looked up: the name of the index, and the value.
    pub(crate) fn indexed(&self) -> impl Iterator<Item = (String, String)> {
        let set = self.0.iter().filter(|(_, value)| is_scalar(value));
        set.map(|(name, value)| (index_name(name), index_value(value)))
    }

    /// The values after the edit.
    ///
    /// # Errors
    /// Every field that there is not, of another type, or that cannot be emptied.
    pub(crate) fn apply(&self, before: &CustomValues, defined: &[CustomField]) -> Result<CustomValues, Vec<Fault>> {
        let (mut values, mut faults) = (before.clone(), Vec::new());
        for (name, value) in &self.0 {
            let definition = defined.iter().find(|field| field.name.as_str() == name);
            if let Err(invalid) = put(&mut values, name, value, definition, defined) {
                faults.push(invalid.at(place(name)));
            }
        }
        if faults.is_empty() { Ok(values) } else { Err(faults) }
    }

    /// What is wrong with it for a record of this tenant that has these values.
    pub(crate) fn faults(&self, before: &CustomValues, tenant_id: TenantId, own: Option<crate::AccountId>, set: &WorkingSet) -> Vec<Fault> {
        if !self.is_named() {
            return Vec::new();
        }
        match self.apply(before, set.custom_fields(tenant_id)) {
            Err(faults) => faults,
            Ok(values) => taken(values.iter().filter(|(name, value)| before.get(*name) != Some(*value)), tenant_id, own, set),
        }
    }
}

fn put(
    values: &mut CustomValues,
    name: &str,
    value: &Value,
    definition: Option<&CustomField>,
    defined: &[CustomField],
) -> Result<(), Invalid> {
    match (definition, value) {
        // What is left of a field that is no longer defined can be emptied.
        (None, Value::Null) if CustomFieldName::parse(name).is_ok_and(|name| values.remove(&name).is_some()) => Ok(()),
        (None, _) => {
            let known: Vec<&str> = defined.iter().map(|field| field.name.as_str()).collect();
            let known = if known.is_empty() { "none is defined".to_owned() } else { format!("there are {}", known.join(", ")) };
            Err(Invalid { code: Code::UnknownField, message: format!("there is no such custom field; {known}").into() })
        }
        (Some(field), Value::Null) if field.required => Err(Invalid::required("this field is required and cannot be emptied")),
        (Some(field), Value::Null) => {
            values.remove(&field.name);
            Ok(())
        }
        (Some(field), value) => {
            field.r#type.check(value)?;
            let value = CustomValue { value: value.clone(), unique: field.unique, searchable: field.searchable };
            values.insert(field.name.clone(), value);
            Ok(())
        }
    }
}

/// The fields that a new record must have and has not.
pub(crate) fn missing(values: &CustomValues, defined: &[CustomField]) -> Vec<Fault> {
    let lacking = defined.iter().filter(|field| field.required && !values.contains_key(&field.name));
    lacking.map(|field| Fault::new(place(field.name.as_str()), Code::Required, "this field is required")).collect()
}

/// The unique values among these that another record has.
pub(crate) fn taken<'a>(
    values: impl Iterator<Item = (&'a CustomFieldName, &'a CustomValue)>,
    tenant_id: TenantId,
    own: Option<crate::AccountId>,
    set: &WorkingSet,
) -> Vec<Fault> {
    let owner = |name: &CustomFieldName, value: &CustomValue| {
        set.value_owner(tenant_id, &index_name(name.as_str()), &index_value(&value.value)).filter(|owner| Some(*owner) != own)
    };
    let faults = values.filter(|(_, value)| value.unique).filter_map(|(name, value)| {
        let owner = owner(name, value)?;
        Some(Fault { existing_id: Some(owner), ..Fault::new(place(name.as_str()), Code::Taken, "another account has this value") })
    });
    faults.collect()
}

fn place(name: &str) -> String {
    let cut: String = name.chars().take(CUSTOM_FIELD_NAME_MAX_CHARS).collect();
    ["custom_fields.", &cut].concat()
}

const fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_))
}

/// Under which name values of a custom field are looked up.
pub fn index_name(field: &str) -> String {
    ["custom_fields.", field].concat()
}

/// The form of a value in which it is looked up and compared: texts folded and cut to what an index entry may take.
fn index_value(value: &Value) -> String {
    match value {
        Value::String(text) => fold_value(text),
        other => other.to_string(),
    }
}

/// A text in the form in which values are looked up.
pub fn fold_value(text: &str) -> String {
    fold(text.trim()).chars().take(NAME_MAX_CHARS).collect()
}

/// A value by which accounts are listed, and which may be one account's alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexedValue {
    /// `tag`, or `custom_fields.` and a name.
    pub name: String,
    /// The value, folded.
    pub value: String,
    /// No other account may have it.
    pub unique: bool,
}

/// Under which name tags are looked up.
pub const TAG_INDEX: &str = "tag";

impl Account {
    /// The values by which the account is listed, in order.
    pub fn indexed_values(&self) -> Vec<IndexedValue> {
        let live = self.status != super::Status::Deleted;
        let tags = self.profile.tags.iter().map(|tag| IndexedValue { name: TAG_INDEX.to_owned(), value: tag.folded(), unique: false });
        let custom = self.profile.custom_fields.iter().map(|(name, value)| IndexedValue {
            name: index_name(name.as_str()),
            value: index_value(&value.value),
            unique: value.unique && live,
        });
        let mut all: Vec<IndexedValue> = tags.chain(custom).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether two states of the account have the same of these: told from the fields alone.
    pub fn is_indexed_alike(&self, other: &Self) -> bool {
        let deleted = |account: &Self| account.status == super::Status::Deleted;
        self.profile.tags == other.profile.tags
            && self.profile.custom_fields == other.profile.custom_fields
            && (self.profile.custom_fields.is_empty() || deleted(self) == deleted(other))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(name: &str, r#type: CustomFieldType, required: bool) -> CustomField {
        CustomField { name: CustomFieldName::parse(name).unwrap(), r#type, label: None, required, unique: false, searchable: false }
    }

    fn defined() -> Vec<CustomField> {
        vec![
            field("vat_id", CustomFieldType::Text, true),
            field("seats", CustomFieldType::Number, false),
            field("vip", CustomFieldType::Boolean, false),
            field("since", CustomFieldType::Date, false),
        ]
    }

    #[test]
    fn values_fit_their_fields_or_are_named() {
        let apply = |value: Value| CustomFieldsPatch::parse(value).unwrap().apply(&CustomValues::new(), &defined());
        let right = json!({"vat_id": "DE123", "seats": 2.5, "vip": false, "since": "2026-02-28"});
        assert_eq!(apply(right).unwrap().len(), 4);
        let wrong = json!({"vat_id": null, "seats": "2", "vip": 1, "since": "2026-02-30", "color": "red", "x": [1]});
        let faults = apply(wrong).unwrap_err();
        let told: Vec<(&str, Code)> = faults.iter().map(|fault| (fault.field.as_str(), fault.code)).collect();
        assert_eq!(
            told,
            [
                ("custom_fields.color", Code::UnknownField),
                ("custom_fields.seats", Code::WrongType),
                ("custom_fields.since", Code::Invalid),
                ("custom_fields.vat_id", Code::Required),
                ("custom_fields.vip", Code::WrongType),
                ("custom_fields.x", Code::UnknownField),
            ]
        );
        assert!(CustomFieldsPatch::parse(json!([])).is_err());
        assert_eq!(missing(&CustomValues::new(), &defined()).len(), 1);
    }

    #[test]
    fn a_field_that_is_gone_can_be_emptied() {
        let before = CustomFieldsPatch::parse(json!({"seats": 1})).unwrap().apply(&CustomValues::new(), &defined()).unwrap();
        let empty = CustomFieldsPatch::parse(json!({"seats": null})).unwrap();
        assert!(empty.apply(&before, &[]).unwrap().is_empty());
        assert!(empty.apply(&CustomValues::new(), &[]).is_err());
    }

    #[test]
    fn names_of_fields() {
        for text in ["", "A", "1a", "a-b", "ä", "_a", &"a".repeat(65)] {
            assert!(CustomFieldName::parse(text).is_err(), "{text}");
        }
        assert_eq!(CustomFieldName::parse("vat_id2").unwrap().as_str(), "vat_id2");
    }
}
