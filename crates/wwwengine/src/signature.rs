//! The signature in the query: read in its canonical form or not at all.
//!
//! What is signed is `sha256(private key ‖ query)`, which whoever has seen one hash can extend with a query of his own. So nothing is ever computed
//! over the query as it came: three values are read from it, each in the one spelling it may have, and everything else is refused.

use tenantry_domain::AccountId;
use tenantry_domain::key::PublicKey;
use tenantry_http::query::{decode, pairs};
use tenantry_service::SignedQuery;

/// The three parameters, as the documents spell them.
const NAMES: [&str; 3] = ["actingUserID", "auth", "hash"];

/// Reads the signature from a raw query. `None` for anything but three values, each given once, none of them encoded.
pub(crate) fn read(raw: &str) -> Option<SignedQuery> {
    let mut values: [Option<&str>; 3] = [None; 3];
    for (name, value) in pairs(raw) {
        if let Some(index) = NAMES.iter().position(|known| *known == name) {
            // Twice is once too often: two readers could take different ones.
            if values[index].replace(value).is_some() {
                return None;
            }
        } else if resembles(name) {
            return None;
        }
    }
    let [account_id, public, hash] = values;
    let hash = hash.filter(|hash| hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))?;
    Some(SignedQuery { account_id: AccountId::parse(account_id?)?, public: PublicKey::parse_pair(public?).ok()?, hash: hash.to_owned() })
}

/// Another spelling of one of the names: encoded, in another case, with spaces, or as an array.
fn resembles(name: &str) -> bool {
    if name.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return NAMES.iter().any(|known| known.eq_ignore_ascii_case(name));
    }
    let Some(decoded) = decode(name) else { return true };
    let bare = decoded.split('[').next().unwrap_or_default().trim();
    NAMES.iter().any(|known| known.eq_ignore_ascii_case(bare))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AUTH: &str = "38f9c45022de9ccd105545423b77e950af7dbc5eb31660d6bf1160431513f5ae";
    const HASH: &str = "5d0553dbac6d5faf151bf2420fb3dc19c9d8da00a1e27ea630cbe8d41ec50e49";

    #[test]
    fn the_order_is_free_and_others_may_stand_beside() {
        for query in
            [format!("actingUserID=1&auth={AUTH}&hash={HASH}"), format!("hash={HASH}&page=2&auth={AUTH}&search=a%20b&actingUserID=1")]
        {
            let signed = read(&query).unwrap();
            assert_eq!((signed.account_id.get(), signed.public.as_str(), signed.hash.as_str()), (1, AUTH, HASH));
        }
    }

    #[test]
    fn every_other_spelling_is_refused() {
        let upper = HASH.to_uppercase();
        for query in [
            String::new(),
            format!("actingUserID=1&auth={AUTH}"),
            format!("actingUserID=1&actingUserID=1&auth={AUTH}&hash={HASH}"),
            format!("actingUserID=1&auth={AUTH}&hash={HASH}&hash={HASH}"),
            format!("actingUserID[]=1&auth={AUTH}&hash={HASH}"),
            format!("actingUserID=1&auth={AUTH}&hash={HASH}&auth[]=x"),
            format!("actingUserID=1&auth={AUTH}&hash={HASH}&auth%5B%5D=x"),
            format!("actingUserID=1&auth={AUTH}&hash={HASH}&%61uth=x"),
            format!("actingUserID=1&auth={AUTH}&hash={HASH}&AUTH=x"),
            format!("actingUserID=%31&auth={AUTH}&hash={HASH}"),
            format!("actingUserID=+1&auth={AUTH}&hash={HASH}"),
            format!("actingUserID=01&auth={AUTH}&hash={HASH}"),
            format!("actingUserID=1%20&auth={AUTH}&hash={HASH}"),
            format!("actingUserID=١&auth={AUTH}&hash={HASH}"),
            format!("actingUserID=1;auth={AUTH};hash={HASH}"),
            format!("actingUserID=1&auth={AUTH}&hash={upper}"),
            format!("actingUserID=1&auth={AUTH}&hash={}", &HASH[1..]),
            format!("actingUserID=1&auth={AUTH}&hash=%35{}", &HASH[1..]),
        ] {
            assert!(read(&query).is_none(), "{query}");
        }
    }

    /// One change to a query: a character put in, taken out or replaced, or a piece of it written again.
    fn mutated(query: &str, kind: u8, at: usize, character: char) -> String {
        let mut characters: Vec<char> = query.chars().collect();
        let at = at % characters.len();
        match kind {
            0 => characters.insert(at, character),
            1 => drop(characters.remove(at)),
            2 => characters[at] = character,
            _ => {
                let again: Vec<char> = characters[at..].to_vec();
                characters.push('&');
                characters.extend(again);
            }
        }
        characters.into_iter().collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        /// Whatever is accepted has its three values once and as they are, and nothing that any reader could take for another of them.
        #[test]
        fn what_is_accepted_is_canonical(changes in proptest::collection::vec((0..4_u8, any::<usize>(), "[ -~é%&=;+\\[\\]0-9a-fA-F]"), 0..4)) {
            let mut query = format!("actingUserID=47921&auth={AUTH}&hash={HASH}");
            for (kind, at, character) in changes {
                query = mutated(&query, kind, at, character.chars().next().unwrap_or('x'));
            }
            if let Some(signed) = read(&query) {
                let canonical = [format!("actingUserID={}", signed.account_id), format!("auth={}", signed.public.as_str()), format!("hash={}", signed.hash)];
                for piece in &canonical {
                    prop_assert_eq!(query.split('&').filter(|other| other == piece).count(), 1, "{}", query);
                }
                for other in query.split('&').filter(|piece| !canonical.iter().any(|canonical| canonical == piece)) {
                    let name = decode(other.split('=').next().unwrap_or_default()).unwrap_or_default().to_lowercase();
                    prop_assert!(!["actinguserid", "auth", "hash"].iter().any(|known| name.trim() == *known || name.starts_with(&format!("{known}["))), "{}", query);
                }
            }
        }
    }
}
