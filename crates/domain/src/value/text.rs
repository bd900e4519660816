//! Texts that have a limit and no other rule: names, titles, short words.

use crate::limits::{
    CLAIMED_ADDRESS_MAX_CHARS, EXTENSION_MAX_CHARS, EXTERNAL_ID_MAX_CHARS, NAME_MAX_CHARS, REASON_MAX_CHARS, TITLE_MAX_CHARS,
    WORD_MAX_CHARS,
};
use crate::refusal::Invalid;

/// Checks what holds for every text: not blank, within its limit, no control characters (they forge log lines and terminals).
pub(super) fn check(text: &str, max_chars: usize, what: &'static str) -> Result<(), Invalid> {
    if text.trim().is_empty() {
        return Err(Invalid::required(format!("{what} must not be empty")));
    }
    // Octets first: counting the characters of a megabyte is work that a refusal does not need.
    if text.len() > max_chars * 4 || text.chars().count() > max_chars {
        return Err(Invalid::too_long(format!("{what} has at most {max_chars} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(Invalid::new(format!("{what} must not hold control characters")));
    }
    Ok(())
}

/// The text within a value. One of up to 24 octets, which most are, needs no memory of its own, so that a record of thirty texts is read, copied and
/// dropped with a handful of allocations.
pub(crate) type Text = compact_str::CompactString;

/// Reads a text from serde through a parse function.
pub(crate) struct Through<F>(pub(crate) F);

impl<T, F: FnOnce(&str) -> Result<T, Invalid>> serde::de::Visitor<'_> for Through<F> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).map_err(E::custom)
    }
}

/// Lets serde read a value through its parse function and write it as the text that was given.
macro_rules! through_text {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::value::Through(|text: &str| Self::parse(text)))
            }
        }
    };
}
pub(crate) use through_text;

/// Gives a newtype over a text its parse function, accessor and serde through them.
macro_rules! text_value {
    ($(#[$doc:meta])* $name:ident, $max:expr, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub struct $name(Text);

        impl $name {
            /// Reads the text.
            ///
            /// # Errors
            /// Blank, over the limit, or with control characters.
            pub fn parse(text: impl Into<Text>) -> Result<Self, Invalid> {
                let text = text.into();
                check(&text, $max, $what)?;
                Ok(Self(text))
            }

            /// The text as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        through_text!($name);
    };
}

text_value!(
    /// A name of a person, an organization, a city, a state, or one line of a street: 1 to 255 characters (RFC 5733).
    Name, NAME_MAX_CHARS, "a name"
);
text_value!(
    /// What stands before a name: `Mr.`, `Mrs.`, or any other text.
    Title, TITLE_MAX_CHARS, "a title"
);
text_value!(
    /// A phone extension, as given.
    Extension, EXTENSION_MAX_CHARS, "an extension"
);
text_value!(
    /// The kind of a cell phone ("android").
    DeviceType, WORD_MAX_CHARS, "a device type"
);
text_value!(
    /// Which phone a customer prefers: `home`, `work`, `mobile`, or another word of its provider's.
    PhoneNumberType, WORD_MAX_CHARS, "a phone number type"
);
text_value!(
    /// The address that a caller claims its end user to have. Kept with the event as text, never parsed as truth.
    ClaimedAddress, CLAIMED_ADDRESS_MAX_CHARS, "a claimed address"
);
text_value!(
    /// The caller's own id of a customer.
    ExternalId, EXTERNAL_ID_MAX_CHARS, "an external id"
);
text_value!(
    /// What a key or a move of a balance is for, in its owner's words.
    Label, NAME_MAX_CHARS, "a label"
);

text_value!(
    /// Why something was done to an account, in words for staff.
    Reason, REASON_MAX_CHARS, "a reason"
);

impl Label {
    /// A label of ours.
    pub(crate) fn of_change(word: &'static str) -> Self {
        Self(Text::const_new(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Code;

    #[test]
    fn a_name_is_kept_as_given() {
        for text in ["Xyz", " O’Neill ", "山田", "d'Abc-Ö", &"é".repeat(255)] {
            assert_eq!(Name::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_cannot_be_a_name_is_refused() {
        let code = |text: &str| Name::parse(text).unwrap_err().code;
        assert_eq!(code(""), Code::Required);
        assert_eq!(code("  "), Code::Required);
        assert_eq!(code(&"x".repeat(256)), Code::TooLong);
        assert_eq!(code(&"x".repeat(200_000)), Code::TooLong);
        for text in ["a\0b", "a\nb", "a\u{1b}b", "a\u{85}b"] {
            assert_eq!(code(text), Code::Invalid, "{text:?}");
        }
    }
}
