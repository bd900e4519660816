//! Addresses of web sites.

use url::Url;

use super::text::{Text, through_text};
use crate::limits::URL_MAX_CHARS;
use crate::refusal::{Invalid, quoted};

/// The address of a customer's web site: `http` or `https` with a host, kept as given and never fetched. Whoever shows it makes a link of it, so no other
/// scheme may stand here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebsiteUrl(Text);

impl WebsiteUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// Another scheme or none, no host, control characters, or over the limit.
    pub fn parse(text: impl Into<Text>) -> Result<Self, Invalid> {
        let text = text.into();
        if text.trim().is_empty() {
            return Err(Invalid::required("a web site's address must not be empty"));
        }
        if text.len() > URL_MAX_CHARS * 4 || text.chars().count() > URL_MAX_CHARS {
            return Err(Invalid::too_long(format!("a web site's address has at most {URL_MAX_CHARS} characters")));
        }
        // The parser passes over what browsers pass over; here it would be kept and shown.
        let odd = text.chars().any(|c| c.is_control() || c.is_whitespace());
        let is_web = |url: Url| matches!(url.scheme(), "http" | "https") && url.has_host();
        if odd || !Url::parse(&text).is_ok_and(is_web) {
            return Err(Invalid::new(format!("{} is not an http or https address, such as https://example.org", quoted(&text))));
        }
        Ok(Self(text))
    }

    /// The address as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

through_text!(WebsiteUrl);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_webs_own_schemes() {
        for text in ["http://example.org", "HTTPS://Example.org/a?b=c&d=%20#e", "https://bücher.example:8443/", "http://[2001:db8::1]/"] {
            assert_eq!(WebsiteUrl::parse(text).unwrap().as_str(), text);
        }
        for text in [
            "",
            " ",
            "example.org",
            "//example.org",
            "ftp://example.org",
            "javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "http://",
            "https://exa mple.org",
            " https://example.org",
            "https://example.org/\u{85}",
        ] {
            assert!(WebsiteUrl::parse(text).is_err(), "{text:?}");
        }
        assert!(WebsiteUrl::parse(format!("https://example.org/{}", "x".repeat(2048))).is_err());
    }
}
