//! Tags.

use super::text::{Text, check, through_text};
use crate::limits::TAG_MAX_CHARS;
use crate::refusal::Invalid;
use crate::search::fold;

/// A word or two by which a provider groups its customers, kept as given; two that differ in case and accents only are the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tag(Text);

impl Tag {
    /// Reads a tag.
    ///
    /// # Errors
    /// Blank, over the limit, with control characters, or with a comma, which stands between tags where several are named.
    pub fn parse(text: impl Into<Text>) -> Result<Self, Invalid> {
        let text = text.into();
        check(&text, TAG_MAX_CHARS, "a tag")?;
        if text.contains(',') {
            return Err(Invalid::new("a tag must not hold a comma; send several tags as several items of the list"));
        }
        Ok(Self(text.trim().into()))
    }

    /// The tag as given, without spaces around it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form by which two tags are compared.
    pub fn folded(&self) -> String {
        fold(&self.0)
    }
}

through_text!(Tag);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags() {
        assert_eq!(Tag::parse(" VIP Ünal ").unwrap().as_str(), "VIP Ünal");
        assert_eq!(Tag::parse("VIP Ünal").unwrap().folded(), "vip unal");
        for text in ["", "  ", "a,b", "a\nb", &"x".repeat(65)] {
            assert!(Tag::parse(text).is_err(), "{text:?}");
        }
    }
}
