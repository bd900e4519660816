//! A package as this dialect shows it.

use tenantry_domain::package::Package;

use crate::field::{Field, Record};
use crate::properties::words;

/// The properties of a package.
pub(crate) fn item(package: &Package) -> Record<'_> {
    Record(vec![
        ("id", Field::Int(package.id.get())),
        ("enterprise_id", Field::Int(package.tenant_id.get())),
        ("provider_id", Field::Int(package.provider_id().get())),
        ("channel", Field::text(Some(package.channel.as_str()))),
        ("name", Field::text(Some(package.name.as_str()))),
        ("identifier", Field::text(package.identifier.as_ref().map(|identifier| identifier.as_str()))),
        ("quantity", Field::Int(package.quantity.get())),
        ("status", Field::text(Some(words::package_word(package.status)))),
    ])
}
