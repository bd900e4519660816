//! The properties of a customer.

use tenantry_domain::account::{Goal, ProfilePatch};
use tenantry_domain::limits::STREET_MAX_LINES;
use tenantry_domain::package::PackageRef;
use tenantry_domain::quota::{AllotmentsPatch, Channel, Quota};
use tenantry_domain::refusal::quoted;
use tenantry_domain::value::{Country, Email, ExternalId, Industry, Name, PhoneNumber, PostalCode, WebsiteUrl};
use tenantry_domain::{Fault, Invalid, Patch};
use tenantry_http::json::Tree;

use super::claim::Claim;
use super::read::{Reader, claimed, integer_text, text, with_whole};
use super::words;

/// Whether properties make a customer or change one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Create,
    Update,
}

/// What properties say, parsed; with what is wrong in them.
#[derive(Default)]
pub(crate) struct CustomerDraft {
    pub(crate) email: Option<Email>,
    pub(crate) external_id: Patch<ExternalId>,
    pub(crate) profile: ProfilePatch,
    pub(crate) allotments: AllotmentsPatch,
    pub(crate) goal: Option<Goal>,
    /// Properties that cannot be set and were sent: fine when they say what is so already.
    pub(crate) claims: Vec<Claim>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) ignored: Vec<String>,
    /// Properties were sent, and none of them is one.
    pub(crate) names_nothing: bool,
}

/// Properties that are shown and cannot be set.
const READ_ONLY: [&str; 5] = ["id", "enterprise_id", "hash", "is_department", "country_code"];

/// What a status and the switch beside it say together.
#[derive(Default)]
struct Life {
    status: Option<Goal>,
    deleted: Option<bool>,
}

/// Reads the properties of a customer.
pub(crate) fn customer(members: Vec<(String, Tree)>, mode: Mode) -> CustomerDraft {
    let mut reader = Reader::default();
    let mut draft = CustomerDraft::default();
    let mut life = Life::default();
    if mode == Mode::Create {
        for required in ["name", "email"] {
            if !members.iter().any(|(name, _)| name == required) {
                reader.fault(required, Invalid::required("this property is required"));
            }
        }
    }
    let sent = members.len();
    for (name, value) in members {
        property(&name, value, &mut draft, &mut life, &mut reader);
    }
    draft.goal = life.goal(&mut reader);
    draft.names_nothing = sent > 0 && reader.passed_over == sent;
    draft.faults = reader.faults;
    draft.ignored = reader.ignored;
    draft
}

fn property(name: &str, value: Tree, draft: &mut CustomerDraft, life: &mut Life, reader: &mut Reader) {
    let profile = &mut draft.profile;
    match name {
        "name" => profile.display_name = reader.required(name, value, Name::parse),
        "email" => draft.email = reader.required(name, value, Email::parse),
        "unique_id" => draft.external_id = reader.optional(name, value, ExternalId::parse),
        "status" => life.status = reader.word(name, value, words::goal),
        "deleted" => life.deleted = deleted(name, value, reader),
        "address" => profile.street = address(name, value, reader),
        "state_provinces" => profile.state_province = reader.optional(name, value, Name::parse),
        "postal_code" => profile.postal_code = reader.optional(name, value, PostalCode::parse),
        "telephone" => profile.voice.number = reader.optional(name, value, PhoneNumber::parse_as_written),
        "fax" => profile.fax.number = reader.optional(name, value, PhoneNumber::parse_as_written),
        "website_url" => profile.website_url = reader.optional(name, value, WebsiteUrl::parse),
        "country" => profile.country_code = reader.optional(name, value, Country::parse),
        "industry" => profile.industry = reader.optional(name, value, |text| Industry::parse(&text)),
        _ => {
            let channel = Channel::ALL.into_iter().find(|channel| channel.package_field() == name || channel.quota_field() == name);
            match (channel, READ_ONLY.into_iter().find(|known| *known == name)) {
                (Some(channel), _) => allotment(channel, name, value, draft, reader),
                (None, Some(property)) => claim(property, value, draft, reader),
                (None, None) => reader.ignore(name),
            }
        }
    }
}

fn allotment(channel: Channel, name: &str, value: Tree, draft: &mut CustomerDraft, reader: &mut Reader) {
    let allotment = draft.allotments.of_mut(channel);
    if name == channel.quota_field() {
        allotment.quota = reader.integer(name, &value, Quota::try_from);
        return;
    }
    let parse = |text: String| package_ref(&text);
    // Nothing, an empty text and 0 are all "none".
    allotment.package = match reader.optional(name, with_whole(value), parse) {
        Patch::Set(Some(reference)) => Patch::Set(reference),
        Patch::Set(None) | Patch::Clear => Patch::Clear,
        Patch::Keep => Patch::Keep,
    };
}

/// Reads how a package is named; `None` for "none".
pub(crate) fn package_ref(text: &str) -> Result<Option<PackageRef>, Invalid> {
    if integer_text(text) == Ok(0) {
        return Ok(None);
    }
    PackageRef::parse(text).map(Some)
}

/// The lines of an address, of which empty ones are kept out. The city is another field, and stays.
fn address(name: &str, value: Tree, reader: &mut Reader) -> Patch<Vec<Name>> {
    let read = text(value).and_then(|text| {
        let lines = text.split(['\n', '\r']).filter(|line| !line.trim().is_empty());
        let lines = lines.map(Name::parse).collect::<Result<Vec<Name>, Invalid>>()?;
        if lines.len() > STREET_MAX_LINES {
            return Err(Invalid::too_long(format!("an address has at most {STREET_MAX_LINES} lines")));
        }
        Ok(lines)
    });
    reader.take(name, read).map_or(Patch::Keep, Patch::Set)
}

fn deleted(name: &str, value: Tree, reader: &mut Reader) -> Option<bool> {
    match value {
        Tree::Bool(on) => Some(on),
        value => reader.word(name, value, words::yes_or_no),
    }
}

fn claim(property: &'static str, value: Tree, draft: &mut CustomerDraft, reader: &mut Reader) {
    let text = reader.take(property, claimed(value)).flatten();
    draft.claims.extend(text.map(|text| Claim { property, text }));
}

impl Life {
    /// What both say together: they are one switch.
    fn goal(&self, reader: &mut Reader) -> Option<Goal> {
        match (self.status, self.deleted) {
            (Some(Goal::Deleted), Some(false)) => contradiction("deleted", "no", reader),
            (Some(goal), Some(true)) if goal != Goal::Deleted => contradiction("other than deleted", "yes", reader),
            (None, Some(true)) => Some(Goal::Deleted),
            (None, Some(false)) => Some(Goal::NotDeleted),
            (status, _) => status,
        }
    }
}

fn contradiction(status: &str, deleted: &str, reader: &mut Reader) -> Option<Goal> {
    for name in ["status", "deleted"] {
        reader.fault(name, Invalid::new(format!("the status is {status}, and deleted is {}: send one of them", quoted(deleted))));
    }
    None
}
