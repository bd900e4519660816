//! Texts of the domain as fields of a body: how each is read, and its schema.

#![expect(clippy::needless_pass_by_value, reason = "every field is read from a text of its own, as secrets have to be")]

use serde_json::{Value, json};
use tenantry_domain::Invalid;
use tenantry_domain::account::{ContactRole, CustomFieldName};
use tenantry_domain::key::Scope;
use tenantry_domain::limits::{
    CUSTOM_FIELD_NAME_MAX_CHARS, EMAIL_MAX_OCTETS, EXTENSION_MAX_CHARS, EXTERNAL_ID_MAX_CHARS, HOST_NAME_MAX_OCTETS,
    IDEMPOTENCY_KEY_MAX_CHARS, IDENTIFIER_MAX_CHARS, NAME_MAX_CHARS, PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS, PHONE_COUNTRY_ID_MAX_DIGITS,
    PHONE_MAX_CHARS, PIN_MAX_DIGITS, PIN_MIN_DIGITS, POSTAL_CODE_MAX_CHARS, REASON_MAX_CHARS, TAG_MAX_CHARS, TITLE_MAX_CHARS,
    URL_MAX_CHARS, WORD_MAX_CHARS,
};
use tenantry_domain::package::Identifier;
use tenantry_domain::quota::IdempotencyKey;
use tenantry_domain::refusal::quoted;
use tenantry_domain::value::{
    CallInPin, Country, Currency, DateOfBirth, DeviceType, Email, Extension, ExternalId, HostName, INDUSTRIES, Industry, Label, Name,
    Network, Password, PhoneCountryId, PhoneNumber, PhoneNumberType, PostalCode, Reason, Tag, Timestamp, Title, WebsiteUrl,
};

/// A value that stands in a body as a text.
pub(crate) trait Text: Sized {
    /// Reads it; `now` is when it was sent.
    fn parse(text: String, now: Timestamp) -> Result<Self, Invalid>;

    /// Its JSON Schema.
    fn schema() -> Value;
}

/// Gives values their place in bodies: the parse function and the schema, whose members stand in braces.
macro_rules! texts {
    ($($name:ty: $parse:expr, $schema:tt;)+) => {
        $(impl Text for $name {
            fn parse(text: String, _now: Timestamp) -> Result<Self, Invalid> {
                $parse(text)
            }

            fn schema() -> Value {
                let mut schema = json!($schema);
                schema["type"] = "string".into();
                schema
            }
        })+
    };
}

texts! {
    Name: Name::parse, { "minLength": 1, "maxLength": NAME_MAX_CHARS };
    Title: Title::parse, { "minLength": 1, "maxLength": TITLE_MAX_CHARS };
    ExternalId: ExternalId::parse, { "minLength": 1, "maxLength": EXTERNAL_ID_MAX_CHARS };
    Email: Email::parse, { "format": "email", "maxLength": EMAIL_MAX_OCTETS };
    Password: Password::parse, { "format": "password", "minLength": PASSWORD_MIN_CHARS, "maxLength": PASSWORD_MAX_CHARS, "writeOnly": true };
    CallInPin: CallInPin::parse, { "pattern": "^[0-9]+$", "minLength": PIN_MIN_DIGITS, "maxLength": PIN_MAX_DIGITS, "writeOnly": true };
    PostalCode: PostalCode::parse, { "minLength": 1, "maxLength": POSTAL_CODE_MAX_CHARS };
    Country: Country::parse, { "pattern": "^[A-Za-z]{2}$", "examples": ["IN"] };
    Currency: Currency::parse, { "pattern": "^[A-Za-z]{3}$", "examples": ["INR"] };
    PhoneNumber: PhoneNumber::parse_as_written, { "minLength": 1, "maxLength": PHONE_MAX_CHARS, "examples": ["+91.2222554254"] };
    Extension: Extension::parse, { "minLength": 1, "maxLength": EXTENSION_MAX_CHARS };
    PhoneCountryId: PhoneCountryId::parse, { "pattern": "^[0-9]+$", "maxLength": PHONE_COUNTRY_ID_MAX_DIGITS };
    DeviceType: DeviceType::parse, { "minLength": 1, "maxLength": WORD_MAX_CHARS };
    PhoneNumberType: PhoneNumberType::parse, { "minLength": 1, "maxLength": WORD_MAX_CHARS, "examples": ["work"] };
    Industry: industry, { "enum": INDUSTRIES };
    WebsiteUrl: WebsiteUrl::parse, { "format": "uri", "maxLength": URL_MAX_CHARS };
    Tag: Tag::parse, { "minLength": 1, "maxLength": TAG_MAX_CHARS, "pattern": "^[^,]+$", "examples": ["vip"] };
    ContactRole: contact_role, { "enum": ContactRole::ALL.map(ContactRole::as_str) };
    CustomFieldName: CustomFieldName::parse, { "pattern": "^[a-z][a-z0-9_]*$", "maxLength": CUSTOM_FIELD_NAME_MAX_CHARS };
    Label: Label::parse, { "minLength": 1, "maxLength": NAME_MAX_CHARS };
    Network: Network::parse, { "examples": ["192.0.2.7", "2001:db8::/32"] };
    HostName: host_name, { "format": "hostname", "maxLength": HOST_NAME_MAX_OCTETS };
    Identifier: Identifier::parse, { "pattern": "^[A-Za-z0-9._-]*[A-Za-z._-][A-Za-z0-9._-]*$", "maxLength": IDENTIFIER_MAX_CHARS };
    IdempotencyKey: idempotency_key, { "pattern": "^[ -~]+$", "minLength": 1, "maxLength": IDEMPOTENCY_KEY_MAX_CHARS };
    Scope: scope, { "enum": Scope::ALL.map(Scope::as_str) };
    Reason: Reason::parse, { "minLength": 1, "maxLength": REASON_MAX_CHARS };
    Timestamp: timestamp, { "format": "date-time" };
    std::net::Ipv4Addr: address, { "format": "ipv4" };
    std::net::Ipv6Addr: address, { "format": "ipv6" };
}

impl Text for DateOfBirth {
    fn parse(text: String, now: Timestamp) -> Result<Self, Invalid> {
        Self::parse(&text, now)
    }

    fn schema() -> Value {
        json!({ "type": "string", "format": "date" })
    }
}

fn contact_role(text: String) -> Result<ContactRole, Invalid> {
    let known = ContactRole::ALL.into_iter().find(|role| role.as_str() == text);
    known.ok_or_else(|| {
        Invalid::new(format!("{} is no role; there are {}", quoted(&text), ContactRole::ALL.map(ContactRole::as_str).join(", ")))
    })
}

fn idempotency_key(text: String) -> Result<IdempotencyKey, Invalid> {
    IdempotencyKey::parse(&text)
}

fn scope(text: String) -> Result<Scope, Invalid> {
    let all = Scope::ALL.map(Scope::as_str);
    let found = Scope::ALL.into_iter().find(|scope| scope.as_str() == text);
    found.ok_or_else(|| Invalid::new(format!("{} is no scope; there are {}", quoted(&text), all.join(", "))))
}

fn host_name(text: String) -> Result<HostName, Invalid> {
    HostName::parse(&text)
}

fn industry(text: String) -> Result<Industry, Invalid> {
    Industry::parse(&text)
}

fn timestamp(text: String) -> Result<Timestamp, Invalid> {
    text.parse().map_err(|_| Invalid::new(format!("{} is no time; write 2030-01-31T00:00:00Z (RFC 3339)", quoted(&text))))
}

fn address<A: std::str::FromStr>(text: String) -> Result<A, Invalid> {
    text.parse().map_err(|_| Invalid::new(format!("{} is no such address", quoted(&text))))
}
