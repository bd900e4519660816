//! What changed between two states of an account, field by field, for its event.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::Account;
use super::custom_fields::CustomValues;
use crate::event::FieldChange;
use crate::quota::{Channel, Quota};

/// The changed fields with their old and new values. A secret is named; its values are never written.
pub fn changes(before: Option<&Account>, after: &Account) -> Vec<FieldChange> {
    let mut out = Vec::new();
    /// Compares one field; the path is that of the domain's vocabulary.
    macro_rules! field {
        ($name:literal, $($path:tt)+) => {
            let old = before.map(|account| &account.$($path)+);
            if old != Some(&after.$($path)+) {
                push(&mut out, $name, old, &after.$($path)+);
            }
        };
    }
    field!("status", status);
    field!("holds", holds);
    field!("email", email);
    field!("external_id", external_id);
    for channel in Channel::ALL {
        let (old, new) = (before.map(|account| account.allotments.of(channel)), after.allotments.of(channel));
        push(&mut out, channel.package_field(), old.map(|old| &old.package_id), &new.package_id);
        push(&mut out, channel.quota_field(), Some(&old.map_or(Quota::ZERO, |old| old.quota)), &new.quota);
    }
    field!("title", profile.title);
    field!("first_name", profile.first_name);
    field!("last_name", profile.last_name);
    field!("organization", profile.organization);
    field!("date_of_birth", profile.date_of_birth);
    field!("street", profile.address.street);
    field!("city", profile.address.city);
    field!("state_province", profile.address.state_province);
    field!("postal_code", profile.address.postal_code);
    field!("country_code", profile.address.country_code);
    field!("voice", profile.voice);
    field!("cell", profile.cell);
    field!("fax", profile.fax);
    field!("buying_currency", profile.buying_currency);
    field!("phone_number_type", profile.phone_number_type);
    field!("social_pages", profile.social_pages);
    field!("social_info", profile.social_info);
    field!("industry", profile.industry);
    field!("website_url", profile.website_url);
    field!("auto_signup", profile.auto_signup);
    field!("allow", profile.allow);
    field!("name_servers", profile.name_servers);
    field!("merge", profile.merge);
    field!("tags", profile.tags);
    field!("contacts", profile.contacts);
    field!("settings", profile.settings);
    let values = |account: &Account| plain(&account.profile.custom_fields);
    push(&mut out, "custom_fields", before.map(values).as_ref().or(Some(&BTreeMap::new())), &values(after));
    for (name, differs) in [
        ("password", before.is_none_or(|b| b.password_hash != after.password_hash) && after.password_hash.is_some()),
        ("call_in_pin", before.map_or_else(|| after.call_in_pin.is_some(), |b| b.call_in_pin != after.call_in_pin)),
    ] {
        if differs {
            out.push(FieldChange { field: name, old: Value::Null, new: Value::Null });
        }
    }
    out
}

/// Custom fields as they are shown.
fn plain(values: &CustomValues) -> BTreeMap<String, Value> {
    values.iter().map(|(name, value)| (name.as_str().to_owned(), value.value.clone())).collect()
}

fn push<T: Serialize>(out: &mut Vec<FieldChange>, field: &'static str, old: Option<&T>, new: &T) {
    let value = |value: Option<&T>| value.and_then(|value| serde_json::to_value(value).ok()).unwrap_or(Value::Null);
    let (old, new) = (value(old), value(Some(new)));
    // A new record says nothing of what it does not have.
    if old != new {
        out.push(FieldChange { field, old, new });
    }
}
