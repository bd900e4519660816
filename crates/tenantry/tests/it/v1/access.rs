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
    let read = || vec![if reached { 200 } else { 404 }];
    Some(match operation {
        ("GET", "/v1/customers" | "/v1/providers" | "/v1/packages" | "/v1/keys" | "/v1/duplicates" | "/v1/export/customers") => vec![200],
        // What a row may do is what its call may: `imports.rs` shows it.
        ("POST", "/v1/imports") => vec![if role == Role::Customer { 403 } else { 200 }],
        ("GET", "/v1/customers/{id}/events" | "/v1/customers/{id}/export") if role == Role::Customer => vec![403],
        ("GET", path) if path.starts_with("/v1/customers/{id}") => read(),
        // Nobody stands below a customer, and the operator's customers stand below providers.
        ("POST", "/v1/customers" | "/v1/providers") => match (role, reached) {
            (Role::Customer, _) => vec![403],
            (_, false) => vec![404],
            (_, true) => vec![201, 422],
        },
        // Everybody is merged with itself here, which nobody can be.
        // The operator's own number is no customer's that a body can name: 1 stands in for it, of another tenant.
        ("POST", "/v1/customers/{id}/merge") => match (role, kin, reached) {
            (Role::Operator, Kin::Own, _) => vec![403, 404, 422],
            (.., true) => vec![403, 422],
            (.., false) => vec![404],
        },
        ("POST", "/v1/customers/{id}/unmerge") => vec![404],
        ("POST", "/v1/customers/{id}/pin/check") => read(),
        // Nobody has name servers of its own here.
        ("PUT", "/v1/customers/{id}/name_servers") => read(),
        ("POST" | "DELETE", "/v1/customers/{id}/name_servers" | "/v1/customers/{id}/name_servers/{host}") => {
            vec![if reached { 422 } else { 404 }]
        }
        ("POST", path) if path.starts_with("/v1/customers/{id}/quotas/") => match (reached, kin) {
            (false, _) => vec![404],
            (true, Kin::Own) => vec![403],
            (true, Kin::Deleted) => vec![409],
            (true, _) => vec![200],
        },
        ("PATCH", "/v1/customers/{id}") => match (reached, kin) {
            (true, Kin::Deleted) => vec![409],
            (true, _) => vec![200],
            (false, _) => vec![404],
        },
        // The kin that are providers are not erased.
        ("POST", "/v1/customers/{id}/erase") => vec![if reached { 200 } else { 404 }, if reached { 403 } else { 404 }],
        (_, path) if path.starts_with("/v1/providers/{id}") && !(reached && is_provider(role, kin)) => vec![404],
        ("GET" | "PATCH", path) if path.starts_with("/v1/providers/{id}") => vec![200],
        ("DELETE" | "POST", path) if path.starts_with("/v1/customers/{id}") || path.starts_with("/v1/providers/{id}") => {
            match (reached, kin) {
                (false, _) => vec![404],
                // What is so already is no change, and so is allowed.
                (true, Kin::Own) => vec![200, 403],
                (true, _) => vec![200, 204, 409],
            }
        }
        ("POST", "/v1/packages") if reached => vec![if is_provider(role, kin) { 201 } else { 403 }],
        ("POST", "/v1/packages") | (_, "/v1/packages/{package_id}") => vec![404],
        ("POST" | "DELETE", path) if path.contains("/keys") && role == Role::Customer && kin == Kin::Own => vec![403],
        ("POST", "/v1/keys") => vec![201],
        ("DELETE", "/v1/keys/{public}") => vec![404],
        ("GET", "/v1/accounts/{id}/keys") => read(),
        ("POST", "/v1/accounts/{id}/keys") => match (reached, kin) {
            (true, Kin::Deleted) => vec![409],
            (true, _) => vec![201],
            (false, _) => vec![404],
        },
        ("GET", "/v1/settings") => vec![if role == Role::Operator { 403 } else { 200 }],
        ("PATCH", "/v1/settings") => vec![if role == Role::Provider { 200 } else { 403 }],
        ("DELETE", "/v1/accounts/{id}/keys/{public}") => vec![404],
        _ => return None,
    })
}

/// Whether this kin of a role is a provider.
fn is_provider(role: Role, kin: Kin) -> bool {
    match role {
        Role::Operator | Role::Provider => match kin {
            Kin::Own => role == Role::Provider,
            Kin::Child => true,
            Kin::Grandchild => role == Role::Operator,
            _ => false,
        },
        Role::SubProvider => kin == Kin::Own,
        Role::Customer | Role::SuspendedProvider => false,
    }
}

/// A path with everything in braces filled in. Of packages there is none with this id, and of keys none that begins so.
fn filled(path: &str, id: i64) -> String {
    let nobody = crate::access::NOBODY.to_string();
    let filled = path.replace("{id}", &id.to_string()).replace("{package_id}", &nobody);
    filled.replace("{channel}", "sms").replace("{host}", "ns1.example.org").replace("{public}", "00000000")
}

fn make((method, form): (&str, &str), party: &Bearer, id: i64) -> Answer {
    let path = filled(form.strip_prefix("/v1").unwrap(), id);
    let parent = id.max(1);
    match (method, form) {
        ("GET", "/v1/customers" | "/v1/providers") => party.get(&format!("{path}?parent_id={id}")),
        ("POST", "/v1/customers" | "/v1/providers") => party.post(&path, &json!({"organization": "matrix", "parent_id": parent})),
        ("POST", "/v1/packages") => party.post(&path, &json!({"name": "matrix", "channel": "sms", "provider_id": parent})),
        ("POST", "/v1/imports") => party.import("", "text/csv", "email\n"),
        ("PATCH", "/v1/settings") => party.patch(&path, &json!({"require_if_match": false})),
        ("PATCH", "/v1/packages/{package_id}") => party.patch(&path, &json!({"name": "matrix"})),
        ("PATCH", _) => party.patch(&path, &json!({"city": "matrix"})),
        ("PUT", _) => party.call("PUT", &path, &[], r#"{"mode": "default"}"#),
        ("POST", path_form) if path_form.ends_with("/name_servers") => party.post(&path, &json!({"hosts": [{"name": "ns1.example.org"}]})),
        ("POST", path_form) if path_form.ends_with("/check") => party.post(&path, &json!({"pin": "4711"})),
        ("POST", path_form) if path_form.contains("/quotas/") => party.post(&path, &json!({"units": 0, "reason": "matrix"})),
        ("POST", path_form) if path_form.ends_with("merge") => party.post(&path, &json!({"merged_id": parent})),
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
                // Whose keys are meant, no kin can change.
                if operation.1.starts_with("/v1/keys") && kin != Kin::Own {
                    continue;
                }
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
                let names_another =
                    ["/v1/customers", "/v1/providers", "/v1/packages"].contains(&operation.1) && operation.0 == "POST" && id == 0;
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
        let answer = call(site.address(), method, &filled(path, id), &[], b"");
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
