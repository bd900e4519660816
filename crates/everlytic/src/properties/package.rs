//! The properties of a package.

use tenantry_domain::package::{Identifier, PackageStatus};
use tenantry_domain::quota::{Channel, Quota};
use tenantry_domain::value::Name;
use tenantry_domain::{Fault, Invalid, Patch};
use tenantry_http::json::Tree;

use super::read::{Reader, claimed};
use super::{Claim, Mode, words};

/// What properties say, parsed; with what is wrong in them.
#[derive(Default)]
pub(crate) struct PackageDraft {
    pub(crate) channel: Option<Channel>,
    pub(crate) name: Option<Name>,
    pub(crate) identifier: Patch<Identifier>,
    pub(crate) quantity: Option<Quota>,
    pub(crate) status: Option<PackageStatus>,
    /// Properties that cannot be set and were sent: fine when they say what is so already.
    pub(crate) claims: Vec<Claim>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) ignored: Vec<String>,
    /// Properties were sent, and none of them is one.
    pub(crate) names_nothing: bool,
}

/// Properties that are shown and cannot be set.
const READ_ONLY: [&str; 3] = ["id", "enterprise_id", "provider_id"];

/// Reads the properties of a package.
pub(crate) fn package(members: Vec<(String, Tree)>, mode: Mode) -> PackageDraft {
    let mut reader = Reader::default();
    let mut draft = PackageDraft::default();
    if mode == Mode::Create {
        for required in ["name", "channel"] {
            if !members.iter().any(|(name, _)| name == required) {
                reader.fault(required, Invalid::required("this property is required"));
            }
        }
    }
    let sent = members.len();
    for (name, value) in members {
        match name.as_str() {
            "name" => draft.name = reader.required(&name, value, Name::parse),
            "channel" => draft.channel = reader.required(&name, value, |word| words::channel(&word)),
            "identifier" => draft.identifier = reader.optional(&name, value, Identifier::parse),
            "quantity" => draft.quantity = reader.integer(&name, &value, Quota::try_from),
            "status" => draft.status = reader.word(&name, value, words::package_status),
            other => match READ_ONLY.into_iter().find(|known| *known == other) {
                Some(property) => {
                    let text = reader.take(property, claimed(value)).flatten();
                    draft.claims.extend(text.map(|text| Claim { property, text }));
                }
                None => reader.ignore(&name),
            },
        }
    }
    draft.names_nothing = sent > 0 && reader.passed_over == sent;
    draft.faults = reader.faults;
    draft.ignored = reader.ignored;
    draft
}
