//! Any body is read or faulted: no shape of known and unknown members makes the reader stumble.

use proptest::prelude::*;
use tenantry_http::json::Tree;

use super::{Mode, read};

/// Names that the reader knows, in some spelling, and one that it does not.
const NAMES: [&str; 34] = [
    "type",
    "email",
    "password",
    "parentID",
    "autoSignup",
    "buyingCurrency",
    "allow",
    "allowIPV",
    "ipv4address",
    "socialPages",
    "socialInfo",
    "userInfo",
    "dateOfBirth",
    "contactInfo",
    "postalInfo",
    "TITLE",
    "first-name",
    "LastName",
    "address",
    "street",
    "city",
    "postalCode",
    "countryCode",
    "voice",
    "number",
    "cell",
    "fax",
    "callInPin",
    "preferences",
    "nameServerType",
    "nameServers",
    "status",
    "head",
    "x",
];

fn tree() -> impl Strategy<Value = Tree> {
    let text =
        prop_oneof![any::<String>(), "[0-9+. -]{0,20}", "[a-z]{1,8}@[a-z]{1,8}\\.org", Just("specify".to_owned()), Just("IN".to_owned())];
    let leaf = prop_oneof![
        Just(Tree::Null),
        any::<bool>().prop_map(Tree::Bool),
        any::<i64>().prop_map(|number| Tree::Number(number.into())),
        text.prop_map(Tree::Text),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        let member = (proptest::sample::select(&NAMES[..]).prop_map(str::to_owned), inner.clone());
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(Tree::List),
            proptest::collection::vec(member, 0..8).prop_map(Tree::Object),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_body_is_read_or_faulted(members in proptest::collection::vec((proptest::sample::select(&NAMES[..]), tree()), 0..12), adds in any::<bool>()) {
        let now = "2026-03-01T12:00:00Z".parse().unwrap();
        let members: Vec<(String, Tree)> = members.into_iter().map(|(name, tree)| (name.to_owned(), tree)).collect();
        let mode = if adds { Mode::Add } else { Mode::Edit };
        let draft = read(members.clone(), mode, now);
        prop_assert!(draft.faults.iter().all(|fault| !fault.field.is_empty() && !fault.message.is_empty()));
        // Reading is a function of the body.
        prop_assert_eq!(read(members, mode, now).faults, draft.faults);
    }
}
