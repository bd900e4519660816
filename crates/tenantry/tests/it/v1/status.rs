//! The life of a customer: activate, suspend, resume, close, reopen; holds and their owners.

use serde_json::{Value, json};
use tenantry_domain::account::HoldOwner;

use super::caller::Bearer;
use crate::harness::{Answer, Site};

fn customer(provider: &Bearer, active: bool) -> String {
    format!("/customers/{}", provider.create(&json!({"organization": "ABC", "auto_signup": active}))["id"])
}

fn step(provider: &Bearer, customer: &str, verb: &str, body: &Value) -> Answer {
    provider.post(&format!("{customer}/{verb}"), body)
}

#[track_caller]
fn becomes(answer: &Answer, status: &str) {
    assert_eq!((answer.status, answer.json()["status"].as_str()), (200, Some(status)), "{}", answer.body);
}

#[test]
fn a_customer_is_activated_closed_and_reopened() {
    let site = Site::start();
    let provider = site.bearer(1);
    let customer = customer(&provider, false);
    let nothing = json!({});
    let refused = step(&provider, &customer, "reopen", &nothing);
    refused.is_problem(409, "impossible_status", &["status"]);
    assert!(refused.json()["detail"].as_str().unwrap().starts_with("status: this account is pending"), "{}", refused.body);
    assert!(refused.json()["errors"][0]["message"].as_str().unwrap().contains("possible: active, closed, deleted"), "{}", refused.body);
    becomes(&step(&provider, &customer, "activate", &nothing), "active");
    let version = provider.get(&customer).json()["version"].clone();
    becomes(&step(&provider, &customer, "activate", &nothing), "active");
    assert_eq!(provider.get(&customer).json()["version"], version, "it was active already");
    becomes(&step(&provider, &customer, "close", &json!({"reason": "moved away"})), "closed");
    step(&provider, &customer, "activate", &nothing).is_problem(409, "impossible_status", &["status"]);
    // A body is not needed.
    becomes(&provider.call("POST", &format!("{customer}/reopen"), &[], ""), "active");
    let rejected = self::customer(&provider, false);
    becomes(&step(&provider, &rejected, "close", &nothing), "closed");
}

#[test]
fn a_customer_is_suspended_while_any_hold_stands() {
    let site = Site::start();
    let provider = site.bearer(1);
    let customer = customer(&provider, true);
    becomes(&step(&provider, &customer, "suspend", &json!({"owner": "billing", "reason": "invoice 7"})), "suspended");
    let answer = step(&provider, &customer, "suspend", &json!({"owner": "abuse", "until": "2026-03-08T12:00:00Z"}));
    becomes(&answer, "suspended");
    let holds = answer.json()["holds"].clone();
    let since = "2026-03-01T12:00:00.000Z";
    let expected = json!([
        {"owner": "billing", "reason": "invoice 7", "since": since, "until": null},
        {"owner": "abuse", "reason": null, "since": since, "until": "2026-03-08T12:00:00.000Z"},
    ]);
    assert_eq!(holds, expected);
    // The older dialects release the provider's hold, and say who else has one.
    let id: i64 = customer.rsplit('/').next().unwrap().parse().unwrap();
    let old = site.provider.put(&format!("/user/{id}"), &json!({"status": "active"}));
    assert!(old.json()["message"].as_str().unwrap().ends_with("still suspended by billing, abuse"), "{}", old.body);
    becomes(&step(&provider, &customer, "resume", &json!({"owner": "billing"})), "suspended");
    becomes(&step(&provider, &customer, "resume", &json!({})), "suspended");
    becomes(&step(&provider, &customer, "resume", &json!({"owner": "abuse", "reason": "mended"})), "active");
}

#[test]
fn a_hold_that_ends_is_released_by_itself() {
    let site = Site::start();
    let provider = site.bearer(1);
    let customer = customer(&provider, true);
    step(&provider, &customer, "suspend", &json!({"owner": "abuse", "until": "2026-03-01T13:00:00Z"}));
    let id: i64 = customer.rsplit('/').next().unwrap().parse().unwrap();
    site.suspend(id, HoldOwner::Legal);
    site.set_clock("2026-03-01T13:00:00Z");
    site.until(|| provider.read(id)["holds"].as_array().unwrap().len() == 1);
    assert_eq!(provider.read(id)["holds"][0]["owner"], "legal");
    assert_eq!(site.text(&format!("SELECT dialect FROM event WHERE account_id = {id} ORDER BY version DESC LIMIT 1")), "timer");
}

#[test]
fn what_cannot_be_is_named() {
    let site = Site::start();
    let provider = site.bearer(1);
    let customer = customer(&provider, true);
    let body = json!({"owner": "nobody", "until": "tomorrow", "reason": "x".repeat(501), "why": "?"});
    step(&provider, &customer, "suspend", &body).is_problem(422, "invalid", &["owner", "reason", "until", "why"]);
    step(&provider, &customer, "suspend", &json!({"until": "2020-01-01T00:00:00Z"})).is_problem(422, "invalid", &["until"]);
    step(&provider, &customer, "close", &json!({"reason": ""})).is_problem(422, "invalid", &["reason"]);
    assert_eq!(provider.get(&customer).json()["status"], "active");
}
