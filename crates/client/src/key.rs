//! The secret that a client is known by.

use std::fmt;

use http::HeaderValue;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::Fault;

/// The longest key: those of the server have 42 characters.
const MAX_OCTETS: usize = 4096;

/// A bearer key. It is sent to its server, and shown nowhere.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(Zeroizing<String>);

impl Key {
    /// Takes a key, without the white space around it. `place` says where it came from.
    ///
    /// # Errors
    /// When it is empty, or has what no key has.
    pub fn new(text: &str, place: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Fault::Usage(format!("{place}: there is no key")));
        }
        if text.len() > MAX_OCTETS || !text.bytes().all(|octet| octet.is_ascii_graphic()) {
            return Err(Fault::Usage(format!(
                "{place}: this is no key; one such as tnt_live_… is printed by: tenantry key issue --scheme bearer"
            )));
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// The text, for the file that keeps it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The `Authorization` header; marked, so that nobody prints it.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::try_from(Zeroizing::new(["Bearer ", &self.0].concat()).as_str()).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_visible_word_and_is_not_shown() {
        let key = Key::new(" tnt_live_abc\n", "here").unwrap();
        assert_eq!((key.as_str(), format!("{key:?}").as_str()), ("tnt_live_abc", "[redacted]"));
        assert_eq!(format!("{:?}", key.header().unwrap()), "Sensitive");
        for bad in ["", " \n", "two words", "a\nb", "schlüssel", &"x".repeat(MAX_OCTETS + 1)] {
            let Err(Fault::Usage(said)) = Key::new(bad, "here") else { panic!("{bad:?} is no key") };
            assert!(said.starts_with("here: ") && (bad.trim().is_empty() || !said.contains(bad)), "{said}");
        }
    }
}
