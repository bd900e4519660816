//! Who may do what to whom: every call and every method × every role × every kin, from one table.

use serde_json::json;
use tenantry_everlytic::{CALLS, METHODS};
use tenantry_service::NewKey;
use tenantry_xmlrpc::Value;

use super::caller::{Caller, structure};
use crate::access::{KIN, Kin, NOBODY, ROLES, Role, family, reaches};
use crate::harness::Site;

/// Whether this kin is a provider below the caller, which is no customer.
fn is_provider_below(role: Role, kin: Kin) -> bool {
    match role {
        Role::Operator => matches!(kin, Kin::Child | Kin::Grandchild),
        Role::Provider => kin == Kin::Child,
        Role::SubProvider | Role::Customer | Role::SuspendedProvider => false,
    }
}

/// What each call answers. A call that is not here fails the test below.
fn expected(call: (&str, &str), role: Role, kin: Kin) -> Option<&'static [u16]> {
    if role == Role::SuspendedProvider {
        return Some(&[401]);
    }
    let reached = reaches(role, kin) && !is_provider_below(role, kin);
    let is_provider = matches!(role, Role::Provider | Role::SubProvider);
    Some(match call {
        ("GET", "/api/2.0" | "/api/2.0/customers" | "/api/2.0/packages") => &[200],
        // They make something of their caller's own; whom else they name is no part of them.
        ("POST", "/api/2.0/customers") if role == Role::Operator => &[422],
        ("POST", "/api/2.0/customers" | "/api/2.0/packages") => {
            if is_provider {
                &[201]
            } else {
                &[403]
            }
        }
        ("GET", "/api/2.0/customers/{id}") if reached => &[200],
        ("PUT", "/api/2.0/customers/{id}") if reached => {
            if kin == Kin::Deleted {
                &[409]
            } else {
                &[200]
            }
        }
        ("DELETE", "/api/2.0/customers/{id}") if reached => {
            if kin == Kin::Own {
                &[403]
            } else {
                &[200, 409]
            }
        }
        // To have no package, where there is none, is no change.
        ("POST", path) if path.contains("change_") && reached => &[200],
        ("GET" | "PUT" | "DELETE", "/api/2.0/customers/{id}" | "/api/2.0/packages/{id}") => &[404],
        ("POST", path) if path.contains("change_") => &[404],
        _ => return None,
    })
}

/// Makes a call about somebody. Packages are asked for that do not exist: who sees which has a test of its own.
fn make((method, path): (&str, &str), caller: &Caller, id: i64) -> (u16, String) {
    let path = path.strip_prefix("/api/2.0").unwrap();
    let path =
        if path.starts_with("/packages") { path.replace("{id}", &NOBODY.to_string()) } else { path.replace("{id}", &id.to_string()) };
    let path = path.replace("{package}", "0");
    let answer = match method {
        "POST" if path == "/customers" => caller.post(&path, &json!({"name": "A", "email": format!("n{id}@example.org")})),
        "POST" if path == "/packages" => caller.post(&path, &json!({"name": "A", "channel": "email"})),
        "PUT" => caller.put(&path, &json!({"name": "matrix"})),
        "GET" if path == "/customers" => caller.get(&format!("/customers?id={id}")),
        method => caller.call(method, &path, &[], ""),
    };
    (answer.status, answer.body)
}

#[test]
fn every_call_by_every_role_on_every_kin() {
    let site = Site::start();
    let operator = site.key(0, NewKey::default());
    let operators = site.caller(0);
    for call in CALLS {
        let about_somebody = call.1.contains("customers/") || call == ("GET", "/api/2.0/customers");
        for role in ROLES {
            let mut foreign = Vec::new();
            for kin in KIN {
                let family = family(&site, role, &operator);
                let caller = if role == Role::Operator { operators.clone() } else { site.caller(family.party.id) };
                let id = family.ids.iter().find(|(of, _)| *of == kin).unwrap().1;
                let allowed = expected(call, role, kin).unwrap_or_else(|| panic!("{call:?} is not in the table"));
                let before = site.count("SELECT count(*) FROM event");
                let (status, body) = make(call, &caller, id);
                assert!(allowed.contains(&status), "{call:?} by {role:?} on {kin:?}: {status} {body}");
                if (!reaches(role, kin) || is_provider_below(role, kin)) && about_somebody {
                    assert_eq!(site.count("SELECT count(*) FROM event"), before, "{call:?} by {role:?} on {kin:?} changed something");
                    // A list's links say what was asked for.
                    foreign.push(body.replace(&format!("?id={id}&"), "?id=ID&"));
                }
            }
            assert!(foreign.windows(2).all(|pair| pair[0] == pair[1]), "{call:?} by {role:?}: foreign and missing differ: {foreign:?}");
        }
    }
}

/// The call of REST that a method about a customer is the same as.
fn same_over_rest(method: &str) -> Option<((&'static str, &'static str), Vec<Value>)> {
    let zero = || vec![Value::Int(0)];
    Some(match method {
        "GetCustomer" => (("GET", "/api/2.0/customers/{id}"), vec![]),
        "UpdateCustomer" => (("PUT", "/api/2.0/customers/{id}"), vec![structure(&json!({"name": "matrix"}))]),
        "DeleteCustomer" => (("DELETE", "/api/2.0/customers/{id}"), vec![]),
        "ChangeEmailPackage" => (("POST", "/api/2.0/customers/change_email_package/{id}/{package}"), zero()),
        "ChangeSmsPackage" => (("POST", "/api/2.0/customers/change_sms_package/{id}/{package}"), zero()),
        "ChangeTransactionsPackage" => (("POST", "/api/2.0/customers/change_transactions_package/{id}/{package}"), zero()),
        _ => return None,
    })
}

#[test]
fn every_method_about_a_customer_answers_as_its_call_does() {
    let site = Site::start();
    let operator = site.key(0, NewKey::default());
    let operators = site.caller(0);
    for method in METHODS {
        let Some((call, more)) = same_over_rest(method.name) else {
            // Those that name no customer, or only packages.
            let others =
                ["CreateCustomer", "ListCustomers", "ListPackages", "GetPackage", "CreatePackage", "UpdatePackage", "DeletePackage"];
            assert!(others.contains(&method.name) || method.name.starts_with("system."), "{} is not in the table", method.name);
            continue;
        };
        for role in ROLES.into_iter().filter(|role| *role != Role::SuspendedProvider) {
            for kin in KIN {
                let family = family(&site, role, &operator);
                let caller = if role == Role::Operator { operators.clone() } else { site.caller(family.party.id) };
                let id = family.ids.iter().find(|(of, _)| *of == kin).unwrap().1;
                let told = caller.xml(method.name, [vec![Value::Int(id)], more.clone()].concat()).map_or_else(|fault| fault.code, |_| 200);
                let allowed = expected(call, role, kin).unwrap();
                assert!(allowed.contains(&u16::try_from(told).unwrap()), "{} by {role:?} on {kin:?}: {told}", method.name);
            }
        }
    }
}
