//! Which address a request came from, when proxies stand before the server.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

/// The proxies whose word about a client's address is taken.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(pub Vec<IpNet>);

impl TrustedProxies {
    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// The address that a request came from.
///
/// Headers count only when the peer is a listed proxy. They are read from the right, over all lines of a header joined: each proxy appends whom it
/// saw, so everything left of the first address that is not a listed proxy may be the client's own invention. What is not an address ends the
/// walk at the last good one. `X-Forwarded-For` is preferred to `Forwarded`: proxies that write the newer one keep the older as well, and many
/// pass a client's own `Forwarded` on untouched. `X-Real-IP` counts when neither is there.
pub fn client_address(peer: SocketAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> IpAddr {
    let peer = peer.ip().to_canonical();
    if trusted.0.is_empty() || !trusted.trusts(peer) {
        return peer;
    }
    let hops: Vec<Option<IpAddr>> = if headers.contains_key("x-forwarded-for") {
        values(headers, "x-forwarded-for").map(|hop| address(hop.trim())).collect()
    } else if headers.contains_key("forwarded") {
        values(headers, "forwarded").map(forwarded_for).collect()
    } else {
        values(headers, "x-real-ip").map(|hop| address(hop.trim())).collect()
    };
    let mut seen = peer;
    for hop in hops.into_iter().rev() {
        let Some(hop) = hop else { return seen };
        seen = hop;
        if !trusted.trusts(hop) {
            return hop;
        }
    }
    seen
}

/// The elements of all lines of a header, in order. A line that is not text is one element that is no address.
fn values<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).into_iter().flat_map(|line| line.to_str().unwrap_or("?").split(','))
}

/// The `for` of one element of `Forwarded` (RFC 7239 section 4).
///
/// Elements are told apart at every comma, also at one within quotes: a quote that a client opened must not swallow what a proxy wrote after it. What
/// is left of an element that was cut so, or has an escape or two `for`, is no proxy's word: a proxy may have quoted a `Host` that its client chose.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    if element.contains('\\') || !element.matches('"').count().is_multiple_of(2) {
        return None;
    }
    let mut values = element.split(';').filter_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for").then_some(value)
    });
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let unquoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    address(unquoted)
}

/// An address as proxies write it: with or without a port, IPv6 in brackets or bare. No scope id, no octal: those are not what a peer has.
fn address(text: &str) -> Option<IpAddr> {
    if let Some(rest) = text.strip_prefix('[') {
        let (inner, port) = rest.split_once(']')?;
        let port_is_fine = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
        return if port_is_fine { inner.parse().ok().map(|ip: IpAddr| ip.to_canonical()) } else { None };
    }
    let bare = match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => {
            port.parse::<u16>().ok()?;
            host
        }
        _ => text,
    };
    bare.parse().ok().map(|ip: IpAddr| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    fn seen(peer: &str, lines: &[(&'static str, &str)]) -> String {
        let trusted = TrustedProxies(vec!["10.0.0.0/8".parse().unwrap(), "2001:db8:1::/48".parse().unwrap()]);
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        client_address(SocketAddr::new(peer.parse().unwrap(), 1), &headers, &trusted).to_string()
    }

    #[test]
    fn a_stranger_cannot_say_who_it_is() {
        for header in ["x-forwarded-for", "x-real-ip", "forwarded"] {
            assert_eq!(seen("203.0.113.9", &[(header, "10.1.1.1")]), "203.0.113.9");
            assert_eq!(seen("203.0.113.9", &[(header, "for=10.1.1.1")]), "203.0.113.9");
        }
    }

    #[test]
    fn the_rightmost_address_that_is_no_proxy_counts() {
        for (lines, expected) in [
            (vec![("x-forwarded-for", "198.51.100.7")], "198.51.100.7"),
            (vec![("x-forwarded-for", "127.0.0.1, 198.51.100.7, 10.2.2.2")], "198.51.100.7"),
            (vec![("x-forwarded-for", "127.0.0.1"), ("x-forwarded-for", "198.51.100.7")], "198.51.100.7"),
            (vec![("x-forwarded-for", "198.51.100.7:8080, 10.2.2.2:1")], "198.51.100.7"),
            (vec![("x-forwarded-for", "::ffff:198.51.100.7")], "198.51.100.7"),
            (vec![("x-forwarded-for", "[2001:db8::7]:443")], "2001:db8::7"),
            (vec![("x-forwarded-for", "2001:db8::7")], "2001:db8::7"),
            (vec![("x-forwarded-for", "198.51.100.7, unknown")], "10.0.0.1"),
            (vec![("x-forwarded-for", "198.51.100.7, 0127.0.0.1")], "10.0.0.1"),
            (vec![("x-forwarded-for", "198.51.100.7, fe80::1%eth0")], "10.0.0.1"),
            (vec![("x-forwarded-for", "")], "10.0.0.1"),
            (vec![("x-forwarded-for", "198.51.100.7,")], "10.0.0.1"),
            (vec![("x-forwarded-for", "198.51.100.7, 0x7f.1")], "10.0.0.1"),
            (vec![("x-forwarded-for", "198.51.100.7, 2130706433")], "10.0.0.1"),
            (vec![("x-forwarded-for", "198.51.100.7, 127.1")], "10.0.0.1"),
            (vec![("x-forwarded-for", "198.51.100.7, 198.51.100.8:99999")], "10.0.0.1"),
            (vec![("x-forwarded-for", "198.51.100.7, [2001:db8::7")], "10.0.0.1"),
            (vec![("x-forwarded-for", "198.51.100.7, [2001:db8::7]80")], "10.0.0.1"),
            (vec![("x-forwarded-for", "198.51.100.7, localhost")], "10.0.0.1"),
            (vec![("x-forwarded-for", "192.0.2.1, unknown, 10.3.3.3, 10.2.2.2")], "10.3.3.3"),
            (vec![("x-forwarded-for", "198.51.100.7, ::ffff:10.2.2.2")], "198.51.100.7"),
            (vec![("x-forwarded-for", "198.51.100.7, 2001:db8:1::5")], "198.51.100.7"),
            (vec![("x-forwarded-for", "\t198.51.100.7 ,  10.2.2.2\t")], "198.51.100.7"),
            (vec![("x-forwarded-for", "10.3.3.3, 10.2.2.2")], "10.3.3.3"),
            (vec![("forwarded", "for=198.51.100.7;proto=https")], "198.51.100.7"),
            (vec![("forwarded", "for=192.0.2.1, For=\"[2001:db8::7]:80\", for=10.2.2.2")], "2001:db8::7"),
            (vec![("forwarded", "for=198.51.100.7, for=_hidden")], "10.0.0.1"),
            (vec![("forwarded", "proto=https")], "10.0.0.1"),
            (vec![("forwarded", "for=\"[::1]:80\"")], "::1"),
            (vec![("forwarded", "for=\"[::ffff:198.51.100.7]\"")], "198.51.100.7"),
            (vec![("forwarded", "for=198.51.100.7, for=unknown")], "10.0.0.1"),
            (vec![("forwarded", "for=192.0.2.1, host=\"a"), ("forwarded", "for=198.51.100.7")], "198.51.100.7"),
            (vec![("forwarded", "for=192.0.2.1;by=\"x, for=198.51.100.7, for=10.2.2.2")], "198.51.100.7"),
            // A proxy that quotes the Host header of its client, who chose one that looks like an element.
            (vec![("forwarded", "for=198.51.100.7;host=\"a, for=192.0.2.9;b\"")], "10.0.0.1"),
            (vec![("forwarded", "for=198.51.100.7;host=\"a\\\", for=192.0.2.9;b=\\\"\"")], "10.0.0.1"),
            (vec![("forwarded", "host=a;for=192.0.2.9;for=198.51.100.7")], "10.0.0.1"),
            (vec![("x-real-ip", "198.51.100.7")], "198.51.100.7"),
            (vec![("x-real-ip", "192.0.2.9"), ("forwarded", "for=198.51.100.7")], "198.51.100.7"),
            (vec![("x-real-ip", "192.0.2.9"), ("x-forwarded-for", "unknown")], "10.0.0.1"),
            (vec![("x-real-ip", "192.0.2.9"), ("x-forwarded-for", "198.51.100.7")], "198.51.100.7"),
            (vec![("forwarded", "for=192.0.2.9"), ("x-forwarded-for", "198.51.100.7")], "198.51.100.7"),
            (vec![], "10.0.0.1"),
        ] {
            assert_eq!(seen("10.0.0.1", &lines), expected, "{lines:?}");
            assert_eq!(seen("::ffff:10.0.0.1", &lines), expected, "mapped peer, {lines:?}");
        }
    }
}
