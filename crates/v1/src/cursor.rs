//! Cursors: where the next page of a list begins. Their form is nobody's business but ours, and may change.

use base64ct::{Base64UrlUnpadded, Encoding};
use tenantry_domain::AccountId;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_made() {
        let id = AccountId::parse("4711").unwrap();
        assert_eq!(read(&after(id)), Some(id));
        for other in ["", "4711", "MTo", "!", "MTowMQ"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
