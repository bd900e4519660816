//! `contactInfo`: the person, the postal address and the phones.

use tenantry_domain::account::ProfilePatch;
use tenantry_domain::account::profile::PhonePatch;
use tenantry_domain::limits::STREET_MAX_LINES;
use tenantry_domain::value::{Country, DeviceType, Extension, Name, PhoneCountryId, PhoneNumber, PostalCode, Title};
use tenantry_domain::{Invalid, Patch};
use tenantry_http::json::Tree;

use super::Mode;
use super::walk::{Object, Slot, Walk};

/// Reads it into a profile's patch.
pub(super) fn read(contact: &mut Object, profile: &mut ProfilePatch, walk: &mut Walk) {
    let mut postal = contact.object(&["postalInfo"], walk);
    profile.title = walk.required(postal.slot(&["title"]), Title::parse);
    profile.first_name = walk.required(postal.slot(&["firstName"]), Name::parse);
    profile.last_name = walk.required(postal.slot(&["lastName"]), Name::parse);
    profile.organization = walk.optional(postal.slot(&["organization"]), Name::parse);

    let mut address = postal.object(&["address"], walk);
    profile.street = street(address.slot(&["street"]), walk);
    profile.city = walk.required(address.slot(&["city"]), Name::parse);
    profile.state_province = walk.required(address.slot(&["state"]), Name::parse);
    profile.postal_code = walk.required(address.slot(&["postalCode"]), PostalCode::parse);
    profile.country_code = walk.required(address.slot(&["countryCode"]), Country::parse);
    address.finish(walk);
    postal.finish(walk);

    let mut voice = contact.object(&["voice"], walk);
    let number = voice.slot(&["number"]);
    profile.voice = phone(&mut voice, walk, number, Need::Required);
    voice.finish(walk);
    cell(contact, profile, walk);
    fax(contact, profile, walk);
}

/// Whether a phone must be there.
#[derive(Clone, Copy, PartialEq)]
enum Need {
    Required,
    Optional,
}

fn phone(object: &mut Object, walk: &mut Walk, number: Slot, need: Need) -> PhonePatch {
    PhonePatch {
        number: if need == Need::Required { walk.required(number, PhoneNumber::parse) } else { walk.optional(number, PhoneNumber::parse) },
        extension: walk.optional(object.slot(&["ext", "extension"]), Extension::parse),
        country_id: walk.optional(object.slot(&["countrycode"]), PhoneCountryId::parse),
    }
}

fn cleared() -> PhonePatch {
    PhonePatch { number: Patch::Clear, extension: Patch::Clear, country_id: Patch::Clear }
}

fn cell(contact: &mut Object, profile: &mut ProfilePatch, walk: &mut Walk) {
    let emptied = contact.is_null("cell");
    let mut cell = contact.object_or_null(&["cell"], walk);
    if emptied {
        profile.cell = cleared();
        profile.cell_device_type = Patch::Clear;
        profile.cell_two_factor = Patch::Clear;
        return;
    }
    let number = cell.slot(&["number"]);
    profile.cell = phone(&mut cell, walk, number, Need::Optional);
    if walk.mode == Mode::Add && profile.cell.number.value().is_some() && profile.cell.country_id.value().is_none() {
        let missing = cell.slot(&["countrycode"]).path();
        let named_already = walk.faults.iter().any(|fault| fault.field == missing);
        if !named_already {
            walk.fault(&missing, Invalid::required("a cell phone's number needs its country code"));
        }
    }
    profile.cell_device_type = walk.optional(cell.slot(&["type"]), DeviceType::parse);
    profile.cell_two_factor = walk.switch(&cell.slot(&["2FactorAuth"]));
    cell.finish(walk);
}

fn fax(contact: &mut Object, profile: &mut ProfilePatch, walk: &mut Walk) {
    let emptied = contact.is_null("fax");
    let mut fax = contact.object_or_null(&["fax"], walk);
    let number = fax.slot(&["number"]);
    profile.fax = if emptied { cleared() } else { phone(&mut fax, walk, number, Need::Optional) };
    fax.finish(walk);
}

/// Up to three lines; empty ones are kept out. A single text is one line.
fn street(mut slot: Slot, walk: &mut Walk) -> Patch<Vec<Name>> {
    let items = match slot.value.take() {
        None => return Patch::Keep,
        Some(Tree::Null) => return Patch::Clear,
        Some(Tree::List(items)) => items,
        Some(text @ Tree::Text(_)) => vec![text],
        Some(_) => {
            walk.wrong_type(&slot.path(), "a list of up to three lines");
            return Patch::Keep;
        }
    };
    let mut lines = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        if let Patch::Set(line) = walk.optional(slot.item(index, item), Name::parse) {
            lines.push(line);
        }
    }
    if lines.len() > STREET_MAX_LINES {
        walk.fault(&slot.path(), Invalid::too_long(format!("a street has at most {STREET_MAX_LINES} lines")));
    }
    Patch::Set(lines)
}
