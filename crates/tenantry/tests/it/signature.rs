//! The signature at the wire: the published vectors, forgeries, and one answer for every reason.

use aws_lc_rs::digest::{SHA256, digest};
use tenantry_domain::key::{PublicKey, Scheme};
use tenantry_domain::{AccountId, Command};
use tenantry_service::{NewKey, verifier_of};

use crate::harness::{Answer, Site, call};

const PUBLIC: &str = "38f9c45022de9ccd105545423b77e950af7dbc5eb31660d6bf1160431513f5ae";
const HASH_OF_1: &str = "5d0553dbac6d5faf151bf2420fb3dc19c9d8da00a1e27ea630cbe8d41ec50e49";

/// A site whose account 1 has the key of the published vectors.
fn site() -> Site {
    let site = Site::start();
    let public = PublicKey::parse_pair(PUBLIC).unwrap();
    let command = NewKey::default().command(AccountId::try_from(1).unwrap(), Scheme::Wwwengine, public, verifier_of(HASH_OF_1), true);
    site.run(Command::IssueKey(Box::new(command)));
    site
}

fn get(site: &Site, query: &str) -> Answer {
    call(site.address(), "GET", &format!("/user/1?{query}"), &[], b"")
}

#[test]
fn the_vectors_hold() {
    let site = site();
    assert_eq!(get(&site, &format!("actingUserID=1&auth={PUBLIC}&hash={HASH_OF_1}")).status, 200);
    assert_eq!(get(&site, &format!("hash={HASH_OF_1}&x=1&auth={PUBLIC}&actingUserID=1")).status, 200);
    let refused = [
        // The hash of another account, the hash over another order, and the published length extension.
        format!("actingUserID=1&auth={PUBLIC}&hash=b536e9b61ab576d27cff6fde3f6229b09e4bb0959c8dfd164c839e31a0289b4e"),
        format!("actingUserID=1&auth={PUBLIC}&hash=1ff47b799af1c1327b64b524204cdb81f26b9cc14a6b943541925007a66ebc50"),
        format!(
            "actingUserID=1&auth={PUBLIC}%80{}%04%A0&actingUserID=2&hash=090fc883bf7fe4fd888f14291f63253ed49ddb41f424b1d3981e55ece7bc3f89",
            "%00".repeat(41)
        ),
        format!("actingUserID=2&auth={PUBLIC}&hash={HASH_OF_1}"),
        format!("actingUserID=1&auth={PUBLIC}&hash={}", HASH_OF_1.to_uppercase()),
        format!("actingUserID=01&auth={PUBLIC}&hash={HASH_OF_1}"),
        format!("actingUserID=1&auth={}&hash={HASH_OF_1}", "0".repeat(64)),
        format!("actingUserID=1&auth={PUBLIC}&hash={HASH_OF_1}&hash={HASH_OF_1}"),
        format!("actingUserID=1&auth={PUBLIC}"),
        String::new(),
    ];
    let bodies: Vec<(u16, String)> = refused.iter().map(|query| get(&site, query)).map(|answer| (answer.status, answer.body)).collect();
    assert_eq!(bodies[0], (401, r#"{"resultCode":0,"message":"Authentication failed","response":false,"errors":[]}"#.to_owned()));
    assert!(bodies.iter().all(|body| *body == bodies[0]), "one answer for every reason: {bodies:?}");
}

/// Continues SHA-256 from a hash that somebody saw, without the private key: what made this scheme famous.
#[test]
fn no_length_extension_gets_in() {
    let site = site();
    let seen = format!("actingUserID=1&auth={PUBLIC}");
    for key_length in 1..=128 {
        let padding = padding(key_length + seen.len());
        let suffix = "&actingUserID=2";
        let forged = extend(HASH_OF_1, key_length + seen.len() + padding.len(), suffix.as_bytes());
        let encoded: String = padding.iter().map(|octet| format!("%{octet:02X}")).collect();
        for query in [
            format!("{seen}{encoded}{suffix}&hash={forged}"),
            format!("hash={forged}&{seen}{encoded}{suffix}"),
            format!("actingUserID=2&auth={PUBLIC}{encoded}&hash={forged}"),
            format!("actingUserID=2&auth={PUBLIC}&hash={forged}"),
            format!("actingUserID=1&auth={PUBLIC}&hash={forged}"),
        ] {
            assert_eq!(get(&site, &query).status, 401, "key length {key_length}: {query}");
        }
    }
}

/// The extension above is a real one: with the key known, the honest hash is the same.
#[test]
fn the_forgery_is_a_true_extension() {
    let key = "0123456789abcdef".repeat(4);
    let seen = format!("actingUserID=1&auth={PUBLIC}");
    let padding = padding(key.len() + seen.len());
    let whole = [key.as_bytes(), seen.as_bytes(), &padding, b"&actingUserID=2"].concat();
    assert_eq!(extend(HASH_OF_1, 64 + seen.len() + padding.len(), b"&actingUserID=2"), hex(digest(&SHA256, &whole).as_ref()));
    assert_eq!(hex(digest(&SHA256, &whole).as_ref()), "090fc883bf7fe4fd888f14291f63253ed49ddb41f424b1d3981e55ece7bc3f89");
}

#[test]
fn keys_in_a_body_let_nobody_in_and_change_nobody() {
    let site = site();
    let body = format!(r#"{{"actingUserID":1,"auth":"{PUBLIC}","hash":"{HASH_OF_1}","status":"active"}}"#);
    assert_eq!(call(site.address(), "PUT", "/user/1", &[], body.as_bytes()).status, 401);
    let signed = format!("/user/1?actingUserID=1&auth={PUBLIC}&hash={HASH_OF_1}");
    assert_eq!(call(site.address(), "PUT", &signed, &[], br#"{"actingUserID":2,"preferences":{"phoneNoType":"home"}}"#).status, 401);
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// What SHA-256 puts behind a message of this length (FIPS 180-4, 5.1.1).
fn padding(length: usize) -> Vec<u8> {
    let zeros = (119 - length % 64) % 64;
    let mut padding = vec![0x80];
    padding.extend(std::iter::repeat_n(0, zeros));
    padding.extend(((length as u64) * 8).to_be_bytes());
    padding
}

/// SHA-256 continued from a state (FIPS 180-4, 6.2.2): no library offers what only an attacker wants.
fn extend(seen: &str, length: usize, suffix: &[u8]) -> String {
    let mut state: Vec<u32> = (0..8).map(|i| u32::from_str_radix(&seen[i * 8..i * 8 + 8], 16).unwrap()).collect();
    let message = [suffix, &padding(length + suffix.len())].concat();
    for block in message.chunks(64) {
        let mut w: Vec<u32> = block.chunks(4).map(|word| u32::from_be_bytes(word.try_into().unwrap())).collect();
        for i in 16..64 {
            let s0 = w[i - 15].rotate_right(7) ^ w[i - 15].rotate_right(18) ^ (w[i - 15] >> 3);
            let s1 = w[i - 2].rotate_right(17) ^ w[i - 2].rotate_right(19) ^ (w[i - 2] >> 10);
            w.push(w[i - 16].wrapping_add(s0).wrapping_add(w[i - 7]).wrapping_add(s1));
        }
        let mut v = state.clone();
        for (i, word) in w.iter().enumerate() {
            let s1 = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
            let choice = (v[4] & v[5]) ^ (!v[4] & v[6]);
            let t1 = v[7].wrapping_add(s1).wrapping_add(choice).wrapping_add(round_constant(i)).wrapping_add(*word);
            let s0 = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
            let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
            v.rotate_right(1);
            v[4] = v[4].wrapping_add(t1);
            v[0] = t1.wrapping_add(s0.wrapping_add(majority));
        }
        for (word, add) in state.iter_mut().zip(v) {
            *word = word.wrapping_add(add);
        }
    }
    state.iter().map(|word| format!("{word:08x}")).collect()
}

/// The first 32 bits of the fractional part of the cube root of the i-th prime.
fn round_constant(i: usize) -> u32 {
    let prime = (2_u64..).filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0)).nth(i).unwrap();
    // The largest x with x³ ≤ prime · 2^96 has the cube root's first 32 fractional bits in its low half.
    let wanted = u128::from(prime) << 96;
    let mut root: u128 = 0;
    for bit in (0..36).rev() {
        let candidate = root | (1 << bit);
        if candidate.pow(3) <= wanted {
            root = candidate;
        }
    }
    root as u32
}
