//! Who may do what to whom: every operation × every kin × every role, from one table.

use serde_json::json;
use tenantry_domain::account::Kind;
use tenantry_service::NewKey;
use tenantry_v1::calls;

use super::caller::Bearer;
use crate::access::{KIN, Kin, ROLES, Role, family, reaches};
use crate::harness::{Answer, Site, call};

/// What an operation answers. One that is not here fails the test below.
fn expected(operation: (&str, &str), role: Role, kin: Kin) -> Option<Vec<u16>> {
    if role == Role::SuspendedProvider {
        return Some(vec![401]);
    }
    let reached = reaches(role, kin);
    Some(match operation {
        ("GET", "/v1/customers") => vec![200],
        ("GET", "/v1/customers/{id}") => vec![if reached { 200 } else { 404 }],
        // Nobody stands below a customer, and the operator's customers stand below providers.
        ("POST", "/v1/customers") => match (role, reached) {
            (Role::Customer, _) => vec![403],
            (_, false) => vec![404],
            (_, true) => vec![201, 422],
        },
        ("PATCH", "/v1/customers/{id}") => match (reached, kin) {
            (true, Kin::Deleted) => vec![409],
            (true, _) => vec![200],
            (false, _) => vec![404],
        },
        ("DELETE" | "POST", path) if path.starts_with("/v1/customers/{id}") => match (reached, kin) {
            (false, _) => vec![404],
            // What is so already is no change, and so is allowed.
            (true, Kin::Own) => vec![200, 403],
            (true, _) => vec![200, 204, 409],
        },
        ("GET", "/v1/settings") => vec![if role == Role::Operator { 403 } else { 200 }],
        ("PATCH", "/v1/settings") => vec![if role == Role::Provider { 200 } else { 403 }],
        _ => return None,
    })
}

fn make((method, path): (&str, &str), party: &Bearer, id: i64) -> Answer {
    let path = path.strip_prefix("/v1").unwrap().replace("{id}", &id.to_string());
    match (method, path.as_str()) {
        ("GET", "/customers") => party.get(&format!("/customers?parent_id={id}")),
        ("POST", "/customers") => party.post(&path, &json!({"organization": "matrix", "parent_id": id.max(1)})),
        ("PATCH", "/settings") => party.patch(&path, &json!({"require_if_match": false})),
        ("PATCH", _) => party.patch(&path, &json!({"city": "matrix"})),
        ("POST", _) => party.post(&path, &json!({})),
        _ => party.call(method, &path, &[], ""),
    }
}

#[test]
fn every_operation_by_every_role_on_every_kin() {
    let site = Site::start();
    let (operator, operator_bearer) = (site.key(0, NewKey::default()), site.bearer(0));
    for operation in calls() {
        for role in ROLES {
            let mut foreign = Vec::new();
            let mut untouched = None;
            for kin in KIN {
                // A family serves until somebody in it may have been changed.
                let (family, party) = untouched.take().unwrap_or_else(|| {
                    let family = family(&site, role, &operator);
                    // One key for all of the operator's: an account has so many at most.
                    let party = if role == Role::Operator { operator_bearer.clone() } else { site.bearer(family.party.id) };
                    (family, party)
                });
                let id = family.ids.iter().find(|(of, _)| *of == kin).unwrap().1;
                let allowed = expected(operation, role, kin).unwrap_or_else(|| panic!("{operation:?} is not in the table"));
                let before = site.count("SELECT count(*) FROM event");
                let answer = make(operation, &party, id);
                // The operator's id is no parent that a body can name; 1 stands in for it, which the operator reaches and others may not.
                let names_another = operation.1 == "/v1/customers" && operation.0 == "POST" && id == 0;
                if names_another {
                    continue;
                }
                assert!(allowed.contains(&answer.status), "{operation:?} by {role:?} on {kin:?}: {} {}", answer.status, answer.body);
                let shows_itself = (role, kin, operation.1) == (Role::Customer, Kin::Parent, "/v1/customers");
                if !reaches(role, kin) && !shows_itself {
                    assert_eq!(site.count("SELECT count(*) FROM event"), before, "{operation:?} by {role:?} on {kin:?} changed something");
                    foreign.push(answer.body);
                }
                if operation.0 == "GET" || !reaches(role, kin) {
                    untouched = Some((family, party));
                }
            }
            assert!(
                foreign.windows(2).all(|pair| pair[0] == pair[1]),
                "{operation:?} by {role:?}: foreign and missing differ: {foreign:?}"
            );
        }
    }
}

#[test]
fn nobody_without_a_key_is_let_in_anywhere() {
    let site = Site::start();
    let id = site.add(1, Kind::Customer, None);
    let mut answers = Vec::new();
    for (method, path) in calls() {
        let answer = call(site.address(), method, &path.replace("{id}", &id.to_string()), &[], b"");
        assert_eq!(answer.status, 401, "{method} {path}");
        answers.push(answer.body);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "one answer for all");
}

#[test]
fn a_list_shows_what_stands_below_and_nothing_else() {
    let site = Site::start();
    let operator = site.key(0, NewKey::default());
    for role in [Role::Provider, Role::SubProvider, Role::Customer] {
        let family = family(&site, role, &operator);
        let page = site.bearer(family.party.id).get("/customers?limit=200").json();
        let ids: Vec<i64> = page["customers"].as_array().unwrap().iter().map(|customer| customer["id"].as_i64().unwrap()).collect();
        for (kin, id) in &family.ids {
            let is_customer = site.count(&format!("SELECT count(*) FROM account WHERE id = {id} AND kind = 'customer'")) == 1;
            let shown = if role == Role::Customer { *kin == Kin::Own } else { is_customer && matches!(kin, Kin::Child | Kin::Grandchild) };
            assert_eq!(ids.contains(id), shown, "{role:?} lists {kin:?}");
        }
    }
}
