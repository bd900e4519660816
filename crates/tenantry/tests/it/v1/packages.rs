//! Packages: made, read, changed, deleted, and who sees whose.

use serde_json::{Value, json};
use tenantry_domain::account::Kind;

use super::caller::Bearer;
use crate::harness::Site;

#[track_caller]
fn make(party: &Bearer, name: &str) -> Value {
    let answer = party.post("/packages", &json!({"name": name, "channel": "email", "identifier": name, "quantity": 100}));
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()
}

fn ids(party: &Bearer, query: &str) -> Vec<i64> {
    party.get(&format!("/packages{query}")).json()["packages"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect()
}

#[test]
fn a_package_is_made_changed_and_deleted() {
    let site = Site::start();
    let provider = site.bearer(1);
    let answer = provider.post("/packages", &json!({"name": "Gold", "channel": "email", "identifier": "gold"}));
    let made = answer.json();
    assert_eq!(answer.status, 201, "{}", answer.body);
    let path = answer.header("location").unwrap().rsplit_once("/v1").unwrap().1.to_owned();
    let at = "2026-03-01T12:00:00.000Z";
    let expected = json!({"id": made["id"], "provider_id": 1, "channel": "email", "name": "Gold", "identifier": "gold", "quantity": 0, "status": "active",
        "created_at": at, "updated_at": at});
    assert_eq!((&made, provider.get(&path).json()), (&expected, expected.clone()));
    let changed = provider.patch(&path, &json!({"quantity": 7, "identifier": null, "status": "inactive"})).json();
    assert_eq!((&changed["quantity"], &changed["identifier"], &changed["status"]), (&json!(7), &Value::Null, &json!("inactive")));
    let minimal = provider.call("PATCH", &path, &[("Prefer", "return=minimal")], r#"{"status": "active"}"#);
    assert_eq!((minimal.status, minimal.body.as_str()), (204, ""));
    let customer = provider.create(&json!({"organization": "ABC", "email_package_id": made["id"]}));
    provider.delete(&path).is_problem(409, "not_empty", &["id"]);
    provider.patch(&format!("/customers/{}", customer["id"]), &json!({"email_package_id": null}));
    assert_eq!(provider.delete(&path).status, 204);
    provider.get(&path).is_problem(404, "not_found", &[]);
    provider.delete(&path).is_problem(404, "not_found", &[]);
}

#[test]
fn a_request_that_comes_again_makes_no_second_package() {
    let site = Site::start();
    let provider = site.bearer(1);
    let send = || provider.call("POST", "/packages", &[("Idempotency-Key", "p-1")], r#"{"name": "Gold", "channel": "sms"}"#);
    let (first, again) = (send(), send());
    assert_eq!((first.status, again.status, &first.body), (201, 201, &again.body));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(ids(&provider, "").len(), 1);
}

#[test]
fn who_sees_and_changes_whose() {
    let site = Site::start();
    let (provider, operator) = (site.bearer(1), site.bearer(0));
    let sub_id = site.add(1, Kind::Provider, None);
    let (sub, sibling) = (site.bearer(sub_id), site.bearer(site.add(1, Kind::Provider, None)));
    let other = site.bearer(site.add_tenant().id);
    let own = make(&provider, "own")["id"].as_i64().unwrap();
    let below = make(&sub, "below")["id"].as_i64().unwrap();
    let for_sub = provider.post("/packages", &json!({"name": "Given", "channel": "sms", "provider_id": sub_id})).json();
    let given = for_sub["id"].as_i64().unwrap();
    assert_eq!(for_sub["provider_id"], sub_id);
    let foreign = make(&other, "foreign")["id"].as_i64().unwrap();
    assert_eq!((ids(&provider, ""), ids(&sub, ""), ids(&sibling, "")), (vec![own, below, given], vec![own, below, given], vec![own]));
    assert_eq!(ids(&operator, ""), [own, below, given, foreign]);
    let customer =
        site.bearer(provider.create(&json!({"organization": "A", "auto_signup": true, "email_package_id": own}))["id"].as_i64().unwrap());
    assert_eq!(ids(&customer, ""), [own]);
    let path = |id: i64| format!("/packages/{id}");
    sub.patch(&path(own), &json!({"name": "x"})).is_problem(403, "forbidden", &[]);
    customer.patch(&path(own), &json!({"name": "x"})).is_problem(403, "forbidden", &[]);
    customer.post("/packages", &json!({"name": "x", "channel": "sms"})).is_problem(403, "forbidden", &["provider_id"]);
    for (party, id) in [(&provider, foreign), (&sibling, below), (&customer, below)] {
        let nobody = party.get(&path(crate::access::NOBODY));
        for answer in [party.get(&path(id)), party.patch(&path(id), &json!({"name": "x"})), party.delete(&path(id))] {
            assert_eq!((answer.status, &answer.body), (404, &nobody.body));
        }
    }
    assert_eq!(provider.patch(&path(below), &json!({"name": "x"})).status, 200);
    // Page by page.
    let first = provider.get("/packages?limit=2").json();
    assert_eq!(first["packages"].as_array().unwrap().len(), 2);
    assert_eq!(ids(&provider, &format!("?limit=2&cursor={}", first["next_cursor"].as_str().unwrap())), [given]);
}

#[test]
fn what_is_asked_wrongly_is_named() {
    let site = Site::start();
    let provider = site.bearer(1);
    make(&provider, "gold");
    let faulty = json!({"channel": "fax", "identifier": "7", "quantity": -1, "status": "deleted", "id": 3, "price": 1});
    provider.post("/packages", &faulty).is_problem(422, "invalid", &["channel", "id", "identifier", "name", "price", "quantity", "status"]);
    provider.post("/packages", &json!({"name": "x", "channel": "sms", "identifier": "gold"})).is_problem(409, "taken", &["identifier"]);
    let path = format!("/packages/{}", make(&provider, "silver")["id"]);
    provider.patch(&path, &json!({"channel": "sms", "provider_id": 2, "name": null})).is_problem(
        422,
        "invalid",
        &["channel", "name", "provider_id"],
    );
    provider.patch(&path, &json!({"identifier": "gold"})).is_problem(409, "taken", &["identifier"]);
}
