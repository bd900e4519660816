//! Providers below the caller: made, listed, changed, taken out of service.

use serde_json::{Value, json};
use tenantry_domain::account::Kind;

use super::caller::Bearer;
use crate::harness::Site;

fn ids(party: &Bearer, query: &str) -> Vec<i64> {
    let page = party.get(&format!("/providers?{query}")).json();
    page["providers"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect()
}

#[test]
fn a_provider_is_made_and_works_until_it_is_suspended() {
    let site = Site::start();
    let provider = site.bearer(1);
    let answer = provider.post("/providers", &json!({"organization": "Reseller", "email": "r@example.org"}));
    assert_eq!(
        (answer.status, &answer.json()["kind"], &answer.json()["status"]),
        (201, &json!("provider"), &json!("pending")),
        "{}",
        answer.body
    );
    let path = answer.header("location").unwrap().rsplit_once("/v1").unwrap().1.to_owned();
    let id = answer.json()["id"].as_i64().unwrap();
    assert_eq!(path, format!("/providers/{id}"));
    assert_eq!(provider.post(&format!("{path}/activate"), &json!({})).json()["status"], "active");
    assert_eq!(provider.patch(&path, &json!({"city": "Pune"})).json()["city"], "Pune");
    let issued = provider.post(&format!("/accounts/{id}/keys"), &json!({})).json();
    let reseller = Bearer { key: issued["secret"].as_str().unwrap().to_owned(), address: site.address() };
    let customer = reseller.create(&json!({"organization": "ABC"}));
    assert_eq!(customer["parent_id"], id);
    provider.delete(&path).is_problem(409, "not_empty", &["status"]);
    assert_eq!(provider.post(&format!("{path}/suspend"), &json!({"owner": "billing"})).json()["status"], "suspended");
    assert_eq!(reseller.get("/customers").status, 401);
    assert_eq!(provider.post(&format!("{path}/resume"), &json!({"owner": "billing"})).json()["status"], "active");
    assert_eq!(reseller.delete(&format!("/customers/{}", customer["id"])).status, 204);
    assert_eq!(provider.delete(&path).status, 204);
    assert_eq!(provider.post(&format!("{path}/restore"), &json!({})).json()["status"], "active");
}

#[test]
fn providers_and_customers_are_listed_apart() {
    let site = Site::start();
    let provider = site.bearer(1);
    let sub_id = site.add(1, Kind::Provider, Some("sub@example.org"));
    let below = site.add(sub_id, Kind::Provider, None);
    let customer = site.add(sub_id, Kind::Customer, None);
    site.add_tenant();
    let (sub, operator) = (site.bearer(sub_id), site.bearer(0));
    assert_eq!((ids(&provider, ""), ids(&sub, "")), (vec![sub_id, below], vec![below]));
    assert!(ids(&operator, "limit=200").starts_with(&[1, sub_id, below]));
    assert_eq!((ids(&provider, "search=sub@exa"), ids(&provider, &format!("parent_id={sub_id}"))), (vec![sub_id], vec![below]));
    assert_eq!(ids(&site.bearer(customer), ""), [0; 0]);
    let next = provider.get("/providers?limit=1").json();
    assert_eq!(ids(&provider, &format!("cursor={}", next["next_cursor"].as_str().unwrap())), [below]);
    // A customer is no provider, and neither is the operator.
    let missing = provider.get(&format!("/providers/{}", crate::access::NOBODY));
    for (method, path) in [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/suspend"), ("GET", "/events")] {
        let answer = provider.call(method, &format!("/providers/{customer}{path}"), &[], if method == "GET" { "" } else { "{}" });
        assert_eq!((answer.status, &answer.body), (404, &missing.body), "{method} {path}");
    }
    assert_eq!(operator.get("/providers/0").status, 404);
}

#[test]
fn the_operator_makes_tenants() {
    let site = Site::start();
    let operator = site.bearer(0);
    let made: Value = operator.post("/providers", &json!({"organization": "Tenant", "auto_signup": true})).json();
    let id = made["id"].as_i64().unwrap();
    assert_eq!((&made["status"], &made["parent_id"]), (&json!("active"), &json!(0)));
    assert_eq!(site.bearer(id).create(&json!({"organization": "ABC"}))["parent_id"], id);
    operator.post("/customers", &json!({"organization": "ABC"})).is_problem(422, "invalid", &["parent_id"]);
}
