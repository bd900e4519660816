//! The history of a record, as it is read.

use serde_json::{Value, json};
use tenantry_domain::account::Kind;
use tenantry_domain::{AccountId, Command};

use crate::harness::Site;

#[test]
fn a_history_says_who_changed_what() {
    let site = Site::start();
    let provider = site.bearer(1);
    let id = provider.create(&json!({"organization": "ABC", "city": "Mumbai", "password": "correct horse"}))["id"].as_i64().unwrap();
    provider.patch(&format!("/customers/{id}"), &json!({"city": "Pune", "password": "another horse"}));
    provider.post(&format!("/customers/{id}/activate"), &json!({"reason": "paid"}));
    let page = provider.get(&format!("/customers/{id}/events")).json();
    let events = page["events"].as_array().unwrap();
    let names: Vec<&str> = events.iter().map(|event| event["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["customer.activated", "customer.edited", "customer.added"]);
    let edited = &events[1];
    assert_eq!((&edited["version"], &edited["actor_id"], &edited["dialect"]), (&json!(2), &json!(1), &json!("v1")));
    assert_eq!((&edited["credential"], &edited["peer"]), (&json!(provider.key["tnt_live_".len()..][..8]), &json!("127.0.0.1")));
    let changes = edited["changes"].as_array().unwrap();
    assert!(changes.contains(&json!({"field": "city", "old": "Mumbai", "new": "Pune"})), "{changes:?}");
    assert!(changes.iter().any(|change| change["field"] == "password" && change["new"] == Value::Null), "{changes:?}");
    let body = provider.get(&format!("/customers/{id}/events")).body;
    assert!(!body.contains("horse") && !body.contains("argon2"), "{body}");
}

#[test]
fn a_history_is_read_page_by_page_whatever_is_written_meanwhile() {
    let site = Site::start();
    let provider = site.bearer(1);
    let id = provider.create(&json!({"organization": "ABC"}))["id"].as_i64().unwrap();
    let other = provider.create(&json!({"organization": "DEF"}))["id"].as_i64().unwrap();
    let edit = |number: i64| {
        for id in [id, other] {
            provider.patch(&format!("/customers/{id}"), &json!({"city": format!("C{number}")}));
        }
    };
    (2..=7).for_each(edit);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = provider.get(&format!("/customers/{id}/events?limit=3{cursor}")).json();
        seen.extend(page["events"].as_array().unwrap().iter().map(|event| event["version"].as_i64().unwrap()));
        edit(7 + seen.len() as i64);
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
    // A cursor of another record's history shows nothing of it.
    let own = provider.get(&format!("/customers/{other}/events?limit=3")).json()["next_cursor"].as_str().unwrap().to_owned();
    let crossed = provider.get(&format!("/customers/{id}/events?cursor={own}")).json();
    assert!(crossed["events"].as_array().unwrap().iter().all(|event| event["changes"].to_string().find("DEF").is_none()), "{crossed}");
}

#[test]
fn whose_key_it_was_is_told_of_those_whom_the_reader_reaches() {
    let site = Site::start();
    let (operator, provider) = (site.bearer(0), site.bearer(1));
    let sub_id = site.add(1, Kind::Provider, None);
    let sub = site.bearer(sub_id);
    let customer = site.add(sub_id, Kind::Customer, None);
    let path = format!("/customers/{customer}");
    sub.patch(&path, &json!({"city": "A"}));
    provider.patch(&path, &json!({"city": "B"}));
    operator.patch(&path, &json!({"city": "C"}));
    let told = |party: &super::caller::Bearer| {
        let page = party.get(&format!("{path}/events?limit=3")).json();
        page["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["credential"].is_string() && event["peer"].is_string())
            .collect::<Vec<bool>>()
    };
    assert_eq!((told(&operator), told(&provider), told(&sub)), (vec![true, true, true], vec![false, true, true], vec![false, false, true]));
    let own = site.bearer(customer);
    own.get(&format!("{path}/events")).is_problem(403, "forbidden", &[]);
    assert_eq!(sub.get(&format!("/providers/{sub_id}/events")).status, 200);
    let id = AccountId::try_from(customer).unwrap();
    site.run(Command::ChangeStatus(tenantry_domain::account::status::ChangeStatus::towards(id, tenantry_domain::account::Goal::Deleted)));
    assert_eq!(provider.get(&format!("{path}/events")).json()["events"][0]["name"], "customer.deleted");
}
