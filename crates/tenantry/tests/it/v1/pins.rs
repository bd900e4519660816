//! Checking call-in PINs: right, wrong, none, and too often.

use serde_json::{Value, json};

use super::caller::Bearer;
use crate::harness::{Answer, Site};
use tenantry_domain::key::Scopes;
use tenantry_service::NewKey;

fn customer(provider: &Bearer, pin: Option<&str>) -> String {
    format!("/customers/{}", provider.create(&json!({"organization": "ABC", "call_in_pin": pin}))["id"])
}

fn check(party: &Bearer, customer: &str, pin: &str) -> Answer {
    party.post(&format!("{customer}/pin/check"), &json!({"pin": pin}))
}

#[track_caller]
fn says(answer: &Answer, matches: bool) {
    assert_eq!((answer.status, answer.json()), (200, json!({"matches": matches})), "{}", answer.body);
}

#[test]
fn a_pin_is_right_or_wrong() {
    let site = Site::start();
    let provider = site.bearer(1);
    let (with, without) = (customer(&provider, Some("4711")), customer(&provider, None));
    says(&check(&provider, &with, "4711"), true);
    says(&check(&provider, &with, "4712"), false);
    says(&check(&provider, &without, "4711"), false);
    provider.patch(&with, &json!({"call_in_pin": "0815"}));
    says(&check(&provider, &with, "4711"), false);
    says(&check(&provider, &with, "0815"), true);
    for (body, field) in
        [(json!({"pin": "12"}), "pin"), (json!({"pin": 4711}), "pin"), (json!({}), "pin"), (json!({"pin": "4711", "id": 1}), "id")]
    {
        let answer = provider.post(&format!("{with}/pin/check"), &body);
        answer.is_problem(422, "invalid", &[field]);
    }
    let events = site.count("SELECT count(*) FROM event");
    check(&provider, &with, "0815");
    assert_eq!(site.count("SELECT count(*) FROM event"), events, "nothing is changed by looking");
    let reader = site.bearer_with(1, NewKey { scopes: Scopes::parse("read,add,status").unwrap(), ..NewKey::default() });
    check(&reader, &with, "0815").is_problem(403, "forbidden", &[]);
}

#[test]
fn after_ten_wrong_ones_of_a_customer_nothing_is_tried() {
    let site = Site::start();
    let provider = site.bearer(1);
    let (one, other) = (customer(&provider, Some("4711")), customer(&provider, Some("4711")));
    for number in 0..10 {
        says(&check(&provider, &one, "4711"), true);
        says(&check(&provider, &one, &format!("000{number}")), false);
    }
    let mut answers: Vec<(u16, Value, Option<String>)> = Vec::new();
    for pin in ["4711", "0000"] {
        let answer = check(&provider, &one, pin);
        answer.is_problem(429, "too_many_requests", &[]);
        answers.push((answer.status, answer.json(), answer.header("retry-after").map(str::to_owned)));
    }
    assert_eq!(answers[0], answers[1], "a right one is not told from a wrong one");
    let wait: i64 = answers[0].2.as_deref().unwrap().parse().unwrap();
    assert!((8_000..=8_641).contains(&wait), "a tenth of a day: {wait}");
    // Another key, and another party above, are no way around; another customer's budget is its own.
    check(&site.bearer(1), &one, "4711").is_problem(429, "too_many_requests", &[]);
    check(&site.bearer(0), &one, "4711").is_problem(429, "too_many_requests", &[]);
    says(&check(&provider, &other, "4711"), true);
    site.set_clock("2026-03-01T14:24:01Z");
    says(&check(&provider, &one, "4711"), true);
    says(&check(&provider, &one, "0000"), false);
    check(&provider, &one, "4711").is_problem(429, "too_many_requests", &[]);
}

#[test]
fn after_a_hundred_wrong_ones_of_a_caller_nothing_is_tried() {
    let site = Site::start();
    let provider = site.bearer(1);
    for _ in 0..10 {
        let customer = customer(&provider, Some("4711"));
        for _ in 0..10 {
            says(&check(&provider, &customer, "0000"), false);
        }
    }
    let last = customer(&provider, Some("4711"));
    check(&provider, &last, "4711").is_problem(429, "too_many_requests", &[]);
    says(&check(&site.bearer(0), &last, "4711"), true);
}

#[test]
fn a_pin_that_is_sent_is_nowhere_written() {
    let site = Site::start();
    let provider = site.bearer(1);
    let customer = customer(&provider, Some("471108150042"));
    says(&check(&provider, &customer, "471108150042"), true);
    provider.patch(&customer, &json!({"city": "Pune"}));
    let events = provider.get(&format!("{customer}/events"));
    assert!(!events.body.contains("471108150042") && events.body.contains("call_in_pin"), "{}", events.body);
}
