//! A customer as it is shown. What is not set is null, so that every field is there whenever a record is read.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use tenantry_domain::account::{Contact, Hold, NameServer, Phone};
use tenantry_domain::quota::Channel;
use tenantry_domain::{Account, AccountId};
use utoipa::ToSchema;

/// A customer, or a provider: both are accounts.
#[derive(Serialize, ToSchema)]
pub(crate) struct Customer<'a> {
    /// The id; never used twice.
    #[schema(value_type = i64, minimum = 0)]
    id: AccountId,
    /// What kind of party it is.
    #[schema(pattern = "^(operator|provider|customer)$")]
    kind: &'static str,
    /// The party above it.
    #[schema(value_type = Option<i64>)]
    parent_id: Option<AccountId>,
    /// The caller's own id of it.
    external_id: Option<&'a str>,
    /// Its second name, made by the system; it never changes.
    hash: &'a str,
    /// Where it is in its life.
    #[schema(pattern = "^(pending|active|suspended|closed|deleted)$")]
    status: &'static str,
    /// Who holds it suspended.
    holds: Vec<ShownHold<'a>>,
    /// The login.
    email: Option<&'a str>,
    /// Whether there is a password.
    has_password: bool,
    /// Whether there is a call-in PIN.
    has_call_in_pin: bool,
    /// What stands before the name.
    title: Option<&'a str>,
    /// The first name.
    first_name: Option<&'a str>,
    /// The last name.
    last_name: Option<&'a str>,
    /// The organization.
    organization: Option<&'a str>,
    /// The date of birth.
    #[schema(format = "date")]
    date_of_birth: Option<String>,
    /// The lines of the street.
    street: Vec<&'a str>,
    /// The city.
    city: Option<&'a str>,
    /// The state or province.
    state_province: Option<&'a str>,
    /// The postal code, as it was given.
    postal_code: Option<&'a str>,
    /// Whether the postal code has another shape than those of its country.
    postal_code_doubtful: bool,
    /// The country: ISO 3166-1 alpha-2.
    country_code: Option<&'a str>,
    /// The phone.
    voice: ShownPhone<'a>,
    /// The cell phone.
    cell: ShownCell<'a>,
    /// The fax.
    fax: ShownPhone<'a>,
    /// The currency in which it buys: ISO 4217.
    buying_currency: Option<&'a str>,
    /// Which phone it prefers.
    phone_number_type: Option<&'a str>,
    /// The industry.
    industry: Option<&'a str>,
    /// The website.
    website_url: Option<&'a str>,
    /// Links to social pages, as they were given.
    social_pages: Option<&'a Value>,
    /// More of its social presence, as it was given.
    social_info: Option<&'a Value>,
    /// Whether it was to be active at once.
    auto_signup: bool,
    /// From where its own keys work; empty: from anywhere.
    allow: Vec<&'a str>,
    /// Which name servers its domains use.
    name_servers: ShownNameServers<'a>,
    /// By which its provider groups it.
    tags: Vec<&'a str>,
    /// Whom to turn to.
    contacts: Vec<ShownContact<'a>>,
    /// What its provider has defined beside all this, by name.
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    custom_fields: BTreeMap<&'a str, &'a Value>,
    /// Its package of messages by e-mail.
    email_package_id: Option<i64>,
    /// Its package of short messages.
    sms_package_id: Option<i64>,
    /// Its package of transactions.
    transactions_package_id: Option<i64>,
    /// Its prepaid balance of messages by e-mail.
    email_quota: i64,
    /// Its prepaid balance of short messages.
    sms_quota: i64,
    /// Its prepaid balance of transactions.
    transactions_quota: i64,
    /// When it was first activated.
    #[schema(format = "date-time")]
    activated_at: Option<String>,
    /// When it was closed or deleted, while it is.
    #[schema(format = "date-time")]
    ended_at: Option<String>,
    /// When it was erased: nothing else is left of it then.
    #[schema(format = "date-time")]
    erased_at: Option<String>,
    /// When it was made.
    #[schema(format = "date-time")]
    created_at: String,
    /// When it last changed.
    #[schema(format = "date-time")]
    updated_at: String,
    /// 1 when it was made, one more with every change; the `ETag` is made of it.
    #[schema(minimum = 1)]
    version: i64,
}

/// Why it is suspended.
#[derive(Serialize, ToSchema)]
#[schema(as = Hold)]
struct ShownHold<'a> {
    /// Whose it is.
    #[schema(pattern = "^(billing|abuse|legal|provider|customer)$")]
    owner: &'static str,
    /// Why, for staff.
    reason: Option<&'a str>,
    /// Since when it stands.
    #[schema(format = "date-time")]
    since: String,
    /// When it ends by itself.
    #[schema(format = "date-time")]
    until: Option<String>,
}

/// A phone; one with nothing in it is no phone.
#[derive(Serialize, ToSchema)]
#[schema(as = Phone)]
struct ShownPhone<'a> {
    /// The number, as it was given.
    number: Option<&'a str>,
    /// The number in E.164 form, where it is known.
    e164: Option<String>,
    /// Whether a numbering plan could assign it.
    plausible: Option<bool>,
    /// The extension.
    extension: Option<&'a str>,
    /// The older systems' own number of the country.
    country_id: Option<&'a str>,
}

/// A cell phone.
#[derive(Serialize, ToSchema)]
#[schema(as = Cell)]
struct ShownCell<'a> {
    /// The number, as it was given.
    number: Option<&'a str>,
    /// The number in E.164 form, where it is known.
    e164: Option<String>,
    /// Whether a numbering plan could assign it.
    plausible: Option<bool>,
    /// The extension.
    extension: Option<&'a str>,
    /// The older systems' own number of the country.
    country_id: Option<&'a str>,
    /// What kind of device it is.
    device_type: Option<&'a str>,
    /// Whether it is the second factor.
    two_factor: Option<bool>,
}

/// Whom to turn to.
#[derive(Serialize, ToSchema)]
#[schema(as = Contact)]
struct ShownContact<'a> {
    /// What the contact is for.
    roles: Vec<&'static str>,
    /// The first name.
    first_name: Option<&'a str>,
    /// The last name.
    last_name: Option<&'a str>,
    /// The organization or department.
    organization: Option<&'a str>,
    /// The e-mail address.
    email: Option<&'a str>,
    /// The phone.
    voice: ShownPhone<'a>,
}

/// Name servers.
#[derive(Serialize, ToSchema)]
#[schema(as = NameServers)]
struct ShownNameServers<'a> {
    /// `default`: those of the provider above; `specify`: its own.
    #[schema(pattern = "^(default|specify)$")]
    mode: &'static str,
    /// Its own; none in default mode.
    #[schema(value_type = Vec<ShownHost>)]
    hosts: &'a [NameServer],
}

/// One name server: the shape in which the domain writes it, for the schema.
#[derive(Serialize, ToSchema)]
#[schema(as = NameServer)]
struct ShownHost {
    /// Its host name.
    name: String,
    /// IPv4 glue; absent where there is none.
    #[schema(required = false)]
    ipv4: Vec<String>,
    /// IPv6 glue; absent where there is none.
    #[schema(required = false)]
    ipv6: Vec<String>,
}

/// The text of a value that may not be there.
macro_rules! text {
    ($value:expr) => {
        $value.as_ref().map(|value| value.as_str())
    };
}

impl<'a> Customer<'a> {
    /// The record of an account.
    pub(crate) fn of(account: &'a Account) -> Self {
        let profile = &account.profile;
        let address = &profile.address;
        let package = |channel| account.allotments.of(channel).package_id.map(|id| id.get());
        let quota = |channel| account.allotments.of(channel).quota.get();
        Self {
            id: account.id,
            kind: account.kind.as_str(),
            parent_id: account.parent_id,
            external_id: text!(account.external_id),
            hash: account.hash.as_str(),
            status: account.status.as_str(),
            holds: account.holds.iter().map(ShownHold::of).collect(),
            email: text!(account.email),
            has_password: account.password_hash.is_some(),
            has_call_in_pin: account.call_in_pin.is_some(),
            title: text!(profile.title),
            first_name: text!(profile.first_name),
            last_name: text!(profile.last_name),
            organization: text!(profile.organization),
            date_of_birth: profile.date_of_birth.map(|date| date.to_string()),
            street: address.street.iter().map(|line| line.as_str()).collect(),
            city: text!(address.city),
            state_province: text!(address.state_province),
            postal_code: text!(address.postal_code),
            postal_code_doubtful: address.is_postal_code_doubtful(),
            country_code: text!(address.country_code),
            voice: ShownPhone::of(&profile.voice),
            cell: ShownCell::of(account),
            fax: ShownPhone::of(&profile.fax),
            buying_currency: text!(profile.buying_currency),
            phone_number_type: text!(profile.phone_number_type),
            industry: text!(profile.industry),
            website_url: text!(profile.website_url),
            social_pages: profile.social_pages.as_ref().map(|social| social.as_value()),
            social_info: profile.social_info.as_ref().map(|social| social.as_value()),
            auto_signup: profile.auto_signup,
            allow: profile.allow.iter().map(|network| network.as_str()).collect(),
            name_servers: ShownNameServers::of(account),
            tags: profile.tags.iter().map(|tag| tag.as_str()).collect(),
            contacts: profile.contacts.iter().map(ShownContact::of).collect(),
            custom_fields: profile.custom_fields.iter().map(|(name, custom)| (name.as_str(), &custom.value)).collect(),
            email_package_id: package(Channel::Email),
            sms_package_id: package(Channel::Sms),
            transactions_package_id: package(Channel::Transactions),
            email_quota: quota(Channel::Email),
            sms_quota: quota(Channel::Sms),
            transactions_quota: quota(Channel::Transactions),
            activated_at: account.activated_at.map(|at| at.to_string()),
            ended_at: account.ended_at.map(|at| at.to_string()),
            erased_at: profile.erased_at.map(|at| at.to_string()),
            created_at: account.created_at.to_string(),
            updated_at: account.updated_at.to_string(),
            version: account.version,
        }
    }
}

impl<'a> ShownHold<'a> {
    fn of(hold: &'a Hold) -> Self {
        Self {
            owner: hold.owner.as_str(),
            reason: text!(hold.reason),
            since: hold.since.to_string(),
            until: hold.until.map(|until| until.to_string()),
        }
    }
}

impl<'a> ShownContact<'a> {
    fn of(contact: &'a Contact) -> Self {
        Self {
            roles: contact.roles.iter().map(|role| role.as_str()).collect(),
            first_name: text!(contact.first_name),
            last_name: text!(contact.last_name),
            organization: text!(contact.organization),
            email: text!(contact.email),
            voice: ShownPhone::of(&contact.voice),
        }
    }
}

impl<'a> ShownPhone<'a> {
    fn of(phone: &'a Phone) -> Self {
        Self {
            number: text!(phone.number),
            e164: phone.number.as_ref().and_then(|number| number.e164()),
            plausible: phone.number.as_ref().map(|number| number.is_plausible()),
            extension: text!(phone.extension),
            country_id: text!(phone.country_id),
        }
    }
}

impl<'a> ShownCell<'a> {
    fn of(account: &'a Account) -> Self {
        let cell = &account.profile.cell;
        let ShownPhone { number, e164, plausible, extension, country_id } = ShownPhone::of(&cell.phone);
        Self { number, e164, plausible, extension, country_id, device_type: text!(cell.device_type), two_factor: cell.two_factor }
    }
}

impl<'a> ShownNameServers<'a> {
    fn of(account: &'a Account) -> Self {
        let hosts = account.profile.name_servers.own();
        Self { mode: if hosts.is_empty() { "default" } else { "specify" }, hosts }
    }
}
