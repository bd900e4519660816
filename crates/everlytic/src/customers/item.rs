//! A customer as this dialect shows it.

use std::borrow::Cow;

use tenantry_domain::Account;
use tenantry_domain::account::Status;
use tenantry_domain::quota::Channel;
use tenantry_domain::value::Country;

use crate::field::{Field, Record};
use crate::properties::words;

/// The properties of an account, in the order of the vendor's table.
pub(crate) fn item(account: &Account) -> Record<'_> {
    let profile = &account.profile;
    let address = &profile.address;
    let package = |channel: Channel| Field::Int(account.allotments.of(channel).package_id.map_or(0, |id| id.get()));
    let quota = |channel: Channel| Field::Int(account.allotments.of(channel).quota.get());
    Record(vec![
        ("id", Field::Int(account.id.get())),
        ("enterprise_id", Field::Int(account.tenant_id.get())),
        ("hash", Field::text(Some(account.hash.as_str()))),
        ("name", Field::Text(profile.display_name())),
        ("status", Field::text(Some(words::status_word(account.status)))),
        ("deleted", Field::flag(account.status == Status::Deleted)),
        ("email", Field::text(account.email.as_ref().map(|email| email.as_str()))),
        ("email_package_id", package(Channel::Email)),
        ("email_quota", quota(Channel::Email)),
        ("sms_package_id", package(Channel::Sms)),
        ("sms_quota", quota(Channel::Sms)),
        ("transactions_package_id", package(Channel::Transactions)),
        ("transactions_quota", quota(Channel::Transactions)),
        ("address", Field::Text(lines(account))),
        ("state_provinces", Field::text(address.state_province.as_ref().map(|state| state.as_str()))),
        ("postal_code", Field::text(address.postal_code.as_ref().map(|code| code.as_str()))),
        ("telephone", Field::text(profile.voice.number.as_ref().map(|number| number.as_str()))),
        ("fax", Field::text(profile.fax.number.as_ref().map(|number| number.as_str()))),
        ("website_url", Field::text(profile.website_url.as_ref().map(|url| url.as_str()))),
        ("country", Field::text(address.country_code.as_ref().map(|country| country.as_str()))),
        ("country_code", Field::Text(address.country_code.as_ref().map(Country::alpha2).unwrap_or_default().into())),
        ("industry", Field::text(profile.industry.as_ref().map(|industry| industry.as_str()))),
        ("unique_id", Field::text(account.external_id.as_ref().map(|id| id.as_str()))),
        ("is_department", Field::flag(false)),
    ])
}

/// The lines of the street as one text.
fn lines(account: &Account) -> Cow<'_, str> {
    match account.profile.address.street.as_slice() {
        [] => "".into(),
        [line] => line.as_str().into(),
        lines => lines.iter().map(|line| line.as_str()).collect::<Vec<_>>().join("\n").into(),
    }
}
