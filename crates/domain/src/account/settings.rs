//! Settings of a tenant: what its top provider decides for all of it. They stand in that provider's record, and so have its versions and its history.

use serde::{Deserialize, Serialize};

use super::{Account, CustomField};
use crate::limits::CUSTOM_FIELDS_MAX;
use crate::patch::Patch;
use crate::refusal::{Code, Fault, Invalid};

/// The settings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Whether changes of a record over `/v1` have to name its version (RFC 6585, section 3).
    pub require_if_match: bool,
    /// The custom fields of its customers.
    pub custom_fields: Vec<CustomField>,
}

impl Settings {
    /// Whether nothing is set.
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What an edit says of settings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "as in Settings")]
pub struct SettingsPatch {
    pub require_if_match: Patch<bool>,
    pub custom_fields: Patch<Vec<CustomField>>,
}

impl SettingsPatch {
    /// Whether it names anything.
    pub const fn is_named(&self) -> bool {
        self.require_if_match.is_named() || self.custom_fields.is_named()
    }

    /// Applies what it names.
    pub(crate) fn apply(self, settings: &mut Settings) {
        self.require_if_match.apply_or_default(&mut settings.require_if_match);
        self.custom_fields.apply_or_default(&mut settings.custom_fields);
    }

    /// What is wrong with it for this account.
    pub(crate) fn faults(&self, account: &Account) -> Vec<Fault> {
        if !self.is_named() {
            return Vec::new();
        }
        if account.id.get() != account.tenant_id.get() {
            return vec![Fault::new("settings", Code::Forbidden, "settings are those of a tenant's top provider")];
        }
        let Some(fields) = self.custom_fields.value() else { return Vec::new() };
        let mut faults = Vec::new();
        if fields.len() > CUSTOM_FIELDS_MAX {
            faults.push(Invalid::too_long(format!("there are at most {CUSTOM_FIELDS_MAX} custom fields")).at("custom_fields"));
        }
        for (index, field) in fields.iter().enumerate() {
            if fields[..index].iter().any(|earlier| earlier.name == field.name) {
                faults.push(Fault::new(format!("custom_fields[{index}].name"), Code::Invalid, "this name stands twice"));
            }
        }
        faults
    }
}
