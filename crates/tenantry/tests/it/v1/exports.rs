//! Exports: every customer, in a file that an import takes in without changing anything.

use serde_json::{Value, json};
use tenantry_domain::account::Kind;
use tenantry_domain::account::hold::HoldOwner;

use super::caller::Bearer;
use crate::harness::{Site, call};

fn some(site: &Site, provider: &Bearer) {
    provider.create(&json!({
        "external_id": "crm-1", "email": "a@example.org", "first_name": "=1+1", "last_name": "O'Neill, \"Jr\"", "organization": "'=x", "street": ["1 Road", "-2"],
        "city": "Mumbai", "postal_code": "400 010", "country_code": "IN", "voice": {"number": "+91.2222554254", "extension": "7"},
        "cell": {"number": "+27.115550112", "device_type": "android", "two_factor": true}, "buying_currency": "INR", "allow": ["192.0.2.0/24", "2001:db8::1"],
        "name_servers": {"mode": "specify", "hosts": [{"name": "ns1.example.net"}, {"name": "ns2.example.net"}]}, "tags": ["vip", "wholesale"],
        "contacts": [{"roles": ["billing"], "first_name": "Eva", "voice": {"number": "+27.115550112"}}], "social_pages": {"x": "https://x.example/a"}, "date_of_birth": "1980-02-29",
        "auto_signup": true, "sms_quota": 12, "website_url": "https://example.org", "password": "a password", "call_in_pin": "1234",
    }));
    let held = provider.create(&json!({"external_id": "crm-2", "organization": "Held", "auto_signup": true}))["id"].as_i64().unwrap();
    site.suspend(held, HoldOwner::Billing);
    provider.create(&json!({"organization": "Nameless"}));
}

fn all(provider: &Bearer) -> Vec<Value> {
    provider.get("/customers?limit=200").json()["customers"].as_array().unwrap().clone()
}

#[test]
fn an_import_of_an_export_changes_nothing() {
    let site = Site::start();
    let provider = site.bearer(1);
    some(&site, &provider);
    let (before, events) = (all(&provider), site.count("SELECT count(*) FROM event"));
    for (format, media_type) in [("csv", "text/csv"), ("jsonl", "application/x-ndjson")] {
        let export = exported(&provider, &format!("?format={format}"));
        let import = provider.import("?match=id", media_type, &export).json();
        assert_eq!((&import["unchanged"], &import["read"]), (&json!(3), &json!(3)), "{format}: {import}");
        let import = provider.import("", media_type, &export).json();
        assert_eq!(
            (&import["unchanged"], &import["faulty"]),
            (&json!(2), &json!(1)),
            "{format}: who has neither an external id nor an address is known by its id"
        );
    }
    assert_eq!((all(&provider), site.count("SELECT count(*) FROM event")), (before, events));
}

#[test]
fn no_cell_is_a_formula() {
    let site = Site::start();
    let provider = site.bearer(1);
    some(&site, &provider);
    let export = exported(&provider, "");
    for cell in ["'=1+1", "''=x", "'+91.2222554254", "\"O'Neill, \"\"Jr\"\"\""] {
        assert!(export.contains(&format!(",{cell},")), "{cell} is not in {export}");
    }
    assert!(!export.contains("a password") && !export.contains("argon2"));
}

#[test]
fn an_export_goes_over_pages_is_narrowed_and_shows_nobody_elses() {
    let site = Site::start();
    let other = site.add(1, Kind::Provider, None);
    let (provider, below) = (site.bearer(1), site.bearer(other));
    let rows: String = (0..450).map(|number| format!("crm-{number},{}\n", if number % 2 == 0 { "IN" } else { "ZA" })).collect();
    provider.imported("", &["external_id,country_code\n", &rows].concat());
    below.create(&json!({"external_id": "below", "country_code": "IN"}));
    let lines = |caller: &Bearer, query: &str| {
        let answer = exported(caller, &format!("?format=jsonl{query}"));
        answer
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["external_id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(lines(&provider, "").len(), 451);
    assert_eq!(lines(&provider, "&country_code=IN").len(), 226);
    assert_eq!(lines(&below, ""), ["below"]);
    provider.get("/export/customers?format=xml").is_problem(422, "invalid", &["format"]);
    provider.get("/export/customers?limit=3").is_problem(422, "invalid", &["limit"]);
    assert_eq!(
        call(site.address(), "HEAD", "/v1/export/customers", &[("Authorization", &format!("Bearer {}", provider.key))], b"").status,
        200
    );
}

/// A whole file: what is streamed comes in chunks (RFC 9112, section 7.1).
#[track_caller]
fn exported(caller: &Bearer, query: &str) -> String {
    let answer = caller.get(&format!("/export/customers{query}"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("transfer-encoding"), Some("chunked"));
    let (mut rest, mut whole) = (answer.body.as_str(), String::new());
    loop {
        let (size, more) = rest.split_once("\r\n").unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return whole;
        }
        whole.push_str(&more[..size]);
        rest = &more[size + 2..];
    }
}

#[test]
fn everything_that_is_kept_of_a_customer_is_one_document() {
    let site = Site::start();
    let provider = site.bearer(1);
    let package = provider.post("/packages", &json!({"name": "S", "channel": "sms"})).json()["id"].clone();
    let body =
        json!({"organization": "ABC", "password": "a password", "call_in_pin": "471147", "sms_package_id": package, "auto_signup": true});
    let id = provider.create(&body)["id"].as_i64().unwrap();
    let key = site.bearer(id).key;
    for units in 1..=250 {
        provider.post(&format!("/customers/{id}/quotas/sms/grant"), &json!({"units": units, "reason": "more"}));
    }
    let answer = provider.get(&format!("/customers/{id}/export"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let subject = answer.json();
    assert_eq!(subject["customer"], provider.read(id));
    let versions: Vec<u64> = subject["events"].as_array().unwrap().iter().map(|event| event["version"].as_u64().unwrap()).collect();
    assert_eq!(versions, (1..=252).rev().collect::<Vec<u64>>(), "every event once, over pages");
    let entries =
        subject["ledgers"].as_array().unwrap().iter().find(|ledger| ledger["channel"] == "sms").unwrap()["entries"].as_array().unwrap();
    assert_eq!(entries.iter().map(|entry| entry["amount"].as_u64().unwrap()).sum::<u64>(), (1..=250).sum::<u64>());
    assert_eq!((&subject["packages"][0]["id"], &subject["truncated"]), (&package, &json!(false)));
    assert_eq!(subject["keys"].as_array().unwrap().len(), 1);
    for secret in ["a password", "471147", "argon2", &key[9..]] {
        assert!(!answer.body.contains(secret), "{secret} is in the document");
    }
}
