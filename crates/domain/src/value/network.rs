//! Networks from which an account's credentials work.

use std::net::IpAddr;

use ipnet::IpNet;

use super::text::{Text, through_text};
use crate::refusal::{Invalid, quoted};

/// An IPv4 or IPv6 address or CIDR network, kept as given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    text: Text,
    net: IpNet,
}

impl Network {
    /// Reads an address or a network.
    ///
    /// # Errors
    /// Neither of them.
    pub fn parse(text: impl Into<Text>) -> Result<Self, Invalid> {
        let text = text.into();
        let net = match text.parse::<IpAddr>() {
            // An IPv4 address in IPv6 clothes is compared as what it is.
            Ok(address) => Some(IpNet::from(address.to_canonical())),
            Err(_) => text.parse::<IpNet>().ok(),
        };
        match net {
            Some(net) => Ok(Self { text, net }),
            None => Err(Invalid::new(format!("{} is not an IPv4 or IPv6 address or network", quoted(&text)))),
        }
    }

    /// The text as given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The address, when this is a single IPv4 address written without a prefix.
    pub fn as_ipv4_address(&self) -> Option<&str> {
        (matches!(self.net, IpNet::V4(_)) && !self.text.contains(['/', ':'])).then_some(self.text.as_str())
    }

    /// Whether every address of another network is in this one.
    pub fn covers(&self, other: &Self) -> bool {
        self.net.contains(&other.net)
    }

    /// Whether the network holds the address. An IPv4 address that came in IPv6 clothes (`::ffff:10.0.0.1`) is the IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.net.contains(&address.to_canonical())
    }
}

/// Whether a list lets an address in: an empty list lets in everybody.
pub fn lets_in(list: &[Network], address: IpAddr) -> bool {
    list.is_empty() || list.iter().any(|network| network.contains(address))
}

through_text!(Network);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks() {
        let lets = |list: &[&str], address: &str| {
            let list: Vec<Network> = list.iter().map(|text| Network::parse(*text).unwrap()).collect();
            lets_in(&list, address.parse().unwrap())
        };
        assert!(lets(&[], "203.0.113.9"));
        assert!(lets(&["10.0.0.0/8"], "10.1.2.3"));
        assert!(lets(&["10.0.0.0/8"], "::ffff:10.1.2.3"));
        assert!(lets(&["::ffff:10.1.2.3"], "10.1.2.3"));
        assert!(!lets(&["10.0.0.0/8"], "11.0.0.1"));
        assert!(lets(&["192.0.2.1", "2001:db8::/32"], "2001:db8::7"));
        assert!(!lets(&["192.0.2.1"], "192.0.2.2"));
        let covers = |one: &str, other: &str| Network::parse(one).unwrap().covers(&Network::parse(other).unwrap());
        assert!(covers("10.0.0.0/8", "10.1.0.0/16") && covers("10.0.0.0/8", "10.1.2.3") && covers("10.1.2.3", "10.1.2.3/32"));
        assert!(!covers("10.1.0.0/16", "10.0.0.0/8") && !covers("10.0.0.0/8", "11.0.0.1") && !covers("10.0.0.0/8", "2001:db8::/32"));
        for text in ["", "10.10.10.325", "010.0.0.1", "10.0.0.0/33", "localhost", "1", "fe80::1%eth0"] {
            assert!(Network::parse(text).is_err(), "{text:?}");
        }
    }
}
