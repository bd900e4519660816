//! A record in the shape that an add takes, without the password and the PIN.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;
use tenantry_domain::account::{Kind, NameServer, Phone};
use tenantry_domain::value::PhoneNumber;
use tenantry_domain::{Account, AccountId};

use crate::words;

/// The record. Texts that are not set are empty, as the documents' example has them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record<'a> {
    id: AccountId,
    r#type: &'static str,
    status: &'static str,
    email: &'a str,
    #[serde(rename = "parentID")]
    parent_id: String,
    auto_signup: u8,
    buying_currency: &'a str,
    allow: Vec<&'a str>,
    #[serde(rename = "allowIPV")]
    allow_ipv: Vec<Ipv4<'a>>,
    social_pages: &'a Value,
    social_info: &'a Value,
    user_info: UserInfo,
    contact_info: ContactInfo<'a>,
    preferences: Preferences<'a>,
    name_server_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_servers: Option<Vec<Host<'a>>>,
    /// In default mode, those that the account follows; never read.
    #[serde(skip_serializing_if = "<[NameServer]>::is_empty", serialize_with = "hosts")]
    default_name_servers: &'a [NameServer],
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct Ipv4<'a> {
    ipv4address: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserInfo {
    date_of_birth: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ContactInfo<'a> {
    postal_info: PostalInfo<'a>,
    voice: PhoneInfo<'a>,
    cell: CellInfo<'a>,
    fax: PhoneInfo<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PostalInfo<'a> {
    first_name: &'a str,
    last_name: &'a str,
    title: &'a str,
    organization: &'a str,
    address: AddressInfo<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AddressInfo<'a> {
    street: Vec<&'a str>,
    city: &'a str,
    postal_code: &'a str,
    state: &'a str,
    country_code: &'a str,
}

#[derive(Serialize)]
struct PhoneInfo<'a> {
    number: Cow<'a, str>,
    countrycode: &'a str,
    ext: &'a str,
}

#[derive(Serialize)]
struct CellInfo<'a> {
    r#type: &'a str,
    number: Cow<'a, str>,
    countrycode: &'a str,
    ext: &'a str,
    #[serde(rename = "2FactorAuth")]
    two_factor: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Preferences<'a> {
    phone_no_type: &'a str,
}

#[derive(Serialize)]
struct Host<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    ipv4address: &'a [std::net::Ipv4Addr],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    ipv6address: &'a [std::net::Ipv6Addr],
}

/// An empty list, which the documents' example sends for "none".
static NONE: Value = Value::Array(Vec::new());

impl<'a> Record<'a> {
    /// The record of an account, with the name servers that it follows in default mode.
    pub(crate) fn of(account: &'a Account, default_name_servers: &'a [NameServer]) -> Self {
        let profile = &account.profile;
        let own = profile.name_servers.own();
        Self {
            id: account.id,
            r#type: if account.kind == Kind::Customer { "customer" } else { "isp" },
            status: words::word(account.status),
            email: account.email.as_ref().map_or("", |email| email.as_str()),
            parent_id: account.parent_id.map(|id| id.to_string()).unwrap_or_default(),
            auto_signup: profile.auto_signup.into(),
            buying_currency: profile.buying_currency.as_ref().map_or("", |currency| currency.as_str()),
            allow: profile.allow.iter().map(|network| network.as_str()).collect(),
            allow_ipv: profile
                .allow
                .iter()
                .filter_map(|network| network.as_ipv4_address())
                .map(|ipv4address| Ipv4 { ipv4address })
                .collect(),
            social_pages: profile.social_pages.as_ref().map_or(&NONE, |social| social.as_value()),
            social_info: profile.social_info.as_ref().map_or(&NONE, |social| social.as_value()),
            user_info: UserInfo { date_of_birth: profile.date_of_birth.map(|date| date.to_string()).unwrap_or_default() },
            contact_info: contact_info(account),
            preferences: Preferences { phone_no_type: profile.phone_number_type.as_ref().map_or("", |kind| kind.as_str()) },
            name_server_type: if own.is_empty() { "default" } else { "specify" },
            name_servers: (!own.is_empty()).then(|| own.iter().map(Host::of).collect()),
            default_name_servers: if own.is_empty() { default_name_servers } else { &[] },
            created_at: account.created_at.to_string(),
            updated_at: account.updated_at.to_string(),
        }
    }
}

fn contact_info(account: &Account) -> ContactInfo<'_> {
    let profile = &account.profile;
    let address = &profile.address;
    let cell = PhoneInfo::of(&profile.cell.phone);
    ContactInfo {
        postal_info: PostalInfo {
            first_name: profile.first_name.as_ref().map_or("", |name| name.as_str()),
            last_name: profile.last_name.as_ref().map_or("", |name| name.as_str()),
            title: profile.title.as_ref().map_or("", |title| title.as_str()),
            organization: profile.organization.as_ref().map_or("", |name| name.as_str()),
            address: AddressInfo {
                street: address.street.iter().map(|line| line.as_str()).collect(),
                city: address.city.as_ref().map_or("", |city| city.as_str()),
                postal_code: address.postal_code.as_ref().map_or("", |code| code.as_str()),
                state: address.state_province.as_ref().map_or("", |state| state.as_str()),
                country_code: address.country_code.as_ref().map_or("", |country| country.as_str()),
            },
        },
        voice: PhoneInfo::of(&profile.voice),
        cell: CellInfo {
            r#type: profile.cell.device_type.as_ref().map_or("", |kind| kind.as_str()),
            number: cell.number,
            countrycode: cell.countrycode,
            ext: cell.ext,
            two_factor: if profile.cell.two_factor == Some(true) { "1" } else { "0" },
        },
        fax: PhoneInfo::of(&profile.fax),
    }
}

impl<'a> PhoneInfo<'a> {
    fn of(phone: &'a Phone) -> Self {
        Self {
            number: phone.number.as_ref().map_or("".into(), number),
            countrycode: phone.country_id.as_ref().map_or("", |id| id.as_str()),
            ext: phone.extension.as_ref().map_or("", |extension| extension.as_str()),
        }
    }
}

/// A number as this dialect takes it: one that was written as it is dialled at home, by another dialect, is shown in its international form.
fn number(number: &PhoneNumber) -> Cow<'_, str> {
    let written = number.as_str();
    if written.starts_with('+') { written.into() } else { number.e164().map_or(written.into(), Cow::Owned) }
}

impl<'a> Host<'a> {
    fn of(server: &'a NameServer) -> Self {
        Self { name: server.name.as_str(), ipv4address: &server.ipv4, ipv6address: &server.ipv6 }
    }
}

fn hosts<S: serde::Serializer>(servers: &[NameServer], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(servers.iter().map(Host::of))
}
