//! The fields of a package.

use tenantry_domain::limits::QUOTA_MAX;
use tenantry_domain::package::{Identifier, PackageStatus};
use tenantry_domain::quota::{Channel, Quota};
use tenantry_domain::value::Name;
use tenantry_domain::{AccountId, Patch, Refusal};

use super::customer::{ID_MAX, account_id};
use super::reader::Reader;

/// What a body says of a package.
pub(crate) struct PackageBody {
    pub(crate) provider_id: Option<AccountId>,
    pub(crate) channel: Option<Channel>,
    pub(crate) name: Option<Name>,
    pub(crate) identifier: Patch<Identifier>,
    pub(crate) quantity: Option<Quota>,
    pub(crate) status: Option<PackageStatus>,
}

/// Reads a package.
///
/// # Errors
/// Every field that is wrong.
pub(crate) fn package(mut reader: Reader) -> Result<PackageBody, Refusal> {
    let body = fields(&mut reader);
    reader.read_only(&[("id", ""), ("created_at", ""), ("updated_at", "")]);
    reader.finished(Some(body))
}

pub(crate) fn fields(reader: &mut Reader) -> PackageBody {
    let (mut provider_id, mut channel) = (None, None);
    if reader.creates() {
        let about = "The provider whose package it is; the caller itself, unless given.";
        provider_id = reader.integer("provider_id", (1, ID_MAX), about, account_id).value().copied();
        let word = reader.word("channel", &Channel::ALL.map(|channel| (channel.as_str(), channel)), "What it is of.");
        channel = reader.required("channel", word);
    } else {
        reader.read_only(&[("provider_id", "; a package stays its provider's"), ("channel", "; a package stays of its channel")]);
    }
    let name: Patch<Name> = reader.text("name", "What it is called.");
    let name = reader.required("name", name);
    let identifier = reader.text("identifier", "The provider's word for it: unique among its packages, and not digits alone.");
    let quantity = reader.integer("quantity", (0, i64::from(QUOTA_MAX)), "How many units it includes; 0 unless given.", Quota::try_from);
    let words = [("active", PackageStatus::Active), ("inactive", PackageStatus::Inactive)];
    let status = reader.word("status", &words, "Whether it is sold; it is, unless given.");
    let emptied = |cleared: bool, empty| cleared.then_some(empty);
    PackageBody {
        provider_id,
        channel,
        name,
        identifier,
        quantity: quantity.value().copied().or_else(|| emptied(quantity == Patch::Clear, Quota::ZERO)),
        status: status.value().copied().or_else(|| (status == Patch::Clear).then_some(PackageStatus::Active)),
    }
}
