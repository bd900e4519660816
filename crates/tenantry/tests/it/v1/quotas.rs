//! Prepaid balances: granted, consumed, set; their ledgers.

use serde_json::{Value, json};

use super::caller::Bearer;
use crate::harness::{Answer, Site};

fn customer(provider: &Bearer) -> String {
    format!("/customers/{}/quotas", provider.create(&json!({"organization": "ABC", "auto_signup": true}))["id"])
}

fn step(provider: &Bearer, quotas: &str, verb: &str, body: &Value) -> Answer {
    provider.post(&format!("{quotas}/sms/{verb}"), body)
}

#[track_caller]
fn is(answer: &Answer, balance: i64) {
    let expected = json!({"channel": "sms", "balance": balance, "package_id": null});
    assert_eq!((answer.status, answer.json()), (200, expected), "{}", answer.body);
}

#[test]
fn a_balance_is_moved_and_its_ledger_says_how() {
    let site = Site::start();
    let provider = site.bearer(1);
    let quotas = customer(&provider);
    is(&step(&provider, &quotas, "grant", &json!({"units": 10, "reason": "invoice 7", "idempotency_key": "inv-7"})), 10);
    is(&step(&provider, &quotas, "grant", &json!({"units": 10, "reason": "invoice 7", "idempotency_key": "inv-7"})), 10);
    is(&step(&provider, &quotas, "consume", &json!({"units": 3, "reason": "campaign"})), 7);
    is(&step(&provider, &quotas, "set", &json!({"units": 5, "reason": "counted"})), 5);
    step(&provider, &quotas, "consume", &json!({"units": 6, "reason": "campaign"})).is_problem(422, "invalid", &["units"]);
    let other = json!({"units": 11, "reason": "invoice 7", "idempotency_key": "inv-7"});
    step(&provider, &quotas, "grant", &other).is_problem(422, "invalid", &["idempotency_key"]);
    let all = provider.get(&quotas).json();
    assert_eq!(all["quotas"][1], json!({"channel": "sms", "balance": 5, "package_id": null}));
    assert_eq!(all["quotas"].as_array().unwrap().len(), 3);
    let lines = provider.get(&format!("{quotas}/sms/entries")).json();
    let told: Vec<Value> = lines["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| json!([line["kind"], line["amount"], line["balance"], line["reason"]]))
        .collect();
    assert_eq!(json!(told), json!([["set", -2, 5, "counted"], ["consume", -3, 7, "campaign"], ["grant", 10, 10, "invoice 7"]]));
    assert_eq!((&lines["entries"][2]["idempotency_key"], &lines["next_cursor"]), (&json!("inv-7"), &Value::Null));
    assert_eq!(provider.get(&format!("{quotas}/email/entries")).json()["entries"], json!([]), "each balance has its own");
}

#[test]
fn a_ledger_is_read_page_by_page() {
    let site = Site::start();
    let provider = site.bearer(1);
    let quotas = customer(&provider);
    for number in 1..=7 {
        step(&provider, &quotas, "set", &json!({"units": number, "reason": "x"}));
        // Moves of another balance stand between them.
        provider.post(&format!("{quotas}/email/set"), &json!({"units": number, "reason": "y"}));
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = provider.get(&format!("{quotas}/sms/entries?limit=3{cursor}")).json();
        seen.extend(page["entries"].as_array().unwrap().iter().map(|line| line["balance"].as_i64().unwrap()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
    let events =
        provider.get(&format!("{}?limit=1", quotas.replace("quotas", "events"))).json()["next_cursor"].as_str().unwrap().to_owned();
    let wrong = provider.get(&format!("{quotas}/sms/entries?limit=0&cursor={events}&search=x"));
    wrong.is_problem(422, "invalid", &["cursor", "limit", "search"]);
}

#[test]
fn two_that_race_for_the_last_units_do_not_both_get_them() {
    let site = Site::start();
    let provider = site.bearer(1);
    let quotas = customer(&provider);
    step(&provider, &quotas, "grant", &json!({"units": 5, "reason": "x"}));
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let racing: Vec<_> =
            (0..16).map(|_| scope.spawn(|| step(&provider, &quotas, "consume", &json!({"units": 1, "reason": "race"})).status)).collect();
        racing.into_iter().map(|racing| racing.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 5, "{statuses:?}");
    assert_eq!(provider.get(&quotas).json()["quotas"][1]["balance"], 0);
}

#[test]
fn what_is_asked_wrongly_is_named() {
    let site = Site::start();
    let provider = site.bearer(1);
    let quotas = customer(&provider);
    let body = json!({"units": -1, "idempotency_key": "", "channel": "sms"});
    step(&provider, &quotas, "grant", &body).is_problem(422, "invalid", &["channel", "idempotency_key", "reason", "units"]);
    provider.post(&format!("{quotas}/fax/grant"), &json!({"units": 1, "reason": "x"})).is_problem(404, "not_found", &[]);
    step(&provider, &quotas, "give", &json!({})).is_problem(404, "not_found", &[]);
}
