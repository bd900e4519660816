//! Packages, who has which, and balances under racing consumers.

use std::sync::Arc;

use serde_json::json;
use tenantry_domain::account::Kind;
use tenantry_domain::quota::movement::MoveQuota;
use tenantry_domain::quota::{Channel, MovementKind, Quota};
use tenantry_domain::value::Label;
use tenantry_domain::{AccountId, Command};

use crate::harness::Site;

#[test]
fn a_package_through_its_life() {
    let site = Site::start();
    let caller = site.caller(1);
    let id = caller.create(&json!({"name": "A", "email": "a@example.org"}))["id"].as_i64().unwrap();
    let created = caller.post("/packages", &json!({"name": "Gold", "channel": "email", "identifier": "gold", "quantity": 1000}));
    let expected = json!({"id": 1, "enterprise_id": 1, "provider_id": 1, "channel": "email", "name": "Gold", "identifier": "gold", "quantity": 1000, "status": "on"});
    assert_eq!((created.status, created.item()), (201, expected.clone()));
    assert_eq!(caller.get("/packages/1").item(), expected);
    assert_eq!(caller.put("/packages/1", &expected).item(), expected, "a whole record can be sent back");
    caller.post("/packages", &json!({"name": "Texts", "channel": "SMS"})).item();

    let change = |path: &str| caller.call("POST", &format!("/customers/{path}"), &[], "{}");
    assert_eq!(change(&format!("change_email_package/{id}/gold")).item()["email_package_id"], 1);
    assert_eq!(caller.call("POST", &format!("/customers/change_email_package/{id}/1/"), &[], "").item()["email_package_id"], 1);
    assert_eq!(change(&format!("change_sms_package/{id}/2")).item()["sms_package_id"], 2);
    change(&format!("change_email_package/{id}/2")).refuses(404, &["email_package_id"]);
    change(&format!("change_email_package/{id}/99")).refuses(404, &["email_package_id"]);
    change(&format!("change_email_package/{id}/no!")).refuses(404, &["email_package_id"]);
    change("change_email_package/99/gold").refuses(404, &["id"]);
    assert_eq!(caller.get("/customers?filter[email_package_id]=1").ids(), [id]);

    caller.delete("/packages/1").refuses(409, &["id"]);
    assert_eq!(caller.put("/packages/1", &json!({"status": "off", "name": "Old gold"})).item()["name"], "Old gold");
    let other = caller.create(&json!({"name": "B", "email": "b@example.org"}))["id"].as_i64().unwrap();
    change(&format!("change_email_package/{other}/gold")).refuses(404, &["email_package_id"]);
    assert_eq!(caller.put(&format!("/customers/{id}"), &json!({"email_package_id": 1})).status, 200, "who has it keeps it");
    for none in [json!(0), json!(""), json!("0")] {
        caller.put(&format!("/customers/{id}"), &json!({"sms_package_id": 2})).item();
        assert_eq!(caller.put(&format!("/customers/{id}"), &json!({"sms_package_id": none})).item()["sms_package_id"], 0, "{none}");
    }
    assert_eq!(change(&format!("change_email_package/{id}/0")).item()["email_package_id"], 0);
    assert_eq!(caller.delete("/packages/1").item()["status"], "deleted");
    caller.get("/packages/1").refuses(404, &["id"]);
    assert_eq!(caller.get("/packages").ids(), [2]);
}

#[test]
fn faulty_packages_are_refused_by_name() {
    let site = Site::start();
    let caller = site.caller(1);
    caller.post("/packages", &json!({"name": "Gold", "channel": "email", "identifier": "gold"})).item();
    caller.post("/packages", &json!({})).refuses(422, &["channel", "name"]);
    let faulty = json!({"name": "", "channel": "fax", "identifier": "12", "quantity": -1, "status": "deleted", "id": 7, "enterprise_id": 9, "provider_id": 9});
    caller
        .post("/packages", &faulty)
        .refuses(422, &["channel", "enterprise_id", "id", "identifier", "name", "provider_id", "quantity", "status"]);
    caller.post("/packages", &json!({"name": "G", "channel": "sms", "identifier": "gold"})).refuses(409, &["identifier"]);
    caller.put("/packages/1", &json!({"channel": "sms", "provider_id": 5})).refuses(422, &["channel", "provider_id"]);
    caller.put("/packages/9", &json!({"name": "x"})).refuses(404, &["id"]);
    for query in ["channel=fax", "status=asleep", "count=0", "order=name"] {
        let name = query.split('=').next().unwrap();
        caller.get(&format!("/packages?{query}")).refuses(422, &[name]);
    }
    assert_eq!(caller.get("/packages?identifier=gold&channel=email&status=on").ids(), [1]);
}

#[test]
fn packages_are_seen_along_the_line_and_nowhere_else() {
    let site = Site::start();
    let (sub, beside) = (site.add(1, Kind::Provider, None), site.add(1, Kind::Provider, None));
    let (top, sub_caller, beside_caller, stranger) =
        (site.caller(1), site.caller(sub), site.caller(beside), site.caller(site.add_tenant().id));
    let make = |caller: &super::caller::Caller| {
        caller.post("/packages", &json!({"name": "P", "channel": "email", "identifier": "p"})).item()["id"].as_i64().unwrap()
    };
    let (of_top, of_sub, of_beside) = (make(&top), make(&sub_caller), make(&beside_caller));
    assert_eq!(top.get("/packages").ids(), [of_top, of_sub, of_beside]);
    assert_eq!(sub_caller.get("/packages").ids(), [of_top, of_sub]);
    assert_eq!(stranger.get("/packages").ids(), [0; 0]);
    let missing = sub_caller.get("/packages/999").body;
    assert_eq!(sub_caller.get(&format!("/packages/{of_beside}")).body, missing, "another's looks like none");
    assert_eq!(stranger.get(&format!("/packages/{of_top}")).body, missing);
    assert_eq!(stranger.delete(&format!("/packages/{of_top}")).body, missing);
    assert_eq!(sub_caller.put(&format!("/packages/{of_top}"), &json!({"name": "x"})).status, 403, "what it sees and may not change");
    assert_eq!(top.put(&format!("/packages/{of_sub}"), &json!({"name": "x"})).item()["name"], "x");
    let customer = sub_caller.create(&json!({"name": "A", "email": "a@example.org", "status": "on", "email_package_id": of_top}))["id"]
        .as_i64()
        .unwrap();
    let customer_caller = site.caller(customer);
    assert_eq!(customer_caller.get("/packages").ids(), [of_top], "a customer sees what it has");
    for package in [of_sub, of_top, 0] {
        let status = customer_caller.post(&format!("/customers/change_email_package/{customer}/{package}"), &json!({})).status;
        assert_eq!(status, if package == of_top { 200 } else { 403 }, "and changes nothing of it");
    }
    assert_eq!(sub_caller.delete(&format!("/packages/{of_top}")).status, 403);
    assert_eq!(customer_caller.get(&format!("/packages/{of_sub}")).status, 404);
    assert_eq!(customer_caller.put(&format!("/packages/{of_top}"), &json!({"name": "x"})).status, 403);
    for named in [json!(of_sub), json!(999), json!("p"), json!("nope")] {
        let refused = customer_caller.put(&format!("/customers/{customer}"), &json!({"email_package_id": named}));
        refused.refuses(403, &["email_package_id"]);
    }
    assert_eq!(customer_caller.post("/packages", &json!({"name": "P", "channel": "email"})).status, 403);
    sub_caller.put(&format!("/customers/{customer}"), &json!({"email_package_id": of_beside})).refuses(422, &["email_package_id"]);
}

#[test]
fn of_64_racing_consumers_of_the_last_10_units_10_win() {
    let site = Site::start();
    let customer = site.caller(1).create(&json!({"name": "A", "email": "a@example.org", "sms_quota": 10}))["id"].as_i64().unwrap();
    let service = Arc::clone(site.service());
    let won = site.block_on(async move {
        let consume = move || MoveQuota {
            account_id: AccountId::try_from(customer).unwrap(),
            channel: Channel::Sms,
            kind: MovementKind::Consume,
            units: Quota::try_from(1).unwrap(),
            reason: Label::parse("sent").unwrap(),
            idempotency_key: None,
        };
        let mut racing = tokio::task::JoinSet::new();
        for _ in 0..64 {
            let service = Arc::clone(&service);
            let command = Command::MoveQuota(Box::new(consume()));
            racing.spawn(async move { service.run_as_operator(command).await.is_ok() });
        }
        racing.join_all().await.into_iter().filter(|won| *won).count()
    });
    assert_eq!(won, 10);
    assert_eq!(site.caller(1).item(customer)["sms_quota"], 0);
    assert_eq!(site.count("SELECT count(*) FROM quota_entry WHERE kind = 'consume' AND amount = -1"), 10);
    assert_eq!(site.count(&format!("SELECT sum(amount) FROM quota_entry WHERE account_id = {customer}")), 0);
    assert_eq!(site.count(&format!("SELECT count(*) FROM event WHERE account_id = {customer} AND name = 'quota.consumed'")), 10);
}
