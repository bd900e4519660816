//! How much memory a record takes, near enough for a cache to keep its budget by: a record with every list full is a hundred times a common one.

use serde_json::Value;

use super::custom_fields::CustomValue;
use super::{Account, Contact, CustomField, CustomFieldName, Hold, NameServer, Profile};
use crate::id::AccountId;
use crate::value::{Network, Tag, Text};

/// What an allocation takes beside its content, in octets: the allocator's rounding up.
const ALLOCATION_OCTETS: usize = 16;

impl Account {
    /// The octets of memory that the record takes.
    pub fn memory_octets(&self) -> usize {
        let secrets = [self.password_hash.as_ref().map(|hash| hash.expose()), self.call_in_pin.as_ref().map(|pin| pin.expose())];
        let ids = [self.email.as_ref().map(|email| email.as_str()), self.external_id.as_ref().map(|id| id.as_str())];
        // Secrets are kept where they can be wiped, however short they are.
        let secrets: usize = secrets.into_iter().flatten().map(|secret| ALLOCATION_OCTETS + secret.len()).sum();
        let ids: usize = ids.into_iter().flatten().map(text).sum();
        let lists = list::<AccountId>(self.ancestors.len()) + list::<Hold>(self.holds.len());
        size_of::<Self>() + lists + secrets + ids + profile(&self.profile)
    }
}

fn profile(profile: &Profile) -> usize {
    let address = &profile.address;
    let website = profile.website_url.iter().map(|url| text(url.as_str()));
    let names = [&profile.first_name, &profile.last_name, &profile.organization, &address.city, &address.state_province];
    let names = names.into_iter().flatten().chain(&address.street).map(|name| text(name.as_str()));
    let numbers = [&profile.voice, &profile.cell.phone, &profile.fax].into_iter().filter_map(|phone| phone.number.as_ref());
    let social = [&profile.social_pages, &profile.social_info].into_iter().flatten().map(|social| value(social.as_value()));
    let hosts = profile
        .name_servers
        .own()
        .iter()
        .map(|host| text(host.name.as_str()) + list::<u32>(host.ipv4.len()) + list::<u128>(host.ipv6.len()));
    let tags = profile.tags.iter().map(|tag| text(tag.as_str()));
    let contacts = profile
        .contacts
        .iter()
        .map(|contact| contact.names().map(text).sum::<usize>() + contact.email.iter().map(|email| text(email.as_str())).sum::<usize>());
    let custom = profile.custom_fields.iter().map(|(name, custom)| text(name.as_str()) + value(&custom.value));
    let defined = profile.settings.custom_fields.len();
    let merge = profile.merge.as_ref().map_or(0, |merge| merge.taken.iter().map(|name| ALLOCATION_OCTETS + name.len()).sum());
    let merge: usize = merge;
    merge
        + list::<Text>(address.street.len())
        + list::<Tag>(profile.tags.len())
        + list::<Contact>(profile.contacts.len())
        + list::<(CustomFieldName, CustomValue)>(profile.custom_fields.len())
        + list::<CustomField>(defined)
        + tags.chain(contacts).chain(custom).sum::<usize>()
        + list::<Network>(profile.allow.len())
        + list::<NameServer>(profile.name_servers.own().len())
        + names.chain(numbers.map(|number| text(number.as_str()))).chain(social).chain(hosts).chain(website).sum::<usize>()
}

/// What a list takes beside the value that holds it.
const fn list<T>(length: usize) -> usize {
    if length == 0 { 0 } else { ALLOCATION_OCTETS + length * size_of::<T>() }
}

/// What a text takes beside the value that holds it: a short one nothing.
const fn text(text: &str) -> usize {
    if text.len() <= size_of::<Text>() { 0 } else { ALLOCATION_OCTETS + text.len() }
}

/// What a JSON value takes beside the value itself.
fn value(json: &Value) -> usize {
    match json {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => ALLOCATION_OCTETS + text.len(),
        Value::Array(items) => list::<Value>(items.len()) + items.iter().map(value).sum::<usize>(),
        Value::Object(members) => {
            members.iter().map(|(name, member)| ALLOCATION_OCTETS + name.len() + list::<(String, Value)>(2) + value(member)).sum()
        }
    }
}
