//! The fields of a customer.

use serde_json::{Value, json};
use tenantry_domain::account::name_servers::{Mode as NameServerMode, NameServerChange};
use tenantry_domain::account::profile::PhonePatch;
use tenantry_domain::account::{Contact, ContactRole, CustomFieldsPatch, NameServer, Phone, ProfilePatch};
use tenantry_domain::limits::{
    ALLOW_MAX_NETWORKS, CONTACTS_MAX, CUSTOM_FIELDS_MAX, GLUE_MAX_ADDRESSES, NAME_SERVERS_MAX, QUOTA_MAX, STREET_MAX_LINES, TAGS_MAX,
};
use tenantry_domain::package::{PackageId, PackageRef};
use tenantry_domain::quota::{AllotmentsPatch, Channel, Quota};
use tenantry_domain::value::{CallInPin, Email, ExternalId, HostName, Password, Social};
use tenantry_domain::{AccountId, Fault, Invalid, Patch};

use super::reader::Reader;

/// The largest id: what a JSON number holds exactly.
pub(crate) const ID_MAX: i64 = (1 << 53) - 1;

/// What a body says of a customer.
pub(crate) struct CustomerBody {
    pub(crate) parent_id: Option<AccountId>,
    pub(crate) external_id: Patch<ExternalId>,
    pub(crate) email: Patch<Email>,
    pub(crate) password: Option<Password>,
    pub(crate) call_in_pin: Patch<CallInPin>,
    pub(crate) profile: ProfilePatch,
    pub(crate) name_servers: NameServerChange,
    pub(crate) custom_fields: CustomFieldsPatch,
    pub(crate) allotments: AllotmentsPatch,
    pub(crate) faults: Vec<Fault>,
}

/// Fields that records have and no body sets.
const READ_ONLY: [(&str, &str); 13] = [
    ("id", ""),
    ("tenant_id", ""),
    ("kind", ""),
    ("hash", ""),
    ("version", "; send If-Match to change one version only"),
    ("status", "; use activate, suspend, resume, close and delete"),
    ("holds", "; use suspend and resume"),
    ("activated_at", ""),
    ("ended_at", ""),
    ("erased_at", "; use erase"),
    ("created_at", ""),
    ("updated_at", ""),
    ("postal_code_doubtful", ""),
];

/// Reads a customer. The faults are those of the fields; `Reader::finish` has those of fields that there are not.
pub(crate) fn customer(mut reader: Reader) -> CustomerBody {
    let mut body = fields(&mut reader);
    reader.read_only(&READ_ONLY);
    body.faults = reader.finish();
    body
}

/// The fields, in the order in which they are published.
pub(crate) fn fields(reader: &mut Reader) -> CustomerBody {
    let parent_id = if reader.creates() {
        let about = "The provider below which the customer stands; the caller itself, unless given.";
        reader.integer("parent_id", (1, ID_MAX), about, account_id).value().copied()
    } else {
        reader.read_only(&[("parent_id", "; a customer stays below its provider")]);
        None
    };
    let external_id = reader.text("external_id", "The caller's own id of the customer, unique among its tenant's.");
    let email = reader.text("email", "The login, unique among the tenant's customers that are not deleted.");
    let password = reader.text("password", "The password. It is hashed, and never given back.").value().cloned();
    let call_in_pin = reader.text("call_in_pin", "What the customer says on the phone. It is digested, and never given back.");
    let mut profile = ProfilePatch::default();
    person(reader, &mut profile);
    address(reader, &mut profile);
    phones(reader, &mut profile);
    preferences(reader, &mut profile);
    profile.tags = reader.texts("tags", TAGS_MAX, "By which the provider groups its customers. Case and accents make no difference.");
    profile.contacts = contacts(reader);
    let custom_fields = custom_fields(reader);
    let (name_servers, allotments) = (name_servers(reader), allotments(reader));
    CustomerBody {
        parent_id,
        external_id,
        email,
        password,
        call_in_pin,
        profile,
        name_servers,
        custom_fields,
        allotments,
        faults: Vec::new(),
    }
}

fn person(reader: &mut Reader, profile: &mut ProfilePatch) {
    profile.title = reader.text("title", "What stands before the name.");
    profile.first_name = reader.text("first_name", "The first name.");
    profile.last_name = reader.text("last_name", "The last name.");
    profile.organization = reader.text("organization", "The organization.");
    profile.date_of_birth = reader.text("date_of_birth", "The date of birth.");
}

fn address(reader: &mut Reader, profile: &mut ProfilePatch) {
    profile.street = reader.texts("street", STREET_MAX_LINES, "The lines of the street (RFC 5733).");
    profile.city = reader.text("city", "The city.");
    profile.state_province = reader.text("state_province", "The state or province.");
    profile.postal_code =
        reader.text("postal_code", "The postal code, kept as given. One that its country does not have is marked and kept.");
    profile.country_code = reader.text("country_code", "The country: ISO 3166-1 alpha-2.");
}

fn phones(reader: &mut Reader, profile: &mut ProfilePatch) {
    profile.voice = reader.group("voice", "The phone.", phone);
    let (cell, device_type, two_factor) = reader.group("cell", "The cell phone.", |reader| {
        let phone = phone(reader);
        let device_type = reader.text("device_type", "What kind of device it is.");
        (phone, device_type, reader.switch("two_factor", "Whether it is the second factor."))
    });
    (profile.cell, profile.cell_device_type, profile.cell_two_factor) = (cell, device_type, two_factor);
    profile.fax = reader.group("fax", "The fax.", phone);
}

fn phone(reader: &mut Reader) -> PhonePatch {
    PhonePatch {
        number: reader
            .text("number", "The number, as people write it: of international form, or as it is dialled in the customer's country."),
        extension: reader.text("extension", "The extension."),
        country_id: reader.text("country_id", "The older systems' own number of the country."),
    }
}

fn preferences(reader: &mut Reader, profile: &mut ProfilePatch) {
    profile.buying_currency = reader.text("buying_currency", "The currency in which the customer buys: ISO 4217.");
    profile.phone_number_type = reader.text("phone_number_type", "Which phone the customer prefers.");
    profile.industry = reader.text("industry", "The industry.");
    profile.website_url = reader.text("website_url", "The website: http or https.");
    profile.social_pages = social(reader, "social_pages", "Links to social pages, by network. They are kept, and never fetched.");
    profile.social_info = social(reader, "social_info", "More of the customer's social presence, by network.");
    profile.auto_signup = reader.switch("auto_signup", "Whether a new customer is active at once.");
    profile.allow =
        reader.texts("allow", ALLOW_MAX_NETWORKS, "Addresses and networks from which the customer's own keys work; empty: from anywhere.");
}

fn social(reader: &mut Reader, name: &'static str, about: &str) -> Patch<Social> {
    reader.value(name, || json!({ "type": ["object", "array"] }), about, Social::parse)
}

fn contacts(reader: &mut Reader) -> Patch<Vec<Contact>> {
    reader.groups("contacts", CONTACTS_MAX, "Whom to turn to at the customer, and for what.", contact)
}

fn contact(reader: &mut Reader) -> Contact {
    let roles: Patch<Vec<ContactRole>> = reader.texts("roles", ContactRole::ALL.len(), "What the contact is for.");
    let contact = Contact {
        roles: reader.required("roles", roles).unwrap_or_default(),
        first_name: reader.text("first_name", "The first name.").value().cloned(),
        last_name: reader.text("last_name", "The last name.").value().cloned(),
        organization: reader.text("organization", "The organization or department.").value().cloned(),
        email: reader.text("email", "The e-mail address.").value().cloned(),
        voice: settled(&reader.group("voice", "The phone.", phone)),
    };
    // What is missing where something else is wrong already is not known.
    if reader.is_faulty() || reader.describes() {
        return contact;
    }
    contact.clone().checked().unwrap_or_else(|invalid| {
        reader.fault("roles", invalid);
        contact
    })
}

fn settled(patch: &PhonePatch) -> Phone {
    let PhonePatch { number, extension, country_id } = patch;
    Phone { number: number.value().cloned(), extension: extension.value().cloned(), country_id: country_id.value().cloned() }
}

fn custom_fields(reader: &mut Reader) -> CustomFieldsPatch {
    let about = "What the provider has defined beside all this (`/v1/settings`), by name: a merge, `null` empties.";
    let schema = || json!({ "type": "object", "maxProperties": CUSTOM_FIELDS_MAX, "additionalProperties": { "type": ["string", "number", "boolean", "null"] } });
    reader.value("custom_fields", schema, about, CustomFieldsPatch::parse).value().cloned().unwrap_or_default()
}

fn name_servers(reader: &mut Reader) -> NameServerChange {
    reader.group("name_servers", "Which name servers the customer's domains use.", |reader| {
        let words = [("default", NameServerMode::Default), ("specify", NameServerMode::Specify)];
        let mode = reader.word("mode", &words, "Those of the provider above, or the customer's own.");
        let replace = reader.groups("hosts", NAME_SERVERS_MAX, "The customer's own: 2 to 13.", host);
        NameServerChange {
            // Emptied means the provider's again.
            mode: if mode == Patch::Clear { Some(NameServerMode::Default) } else { mode.value().copied() },
            replace: replace.value().map(|hosts| hosts.iter().flatten().cloned().collect()),
            ..NameServerChange::default()
        }
    })
}

pub(super) fn host(reader: &mut Reader) -> Option<NameServer> {
    let name: Patch<HostName> = reader.text("name", "The host's name.");
    let name = reader.required("name", name);
    let ipv4 = reader.texts("ipv4", GLUE_MAX_ADDRESSES, "IPv4 glue, for a host within a domain that it serves.");
    let ipv6 = reader.texts("ipv6", GLUE_MAX_ADDRESSES, "IPv6 glue.");
    let list = |patch: Patch<Vec<_>>| patch.value().cloned().unwrap_or_default();
    Some(NameServer { name: name?, ipv4: list(ipv4), ipv6: ipv6.value().cloned().unwrap_or_default() })
}

fn allotments(reader: &mut Reader) -> AllotmentsPatch {
    let mut allotments = AllotmentsPatch::default();
    for channel in Channel::ALL {
        let allotment = allotments.of_mut(channel);
        allotment.package =
            reader.value(channel.package_field(), package_schema, "The package of this channel: its id or its identifier.", package);
        let quota = |number| Quota::try_from(number);
        let about = "The prepaid balance of this channel, as it is from now on. Where several change it at a time, use moves of quotas.";
        allotment.quota = reader.integer(channel.quota_field(), (0, i64::from(QUOTA_MAX)), about, quota).value().copied();
    }
    allotments
}

fn package_schema() -> Value {
    json!({ "type": ["integer", "string"], "minimum": 1, "maximum": ID_MAX, "minLength": 1 })
}

fn package(value: Value) -> Result<PackageRef, Invalid> {
    match value {
        Value::Number(number) => {
            let id = number.as_i64().and_then(|id| PackageId::try_from(id).ok());
            id.map(PackageRef::Id).ok_or_else(|| Invalid::new("this is the id of a package, or its identifier"))
        }
        Value::String(text) => PackageRef::parse(&text),
        _ => Err(Invalid { code: tenantry_domain::Code::WrongType, message: "this must be a package's id or identifier".into() }),
    }
}

pub(crate) fn account_id(number: i64) -> Result<AccountId, Invalid> {
    AccountId::try_from(number).map_err(|error| Invalid::new(error.to_string()))
}
