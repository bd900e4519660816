//! Who is let in by HTTP Basic, and how often somebody may fail.

use serde_json::json;
use tenantry_domain::account::{HoldOwner, Kind};
use tenantry_domain::key::PublicKey;
use tenantry_domain::key::Scheme;
use tenantry_domain::value::Network;
use tenantry_domain::{AccountId, Command};
use tenantry_service::{NewKey, verifier_of};

use super::caller::Caller;
use crate::harness::{Party, Site, call};

#[test]
fn an_account_has_three_names() {
    let site = Site::start();
    let provider = site.caller(1);
    let customer =
        provider.create(&json!({"name": "A", "email": "Abc@Example.org", "unique_id": "crm-7", "status": "on"}))["id"].as_i64().unwrap();
    let key = site.caller(customer);
    for username in [customer.to_string().as_str(), "abc@example.ORG", "crm-7"] {
        let caller = Caller { username: username.to_owned(), ..key.clone() };
        assert_eq!(caller.item(customer)["name"], "A", "{username}");
    }
    for username in ["1", "", "CRM-7", "crm-7 ", "x@example.org", &format!("0{customer}")] {
        let caller = Caller { username: username.to_owned(), ..key.clone() };
        assert_eq!(caller.get(&format!("/customers/{customer}")).status, 401, "{username:?}");
    }
    provider.put(&format!("/customers/{customer}"), &json!({"email": "new@example.org", "unique_id": ""})).item();
    for (username, status) in [("abc@example.org", 401), ("crm-7", 401), ("new@example.org", 200)] {
        let caller = Caller { username: username.to_owned(), ..key.clone() };
        assert_eq!(caller.get(&format!("/customers/{customer}")).status, status, "an old name lets nobody in: {username}");
    }
}

#[test]
fn one_answer_for_every_reason() {
    let site = Site::start();
    let right = site.caller(1);
    let sub = site.add(1, Kind::Provider, None);
    let held = site.caller(sub);
    site.suspend(sub, HoldOwner::Abuse);
    let elsewhere = site.caller_with(1, NewKey { allow: vec![Network::parse("10.0.0.0/8").unwrap()], ..NewKey::default() });
    // Another last letter than it has, whichever that is.
    let last = if right.key.ends_with('x') { 'y' } else { 'x' };
    let wrong = Caller { key: format!("{}{last}", &right.key[..31]), ..right.clone() };
    let unknown = Caller { key: "0123456789abcdefghijABCDEFGHIJXY".to_owned(), ..right.clone() };
    let anothers = Caller { username: sub.to_string(), ..right.clone() };
    let malformed = Caller { key: "short".to_owned(), ..right.clone() };
    let mut answers: Vec<_> =
        [wrong, unknown, anothers, malformed, held, elsewhere].iter().map(|caller| caller.get("/customers/1")).collect();
    let authorization = right.authorization();
    for value in ["", "Bearer x", "Basic", &format!("{authorization}, Basic x")] {
        answers.push(call(site.address(), "GET", "/api/2.0/customers/1", &[("Authorization", value)], b""));
    }
    answers.push(call(site.address(), "GET", "/api/2.0/customers/1", &[], b""));
    answers.push(call(
        site.address(),
        "GET",
        "/api/2.0/customers/1",
        &[("Authorization", &authorization), ("Authorization", &authorization)],
        b"",
    ));
    answers.push(call(site.address(), "GET", &format!("/api/2.0/customers/1?{}", site.provider.query()), &[], b""));
    for answer in &answers {
        assert_eq!((answer.status, answer.body.as_str()), (401, answers[0].body.as_str()));
        assert!(answer.head.contains("\r\nwww-authenticate: Basic realm=\"Tenantry\", charset=\"UTF-8\"\r\n"), "{}", answer.head);
    }
    assert_eq!(right.get("/customers/1").status, 200);
    assert_eq!(site.provider.call("GET", "/user/1", "").status, 200);
    let in_the_other = call(site.address(), "GET", "/user/1", &[("Authorization", &authorization)], b"");
    assert_eq!(in_the_other.status, 401, "a secret key signs nothing");
}

#[test]
fn a_key_of_the_old_system_works_with_its_number() {
    let site = Site::start();
    let key = "0123456789abcdefghijABCDEFGHIJXY_42";
    let command =
        NewKey::default().command(AccountId::try_from(1).unwrap(), Scheme::Basic, PublicKey::of_secret(key), verifier_of(key), true);
    site.run(Command::IssueKey(Box::new(command)));
    let caller = Caller { username: "1".to_owned(), key: key.to_owned(), address: site.address() };
    assert_eq!(caller.get("/customers/1").status, 200);
    let without = Caller { key: key[..32].to_owned(), ..caller };
    assert_eq!(without.get("/customers/1").status, 401);
}

#[test]
fn a_revoked_key_is_refused_from_the_next_request_on() {
    let site = Site::start();
    let caller = site.caller(1);
    assert_eq!(caller.get("/customers/1").status, 200);
    let revoke =
        tenantry_domain::key::revoke::RevokeKey { account_id: AccountId::try_from(1).unwrap(), public: caller.key[..8].to_owned() };
    site.run(Command::RevokeKey(revoke));
    assert_eq!(caller.get("/customers/1").status, 401);
}

/// The failures that a caller needs to be told to wait.
fn failures_until_told_to_wait(fail: impl Fn() -> u16) -> usize {
    (0..1000).find(|_| fail() == 429).unwrap_or(1000)
}

#[test]
fn every_door_draws_on_one_budget_of_failures() {
    let site = Site::with(&[("failures_per_address", "30"), ("failures_per_credential", "20")]);
    let right = site.caller(1);
    let wrong = Caller { key: "0123456789abcdefghijABCDEFGHIJXY".to_owned(), ..right.clone() };
    let unsigned = Party { private: "0".repeat(64), ..site.provider.clone() };
    for _ in 0..10 {
        assert_eq!(wrong.get("/customers/1").status, 401);
        assert_eq!(wrong.xml_raw("<x/>", &[]).status, 401);
    }
    let told = wrong.get("/customers/1");
    assert!(told.status == 429 && told.head.contains("\r\nretry-after: "), "twenty with one name: {}", told.head);
    // The one that was told to wait counts for the address as well.
    assert_eq!(failures_until_told_to_wait(|| unsigned.get("/user/1").status), 9, "thirty from one address, at whatever door");
    assert_eq!((right.get("/customers/1").status, site.provider.get("/user/1").status), (200, 200), "nobody is locked out by it");
}

#[test]
fn a_budget_that_is_used_up_outlives_a_restart() {
    let mut site = Site::with(&[("failures_per_address", "40"), ("failures_per_credential", "10")]);
    let caller = site.caller(1);
    let wrong = |site: &Site| Caller { key: "0123456789abcdefghijABCDEFGHIJXY".to_owned(), address: site.address(), ..caller.clone() };
    for _ in 0..10 {
        assert_eq!(wrong(&site).get("/customers/1").status, 401);
    }
    assert_eq!(wrong(&site).get("/customers/1").status, 429);
    site.restart();
    assert_eq!(wrong(&site).get("/customers/1").status, 429);
    let other = Caller { username: "x".to_owned(), ..wrong(&site) };
    assert_eq!(other.get("/customers/1").status, 401);
    site.set_clock("2026-03-01T12:05:00Z");
    assert_eq!(wrong(&site).get("/customers/1").status, 401, "time fills it again");
}

#[test]
fn each_item_of_a_multicall_is_a_call() {
    let site = Site::start();
    let caller = site.caller_with(1, NewKey { rate_per_minute: Some(5), ..NewKey::default() });
    let item = json!({"methodName": "GetCustomer", "params": [1]});
    let items = super::caller::structure(&json!(vec![item; 8]));
    let results = super::caller::as_json(&caller.xml("system.multicall", vec![items]).unwrap());
    let results = results.as_array().unwrap();
    assert!(results[..5].iter().all(|result| result[0]["id"] == 1), "{results:?}");
    assert!(results[5..].iter().all(|result| result["faultCode"] == 429), "{results:?}");
    assert_eq!(caller.get("/customers/1").status, 429, "REST has no rate of its own");
}

#[test]
fn who_asks_for_the_challenge_first_has_not_failed() {
    let site = Site::with(&[("failures_per_address", "3"), ("failures_per_credential", "3")]);
    for _ in 0..10 {
        assert_eq!(call(site.address(), "GET", "/api/2.0/customers", &[], b"").status, 401, "as Perl's clients begin every call");
    }
    let nonsense = || call(site.address(), "GET", "/api/2.0/customers", &[("Authorization", "Basic x")], b"").status;
    assert_eq!((0..5).map(|_| nonsense()).collect::<Vec<_>>(), [401, 401, 401, 429, 429]);
}
