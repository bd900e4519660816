//! The whole body of an add or an edit. Where the documents' tables and examples differ, the example's place wins and the table's is accepted too.

use tenantry_domain::account::name_servers::NameServerChange;
use tenantry_domain::account::{Goal, Kind, ProfilePatch};
use tenantry_domain::refusal::quoted;
use tenantry_domain::value::{CallInPin, ClaimedAddress, Currency, DateOfBirth, Email, Password, PhoneNumberType};
use tenantry_domain::{AccountId, Code, Fault, Invalid, Patch, Refusal, Timestamp};
use tenantry_http::json::Tree;

use super::walk::{Object, Paths, Slot, Walk};
use super::{contact, lists, name_servers};
use crate::words;

/// Characters of a signature's hash; an account's own has 16.
const SIGNATURE_CHARS: usize = 64;
/// The document's limit of an e-mail address; the domain's own is wider.
const EMAIL_MAX_CHARS: usize = 50;

/// Whether a body adds an account or edits one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Add,
    Edit,
}

/// What a body says, parsed; with what is wrong in it.
pub(crate) struct Draft {
    pub(crate) kind: Option<Kind>,
    pub(crate) parent_id: Option<AccountId>,
    pub(crate) email: Patch<Email>,
    pub(crate) password: Option<Password>,
    pub(crate) call_in_pin: Patch<CallInPin>,
    pub(crate) profile: ProfilePatch,
    pub(crate) name_servers: NameServerChange,
    pub(crate) goal: Option<Goal>,
    pub(crate) claimed: Option<ClaimedAddress>,
    /// Fields that cannot be set and were sent: fine in an edit when they say what is so already.
    pub(crate) claims: Vec<Claim>,
    /// The body holds credentials, which stand in the query only.
    pub(crate) has_credentials: bool,
    /// The body names something that this dialect knows.
    pub(crate) names_something: bool,
    pub(crate) faults: Vec<Fault>,
    pub(crate) ignored: Vec<String>,
    pub(crate) paths: Paths,
}

impl Draft {
    /// Gives a refusal of the domain the client's paths.
    pub(crate) fn translate(&self, refusal: Refusal) -> Refusal {
        Refusal { faults: self.paths.translate(refusal.faults), ..refusal }
    }
}

/// A field that cannot be set, as the body has it.
pub(crate) struct Claim {
    pub(crate) field: &'static str,
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Reads the members of a body.
pub(crate) fn read(members: Vec<(String, Tree)>, mode: Mode, now: Timestamp) -> Draft {
    let mut walk = Walk::new(mode);
    let walk = &mut walk;
    let mut top = Object::top(members, walk);
    let has_credentials =
        ["actingUserID", "auth", "publicApiKey", "privateApiKey"].map(|name| top.slot(&[name]).value.is_some()).contains(&true)
            | top.holds("hash", |value| matches!(value, Tree::Text(text) if text.len() == SIGNATURE_CHARS));
    let claims = claims(&mut top, walk);
    let (kind, parent_id) = if mode == Mode::Add { (kind(&mut top, walk), parent_id(&mut top, walk)) } else { (None, None) };

    let mut profile = ProfilePatch::default();
    let mut contact = top.object(&["contactInfo"], walk);
    let email_slot = either(top.slot(&["email"]), || contact.slot(&["email"]));
    let slot = walk.at("email", email_slot);
    let email = walk.required(slot, email);
    let slot = top.slot(&["password"]);
    let password = walk.required(slot, Password::parse).value().cloned();
    profile.auto_signup = auto_signup(&mut top, walk);
    let slot = top.slot(&["buyingCurrency"]);
    profile.buying_currency = walk.required(slot, Currency::parse);
    profile.allow = lists::allow(&mut top, walk);
    profile.social_pages = lists::social(top.slot(&["socialPages"]), walk);
    profile.social_info = lists::social(top.slot(&["socialInfo", "soicalInfo"]), walk);
    let mut user_info = top.object(&["userInfo"], walk);
    let slot = either(user_info.slot(&["dateOfBirth"]), || top.slot(&["dateOfBirth"]));
    profile.date_of_birth = walk.required(slot, |text| DateOfBirth::parse(&text, now));
    let slot = either(contact.slot(&["callInPin"]), || top.slot(&["callInPin"]));
    let call_in_pin = walk.required(slot, CallInPin::parse);
    contact::read(&mut contact, &mut profile, walk);
    let mut preferences = top.object(&["preferences", "preference"], walk);
    let slot = either(preferences.slot(&["phoneNoType"]), || top.slot(&["phoneNoType"]));
    profile.phone_number_type = walk.required(slot, PhoneNumberType::parse);
    let goal = goal(&mut top, walk);
    let name_servers = name_servers::read(&mut top, walk);
    let mut head = top.object_or_null(&["head"], walk);
    let slot = head.slot(&["userIpAddress"]);
    let claimed = walk.optional(slot, ClaimedAddress::parse).value().cloned();

    for object in [user_info, contact, preferences, head, top] {
        object.finish(walk);
    }
    // An edit of nothing is an error; so is one whose every field is unknown.
    let names_something = walk.names_something || !walk.faults.is_empty();
    Draft {
        kind,
        parent_id,
        email,
        password,
        call_in_pin,
        profile,
        name_servers,
        goal,
        claimed,
        claims,
        has_credentials,
        names_something,
        faults: std::mem::take(&mut walk.faults),
        ignored: std::mem::take(&mut walk.ignored),
        paths: std::mem::take(&mut walk.paths),
    }
}

/// The first place, or the second where nothing stands in the first.
pub(super) fn either(first: Slot, second: impl FnOnce() -> Slot) -> Slot {
    if first.value.is_some() {
        return first;
    }
    let second = second();
    if second.value.is_some() { second } else { first }
}

fn email(text: String) -> Result<Email, Invalid> {
    let email = Email::parse(text)?;
    if email.as_str().chars().count() > EMAIL_MAX_CHARS {
        return Err(Invalid::too_long(format!("an e-mail address has at most {EMAIL_MAX_CHARS} characters here")));
    }
    Ok(email)
}

fn kind(top: &mut Object, walk: &mut Walk) -> Option<Kind> {
    let slot = top.slot(&["type"]);
    let slot = walk.at("kind", slot);
    let parse = |text: String| match text.to_ascii_lowercase().as_str() {
        "customer" => Ok(Kind::Customer),
        "isp" => Ok(Kind::Provider),
        "" => Err(Invalid::required("a type must not be empty; it is \"customer\" or \"isp\"")),
        _ => Err(Invalid::new(format!("{} is no type; it is \"customer\" or \"isp\"", quoted(&text)))),
    };
    walk.required(slot, parse).value().copied()
}

fn parent_id(top: &mut Object, walk: &mut Walk) -> Option<AccountId> {
    let mut slot = top.slot(&["parentID"]);
    if let Some(Tree::Number(number)) = &slot.value {
        // Any number: that it is no id is said of it as of a text.
        slot.value = Some(Tree::Text(number.to_string()));
    }
    let slot = walk.at("parent_id", slot);
    let parse = |text: String| AccountId::parse(&text).ok_or_else(|| Invalid::new(format!("{} is not an account's id", quoted(&text))));
    walk.required(slot, parse).value().copied()
}

fn auto_signup(top: &mut Object, walk: &mut Walk) -> Patch<bool> {
    let slot = top.slot(&["autoSignup"]);
    let patch = walk.switch(&slot);
    let missing = slot.value.is_none() && walk.mode == Mode::Add;
    if missing || patch == Patch::Clear {
        walk.fault(&slot.path(), Invalid::required("this field is required: 0 or 1"));
    }
    patch
}

fn goal(top: &mut Object, walk: &mut Walk) -> Option<Goal> {
    let slot = top.slot(&["status"]);
    let slot = walk.at("status", slot);
    if walk.mode == Mode::Add {
        // An added record without a status starts as autoSignup says.
        return walk.optional(slot, |text| words::goal(&text)).value().copied();
    }
    walk.required(slot, |text| words::goal(&text)).value().copied()
}

/// Fields that no caller can set. Clients that send a whole record back send some of them.
fn claims(top: &mut Object, walk: &mut Walk) -> Vec<Claim> {
    let mut fields = vec![("id", "id"), ("hash", "hash"), ("tenant_id", "tenantID"), ("version", "version"), ("verified", "verified")];
    if walk.mode == Mode::Edit {
        fields.extend([("kind", "type"), ("parent_id", "parentID")]);
    } else {
        fields.push(("kind", "kind"));
    }
    let mut claims = Vec::new();
    for (field, name) in fields {
        let mut slot = top.slot(&[name]);
        let text = match slot.value.take() {
            None => continue,
            Some(Tree::Text(text)) => text,
            Some(Tree::Number(number)) => number.to_string(),
            Some(_) => String::new(),
        };
        if walk.mode == Mode::Add {
            walk.push(Fault::new(slot.path(), Code::ReadOnly, "this field cannot be set"));
        } else {
            claims.push(Claim { field, path: slot.path(), text });
        }
    }
    claims
}
