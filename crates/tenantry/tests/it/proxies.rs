//! The client's address behind proxies decides about allow lists.

use tenantry_domain::value::Network;
use tenantry_service::NewKey;

use crate::harness::{Party, Site, call};

fn from(site: &Site, party: &Party, headers: &[(&str, &str)]) -> u16 {
    call(site.address(), "GET", &format!("/user/1?{}", party.query()), headers, b"").status
}

fn bound(site: &Site) -> Party {
    site.key(1, NewKey { allow: vec![Network::parse("198.51.100.0/24").unwrap()], ..NewKey::default() })
}

#[test]
fn without_listed_proxies_nobody_says_who_it_is() {
    let site = Site::start();
    let party = bound(&site);
    for header in ["X-Forwarded-For", "X-Real-IP", "Client-IP"] {
        assert_eq!(from(&site, &party, &[(header, "198.51.100.7")]), 401);
    }
    assert_eq!(from(&site, &party, &[("Forwarded", "for=198.51.100.7")]), 401);
}

#[test]
fn behind_a_listed_proxy_the_rightmost_stranger_counts() {
    let site = Site::with(&[("trusted_proxies", "127.0.0.1,10.0.0.0/8")]);
    let party = bound(&site);
    assert_eq!(from(&site, &party, &[("X-Forwarded-For", "198.51.100.7")]), 200);
    assert_eq!(from(&site, &party, &[("X-Forwarded-For", "198.51.100.7, 10.1.1.1")]), 200);
    assert_eq!(from(&site, &party, &[("X-Forwarded-For", "198.51.100.7, 203.0.113.9")]), 401, "what a client wrote before the proxy did");
    assert_eq!(from(&site, &party, &[("X-Forwarded-For", "198.51.100.7"), ("X-Forwarded-For", "203.0.113.9")]), 401);
    assert_eq!(from(&site, &party, &[("Forwarded", "for=\"198.51.100.7:4711\";proto=https")]), 200);
    assert_eq!(from(&site, &party, &[]), 401);
}
