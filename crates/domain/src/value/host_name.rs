//! Host names of name servers.

use super::text::{Text, through_text};
use crate::limits::HOST_NAME_MAX_OCTETS;
use crate::refusal::{Invalid, quoted};

/// A host name (RFC 1123 section 2.1) of at least two labels: in lower case, in its ASCII form, without the trailing dot.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostName(Text);

impl HostName {
    /// Reads a name; names in other scripts are taken to their ASCII form (UTS 46).
    ///
    /// # Errors
    /// Not a host name.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid::required("a host name must not be empty"));
        }
        let refused = || Invalid::new(format!("{} is not a host name", quoted(text)));
        // Four octets a character is the most that UTF-8 takes; beyond that the name is too long in any form.
        if text.len() > HOST_NAME_MAX_OCTETS * 4 {
            return Err(refused());
        }
        let ascii = idna::domain_to_ascii(text.strip_suffix('.').unwrap_or(text)).map_err(|_| refused())?;
        let labels: Vec<&str> = ascii.split('.').collect();
        let all_digits_at_the_end = labels.last().is_some_and(|label| label.bytes().all(|b| b.is_ascii_digit()));
        if ascii.len() > HOST_NAME_MAX_OCTETS || labels.len() < 2 || all_digits_at_the_end || !labels.iter().all(|label| is_label(label)) {
            return Err(refused());
        }
        Ok(Self(ascii.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// 1 to 63 letters, digits and dashes, with no dash at either end.
fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

through_text!(HostName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names() {
        assert_eq!(HostName::parse("NS1.Example.COM.").unwrap().as_str(), "ns1.example.com");
        assert_eq!(HostName::parse("ns.bücher.example").unwrap().as_str(), "ns.xn--bcher-kva.example");
        let long = format!("{}.example", "a".repeat(64));
        for text in
            ["", ".", "ns1", "-a.example", "a-.example", "a..example", "10.0.0.1", "ns_1.example", "ns1.example/", "a b.example", &long]
        {
            assert!(HostName::parse(text).is_err(), "{text:?}");
        }
        assert!(HostName::parse(&"a.".repeat(127)).is_ok());
        assert!(HostName::parse(&"a.".repeat(128)).is_err());
    }
}
