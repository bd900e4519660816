//! Cursors: where the next page of a list begins. Their form is nobody's business but ours, and may change.

use base64ct::{Base64UrlUnpadded, Encoding};
use tenantry_domain::{AccountId, TenantId};
use tenantry_service::TwinPlace;

/// What a cursor of this form begins with.
const FORM: &str = "1:";

/// The cursor of what comes after this account.
pub(crate) fn after(id: AccountId) -> String {
    Base64UrlUnpadded::encode_string([FORM, &id.to_string()].concat().as_bytes())
}

/// The account that a cursor stands after.
pub(crate) fn read(text: &str) -> Option<AccountId> {
    let octets = Base64UrlUnpadded::decode_vec(text).ok()?;
    AccountId::parse(std::str::from_utf8(&octets).ok()?.strip_prefix(FORM)?)
}

/// Lists that go by something else than accounts' ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    Events,
    Ledger,
    Packages,
}

impl List {
    /// What a cursor of the list begins with.
    const fn form(self) -> &'static str {
        match self {
            Self::Events => "e:",
            Self::Ledger => "q:",
            Self::Packages => "p:",
        }
    }
}

/// The cursor of a place in a list.
pub(crate) fn mark(list: List, number: i64) -> String {
    Base64UrlUnpadded::encode_string([list.form(), &number.to_string()].concat().as_bytes())
}

/// The place in this list that a cursor names.
pub(crate) fn read_mark(list: List, text: &str) -> Option<i64> {
    let octets = Base64UrlUnpadded::decode_vec(text).ok()?;
    std::str::from_utf8(&octets).ok()?.strip_prefix(list.form())?.parse().ok()
}

/// What a cursor of groups of twins begins with.
const FORM_OF_TWINS: &str = "t:";
/// The longest key of twins that is looked for: a letter and fifteen octets in hexadecimal digits.
const KEY_MAX_CHARS: usize = 31;

/// The cursor of what comes behind this place.
pub(crate) fn after_twins(place: &TwinPlace) -> String {
    Base64UrlUnpadded::encode_string([FORM_OF_TWINS, &place.tenant_id.get().to_string(), ":", &place.key].concat().as_bytes())
}

/// The place that a cursor stands behind.
pub(crate) fn read_twins(text: &str) -> Option<TwinPlace> {
    let octets = Base64UrlUnpadded::decode_vec(text).ok()?;
    let (tenant_id, key) = std::str::from_utf8(&octets).ok()?.strip_prefix(FORM_OF_TWINS)?.split_once(':')?;
    let is_key = key.len() <= KEY_MAX_CHARS && key.chars().all(|c| c.is_ascii_alphanumeric());
    is_key.then_some(TwinPlace { tenant_id: TenantId::of(AccountId::parse(tenant_id)?), key: key.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_made() {
        let id = AccountId::parse("4711").unwrap();
        assert_eq!(read(&after(id)), Some(id));
        assert_eq!(read_mark(List::Events, &mark(List::Events, -7)), Some(-7));
        assert_eq!(read_mark(List::Ledger, &mark(List::Events, 7)), None, "one list's cursor is not another's");
        for other in ["", "4711", "MTo", "!", "MTowMQ"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
