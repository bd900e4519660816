//! Who may do what to whom: every call × every kin × every role, from one table.

use serde_json::json;
use tenantry_domain::account::{HoldOwner, Kind};
use tenantry_service::NewKey;
use tenantry_wwwengine::CALLS;

use crate::harness::{Answer, Party, Site, example};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Role {
    Operator,
    Provider,
    SubProvider,
    Customer,
    SuspendedProvider,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kin {
    Own,
    Child,
    Grandchild,
    Sibling,
    Parent,
    OtherTenant,
    Deleted,
    Missing,
}

pub(crate) const ROLES: [Role; 5] = [Role::Operator, Role::Provider, Role::SubProvider, Role::Customer, Role::SuspendedProvider];
pub(crate) const KIN: [Kin; 8] =
    [Kin::Own, Kin::Child, Kin::Grandchild, Kin::Sibling, Kin::Parent, Kin::OtherTenant, Kin::Deleted, Kin::Missing];

/// A party in the midst of a family of its own, and the id of each kin.
pub(crate) struct Family {
    pub(crate) party: Party,
    pub(crate) ids: Vec<(Kin, i64)>,
}

pub(crate) const NOBODY: i64 = 9_007_199_254_740_991;

pub(crate) fn family(site: &Site, role: Role, operator: &Party) -> Family {
    let top = site.add_tenant();
    let other = site.add(site.add_tenant().id, Kind::Customer, None);
    let (sub, sibling) = (site.add(top.id, Kind::Provider, None), site.add(top.id, Kind::Provider, None));
    let (child, below) = (site.add(sub, Kind::Customer, None), site.add(sub, Kind::Provider, None));
    let grandchild = site.add(below, Kind::Customer, None);
    let deleted = site.add(sub, Kind::Customer, None);
    site.delete(deleted);
    let key = |id| site.key(id, NewKey::default());
    let ids = |own, child, grandchild, sibling, parent, deleted| {
        vec![
            (Kin::Own, own),
            (Kin::Child, child),
            (Kin::Grandchild, grandchild),
            (Kin::Sibling, sibling),
            (Kin::Parent, parent),
            (Kin::OtherTenant, other),
            (Kin::Deleted, deleted),
            (Kin::Missing, NOBODY),
        ]
    };
    match role {
        Role::Operator => Family { party: operator.clone(), ids: ids(0, top.id, sub, other, NOBODY, deleted) },
        Role::Provider => Family { ids: ids(top.id, sub, child, other, 0, deleted), party: top },
        Role::SubProvider => Family { party: key(sub), ids: ids(sub, child, grandchild, sibling, top.id, deleted) },
        Role::Customer => {
            let own = site.add(sub, Kind::Customer, None);
            Family { party: key(own), ids: ids(own, NOBODY, NOBODY, child, sub, deleted) }
        }
        Role::SuspendedProvider => {
            let party = key(sub);
            site.suspend(sub, HoldOwner::Provider);
            Family { party, ids: ids(sub, child, grandchild, sibling, top.id, deleted) }
        }
    }
}

/// Whether the role may act on this kin at all.
pub(crate) fn reaches(role: Role, kin: Kin) -> bool {
    match role {
        Role::Operator => !matches!(kin, Kin::Parent | Kin::Missing),
        Role::Provider | Role::SubProvider => matches!(kin, Kin::Own | Kin::Child | Kin::Grandchild | Kin::Deleted),
        Role::Customer => kin == Kin::Own,
        Role::SuspendedProvider => false,
    }
}

/// What each call answers: the table. A call that is not here fails the test below.
fn expected(call: (&str, &str), role: Role, kin: Kin) -> Option<Vec<u16>> {
    if role == Role::SuspendedProvider {
        return Some(vec![401]);
    }
    let reached = reaches(role, kin);
    Some(match call {
        ("GET", "/user/{id}") => vec![if reached { 200 } else { 404 }],
        ("PUT", "/user/{id}") => match (reached, kin) {
            (true, Kin::Deleted) => vec![409],
            (true, _) => vec![200],
            (false, _) => vec![404],
        },
        ("DELETE", "/user/{id}") => match (reached, kin, role) {
            (false, ..) => vec![404],
            (true, Kin::Own, _) => vec![403],
            // Those with live accounts below them are refused for that; the rest go.
            (true, ..) => vec![200, 409],
        },
        // A customer adds nobody, wherever it points; others add below providers that they reach.
        ("POST", "/user") => match (role, reached) {
            (Role::Customer, _) => vec![403],
            (_, false) => vec![404],
            (_, true) => vec![200, 422],
        },
        ("GET", "/user") => vec![200],
        _ => return None,
    })
}

fn make(call: (&str, &str), party: &Party, id: i64) -> Answer {
    match call {
        ("POST", _) => {
            let mut body = example();
            body["type"] = json!("isp");
            body["email"] = json!(format!("n{}@example.org", std::process::id()));
            body["parentID"] = json!(id);
            party.post("/user", &body)
        }
        ("GET", "/user") => party.get(&format!("/user?parentID={id}")),
        ("PUT", _) => party.put(&format!("/user/{id}"), &json!({"preferences": {"phoneNoType": "matrix"}})),
        (method, _) => party.call(method, &format!("/user/{id}"), ""),
    }
}

#[test]
fn every_call_by_every_role_on_every_kin() {
    let site = Site::start();
    let operator = site.key(0, NewKey::default());
    for call in CALLS {
        for role in ROLES {
            let mut foreign = Vec::new();
            for kin in KIN {
                let family = family(&site, role, &operator);
                let id = family.ids.iter().find(|(of, _)| *of == kin).unwrap().1;
                let allowed = expected(call, role, kin).unwrap_or_else(|| panic!("{call:?} is not in the table"));
                let before = site.count("SELECT count(*) FROM event");
                let answer = make(call, &family.party, id);
                assert!(allowed.contains(&answer.status), "{call:?} by {role:?} on {kin:?}: {} {}", answer.status, answer.body);
                // A customer that asks for those below its provider is shown itself, which stands there.
                let shows_itself = (role, kin, call) == (Role::Customer, Kin::Parent, ("GET", "/user"));
                if !reaches(role, kin) && !shows_itself {
                    assert_eq!(site.count("SELECT count(*) FROM event"), before, "{call:?} by {role:?} on {kin:?} changed something");
                    foreign.push(answer.body);
                }
            }
            assert!(foreign.windows(2).all(|pair| pair[0] == pair[1]), "{call:?} by {role:?}: foreign and missing differ: {foreign:?}");
        }
    }
}

#[test]
fn a_list_shows_what_stands_below_and_nothing_else() {
    let site = Site::start();
    let operator = site.key(0, NewKey::default());
    for role in [Role::Provider, Role::SubProvider, Role::Customer] {
        let family = family(&site, role, &operator);
        let listed = family.party.get("/user?limit=200").json();
        let mut ids: Vec<i64> = listed["response"]["users"].as_array().unwrap().iter().map(|user| user["id"].as_i64().unwrap()).collect();
        ids.sort_unstable();
        let own = family.ids[0].1;
        if role == Role::Customer {
            assert_eq!(ids, [own]);
            continue;
        }
        assert!(!ids.is_empty() && !ids.contains(&own));
        for (kin, id) in &family.ids {
            let below = matches!(kin, Kin::Child | Kin::Grandchild);
            assert_eq!(ids.contains(id), below, "{role:?} lists {kin:?}");
        }
        assert_eq!(listed["response"]["total"], ids.len());
    }
}

#[test]
fn providers_stand_eight_deep_and_no_deeper() {
    let site = Site::start();
    let mut parent = 1;
    for depth in 2..=9 {
        let mut body = example();
        body["type"] = json!("isp");
        body["parentID"] = json!(parent);
        body["email"] = json!(format!("depth{depth}@example.org"));
        body["status"] = json!("active");
        let answer = site.provider.post("/user", &body);
        if depth == 9 {
            answer.names(422, &["parentID"]);
        } else {
            answer.saved();
            parent = answer.json()["response"]["id"].as_i64().unwrap();
        }
    }
}

#[test]
fn who_has_an_address_is_told_only_to_those_who_may_see_it() {
    let site = Site::start();
    let (here, there) = (site.add(1, Kind::Provider, None), site.add(1, Kind::Provider, None));
    let holder = site.add(there, Kind::Customer, Some("taken@example.org"));
    let body = |parent: i64| {
        let mut body = example();
        body["email"] = json!("TAKEN@example.org");
        body["parentID"] = json!(parent);
        body
    };
    let seen = site.provider.post("/user", &body(1));
    seen.names(409, &["email"]);
    assert_eq!(seen.json()["errors"][0]["existing_id"], holder);
    let hidden = site.key(here, NewKey::default()).post("/user", &body(here));
    hidden.names(409, &["email"]);
    assert!(hidden.json()["errors"][0].get("existing_id").is_none(), "{}", hidden.body);
    let other = site.add_tenant();
    other.post("/user", &body(other.id)).saved();
}
