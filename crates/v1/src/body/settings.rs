//! What a body says of a tenant's settings.

use tenantry_domain::account::{CustomField, CustomFieldName, CustomFieldType, SettingsPatch};
use tenantry_domain::limits::CUSTOM_FIELDS_MAX;
use tenantry_domain::{Fault, Patch};

use super::reader::Reader;

/// What is said of settings.
pub(crate) struct SettingsBody {
    pub(crate) settings: SettingsPatch,
    pub(crate) faults: Vec<Fault>,
}

/// Reads settings.
pub(crate) fn settings(mut reader: Reader) -> SettingsBody {
    let body = fields(&mut reader);
    SettingsBody { faults: reader.finish(), ..body }
}

/// The fields, in the order in which they are published.
pub(crate) fn fields(reader: &mut Reader) -> SettingsBody {
    let require_if_match = reader.switch("require_if_match", "Whether `PATCH`, `PUT` and `DELETE` of a record have to name its version.");
    let about =
        "The custom fields of the tenant's customers, as a whole. Values that are there stay as they are, whatever is changed here.";
    let fields = reader.groups("custom_fields", CUSTOM_FIELDS_MAX, about, field);
    let custom_fields = match fields {
        Patch::Set(fields) => Patch::Set(fields.into_iter().flatten().collect()),
        Patch::Clear => Patch::Clear,
        Patch::Keep => Patch::Keep,
    };
    SettingsBody { settings: SettingsPatch { require_if_match, custom_fields }, faults: Vec::new() }
}

fn field(reader: &mut Reader) -> Option<CustomField> {
    let name: Patch<CustomFieldName> = reader.text("name", "Its name: a member of `custom_fields`, and a column of exports.");
    let name = reader.required("name", name);
    let r#type = reader.word("type", &CustomFieldType::ALL.map(|kind| (kind.as_str(), kind)), "What it holds.");
    let r#type = reader.required("type", r#type);
    let label = reader.text("label", "What staff are shown for it.").value().cloned();
    let about = "Whether a new customer must have it. The older dialects, which cannot send it, are let through.";
    let required = reader.switch("required", about).value().copied().unwrap_or(false);
    let unique =
        reader.switch("unique", "Whether no two customers may have the same value, from now on.").value().copied().unwrap_or(false);
    let searchable = reader.switch("searchable", "Whether values that are set from now on are found by a search.").value().copied();
    Some(CustomField { name: name?, r#type: r#type?, label, required, unique, searchable: searchable.unwrap_or(false) })
}
