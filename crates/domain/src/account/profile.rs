//! The part of a record that only people and dialects read: no rule about who may act depends on it, and no query but search looks into it.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::custom_fields::CustomValues;
use super::merge::Merge;
use super::{Contact, NameServers, Settings};
use crate::limits::NAME_MAX_CHARS;
use crate::patch::Patch;
use crate::value::{
    Country, Currency, DateOfBirth, DeviceType, Extension, Industry, Name, Network, PhoneCountryId, PhoneNumber, PhoneNumberType,
    PostalCode, Social, Tag, Timestamp, Title, WebsiteUrl,
};

/// Person, postal address, phones, preferences, access and name servers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names are those of the domain's vocabulary; the types carry the rules")]
pub struct Profile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Title>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<DateOfBirth>,
    pub address: Address,
    pub voice: Phone,
    pub cell: Cell,
    pub fax: Phone,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buying_currency: Option<Currency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number_type: Option<PhoneNumberType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub social_pages: Option<Social>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub social_info: Option<Social>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub industry: Option<Industry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website_url: Option<WebsiteUrl>,
    pub auto_signup: bool,
    /// From where the account's keys and logins work; empty: from anywhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<Network>,
    pub name_servers: NameServers,
    /// By which its provider groups it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// Whom to turn to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// What its tenant has defined beside all this.
    #[serde(skip_serializing_if = "CustomValues::is_empty")]
    pub custom_fields: CustomValues,
    /// Of a tenant's top provider: what it decides for all of the tenant.
    #[serde(skip_serializing_if = "Settings::is_default")]
    pub settings: Settings,
    /// Of a customer that was merged into another: which, and what that took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merge: Option<Merge>,
    /// When it was erased: since then there is nothing else in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Timestamp>,
}

impl Profile {
    /// The one name under which the account is shown: its organization's, or else its person's.
    pub fn display_name(&self) -> Cow<'_, str> {
        match (&self.organization, &self.first_name, &self.last_name) {
            (Some(name), ..) | (None, Some(name), None) | (None, None, Some(name)) => name.as_str().into(),
            (None, Some(first), Some(last)) => {
                let both = [first.as_str(), " ", last.as_str()].concat();
                // What is shown can be sent back: it is never longer than a name may be.
                both.char_indices().nth(NAME_MAX_CHARS).map_or(both.clone(), |(end, _)| both[..end].to_owned()).into()
            }
            (None, None, None) => "".into(),
        }
    }

    /// Finds the international forms of numbers that are written as they are dialled within the address's country.
    fn settle_phones(&mut self) {
        let country = self.address.country_code.as_ref();
        let contacts = self.contacts.iter_mut().map(|contact| &mut contact.voice);
        for phone in [&mut self.voice, &mut self.cell.phone, &mut self.fax].into_iter().chain(contacts) {
            if let Some(number) = &mut phone.number {
                number.settle(country);
            }
        }
    }
}

/// A postal address in the shape of RFC 5733 `postalInfo`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names are those of RFC 5733; the types carry the rules")]
pub struct Address {
    /// Up to three lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub street: Vec<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_province: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<PostalCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_code: Option<Country>,
}

impl Address {
    /// Whether the postal code may be mistyped: the country's codes have another shape.
    pub fn is_postal_code_doubtful(&self) -> bool {
        match (&self.postal_code, &self.country_code) {
            (Some(code), Some(country)) => !code.is_plausible_in(country),
            _ => false,
        }
    }
}

/// A phone; one with nothing in it is no phone.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names are those of the domain's vocabulary; the types carry the rules")]
pub struct Phone {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<PhoneNumber>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<Extension>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_id: Option<PhoneCountryId>,
}

/// A cell phone.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(from = "FlatCell")]
#[expect(missing_docs, reason = "the names are those of the domain's vocabulary; the types carry the rules")]
pub struct Cell {
    pub phone: Phone,
    pub device_type: Option<DeviceType>,
    /// Whether this phone is the second factor.
    pub two_factor: Option<bool>,
}

/// A cell phone as JSON has it: a phone with two members more. Written out, because serde's `flatten` keeps every member in memory to see who takes it.
#[derive(Deserialize)]
struct FlatCell {
    number: Option<PhoneNumber>,
    extension: Option<Extension>,
    country_id: Option<PhoneCountryId>,
    device_type: Option<DeviceType>,
    two_factor: Option<bool>,
}

impl From<FlatCell> for Cell {
    fn from(FlatCell { number, extension, country_id, device_type, two_factor }: FlatCell) -> Self {
        Self { phone: Phone { number, extension, country_id }, device_type, two_factor }
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { phone: Phone { number, extension, country_id }, device_type, two_factor } = self;
        let mut cell = serializer.serialize_map(None)?;
        if let Some(number) = number {
            cell.serialize_entry("number", number)?;
        }
        if let Some(extension) = extension {
            cell.serialize_entry("extension", extension)?;
        }
        if let Some(country_id) = country_id {
            cell.serialize_entry("country_id", country_id)?;
        }
        if let Some(device_type) = device_type {
            cell.serialize_entry("device_type", device_type)?;
        }
        if let Some(two_factor) = two_factor {
            cell.serialize_entry("two_factor", two_factor)?;
        }
        cell.end()
    }
}

/// What an edit says of a phone, part by part.
#[derive(Debug, Clone, PartialEq, Default)]
#[expect(missing_docs, reason = "as in Phone")]
pub struct PhonePatch {
    pub number: Patch<PhoneNumber>,
    pub extension: Patch<Extension>,
    pub country_id: Patch<PhoneCountryId>,
}

impl PhonePatch {
    fn apply(self, phone: &mut Phone) {
        // Another dialect shows the international form; sent back, it must not take the place of what was written.
        let sent_back = |new: &PhoneNumber| phone.number.as_ref().is_some_and(|old| old.e164().as_deref() == Some(new.as_str()));
        if !self.number.value().is_some_and(sent_back) {
            self.number.apply(&mut phone.number);
        }
        self.extension.apply(&mut phone.extension);
        self.country_id.apply(&mut phone.country_id);
    }
}

/// What an edit says of a profile, field by field. Name servers have a change of their own.
#[derive(Debug, Clone, PartialEq, Default)]
#[expect(missing_docs, reason = "as in Profile")]
pub struct ProfilePatch {
    pub title: Patch<Title>,
    pub first_name: Patch<Name>,
    pub last_name: Patch<Name>,
    pub organization: Patch<Name>,
    /// The name under which the account is shown, [`Profile::display_name`]: it becomes the organization, unless it is what is shown already.
    pub display_name: Option<Name>,
    pub date_of_birth: Patch<DateOfBirth>,
    pub street: Patch<Vec<Name>>,
    pub city: Patch<Name>,
    pub state_province: Patch<Name>,
    pub postal_code: Patch<PostalCode>,
    pub country_code: Patch<Country>,
    pub voice: PhonePatch,
    pub cell: PhonePatch,
    pub cell_device_type: Patch<DeviceType>,
    pub cell_two_factor: Patch<bool>,
    pub fax: PhonePatch,
    pub buying_currency: Patch<Currency>,
    pub phone_number_type: Patch<PhoneNumberType>,
    pub social_pages: Patch<Social>,
    pub social_info: Patch<Social>,
    pub industry: Patch<Industry>,
    pub website_url: Patch<WebsiteUrl>,
    pub auto_signup: Patch<bool>,
    pub allow: Patch<Vec<Network>>,
    pub tags: Patch<Vec<Tag>>,
    pub contacts: Patch<Vec<Contact>>,
}

impl ProfilePatch {
    /// Applies every field that the edit names.
    pub fn apply(self, profile: &mut Profile) {
        self.title.apply(&mut profile.title);
        self.first_name.apply(&mut profile.first_name);
        self.last_name.apply(&mut profile.last_name);
        self.organization.apply(&mut profile.organization);
        self.date_of_birth.apply(&mut profile.date_of_birth);
        self.street.apply_or_default(&mut profile.address.street);
        self.city.apply(&mut profile.address.city);
        self.state_province.apply(&mut profile.address.state_province);
        self.postal_code.apply(&mut profile.address.postal_code);
        self.country_code.apply(&mut profile.address.country_code);
        self.voice.apply(&mut profile.voice);
        self.cell.apply(&mut profile.cell.phone);
        self.cell_device_type.apply(&mut profile.cell.device_type);
        self.cell_two_factor.apply(&mut profile.cell.two_factor);
        self.fax.apply(&mut profile.fax);
        self.buying_currency.apply(&mut profile.buying_currency);
        self.phone_number_type.apply(&mut profile.phone_number_type);
        self.social_pages.apply(&mut profile.social_pages);
        self.social_info.apply(&mut profile.social_info);
        self.industry.apply(&mut profile.industry);
        self.website_url.apply(&mut profile.website_url);
        self.auto_signup.apply_or_default(&mut profile.auto_signup);
        self.allow.apply_or_default(&mut profile.allow);
        self.tags.apply_or_default(&mut profile.tags);
        once_each(&mut profile.tags);
        self.contacts.apply_or_default(&mut profile.contacts);
        if let Some(name) = self.display_name.filter(|name| name.as_str() != profile.display_name()) {
            profile.organization = Some(name);
        }
        profile.settle_phones();
    }
}

/// Leaves of tags that are the same the first, in order.
fn once_each(tags: &mut Vec<Tag>) {
    if tags.len() > 1 {
        tags.sort_by_cached_key(Tag::folded);
        tags.dedup_by_key(|tag| tag.folded());
    }
}
