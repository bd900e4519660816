//! Erasing a customer: what is left, and what cannot be done any more.

use serde_json::json;
use tenantry_domain::account::Kind;

use crate::harness::Site;

#[test]
fn nothing_but_the_number_and_the_dates_is_left() {
    let site = Site::start();
    let provider = site.bearer(1);
    let other = provider.create(&json!({"organization": "Other", "email": "other@example.org"}))["id"].as_i64().unwrap();
    let made = provider.create(&json!({
        "organization": "Canary", "email": "canary@example.org", "external_id": "canary-1", "password": "canary-secret", "call_in_pin": "48151623",
        "voice": {"number": "+91.2233445566"}, "tags": ["canary"], "auto_signup": true, "email_quota": 7,
        "contacts": [{"roles": ["billing"], "first_name": "Canary"}],
    }));
    let (id, hash) = (made["id"].as_i64().unwrap(), made["hash"].clone());
    let path = format!("/customers/{id}");
    assert_eq!(provider.post(&format!("{path}/suspend"), &json!({"owner": "billing", "reason": "Canary owes"})).status, 200);
    let own = site.bearer(id);
    let erased = provider.post(&format!("{path}/erase"), &json!({"reason": "request 4711"}));
    assert_eq!(erased.status, 200, "{}", erased.body);
    assert!(!erased.body.to_lowercase().contains("canary"), "{}", erased.body);
    let record = provider.read(id);
    assert_eq!(
        (&record["status"], &record["erased_at"], &record["version"]),
        (&json!("deleted"), &json!("2026-03-01T12:00:00.000Z"), &json!(4))
    );
    assert_eq!((&record["has_password"], &record["has_call_in_pin"], &record["holds"]), (&json!(false), &json!(false), &json!([])));
    assert_eq!(record["email_quota"], 7, "a balance is no personal value");
    assert_eq!(record["hash"], hash, "the second name is made by chance and says nothing");
    let texts = site.lines(&format!("SELECT name || ' ' || changes FROM event WHERE account_id = {id} ORDER BY version"));
    assert_eq!(texts.len(), 4, "{texts:?}");
    assert_eq!(texts[..3], ["customer.added []", "customer.suspended []", "key.issued []"]);
    assert!(texts[3].starts_with("customer.erased ") && texts[3].contains("request 4711"), "{texts:?}");
    for sql in [
        format!("SELECT count(*) FROM account_value WHERE account_id = {id}"),
        format!("SELECT count(*) FROM api_key WHERE account_id = {id}"),
        format!("SELECT count(*) FROM event WHERE account_id = {id} AND version < 4 AND peer IS NOT NULL"),
    ] {
        assert_eq!(site.count(&sql), 0, "{sql}");
    }
    for query in ["search=canary&status=deleted", "search=2233445566&status=deleted", "tag=canary&status=deleted", "external_id=canary-1"] {
        assert_eq!(provider.get(&format!("/customers?{query}")).json()["customers"], json!([]), "{query}");
    }
    assert_eq!(own.get(&path).status, 401);
    // What it had others may have.
    provider.create(&json!({"organization": "Next", "email": "canary@example.org", "external_id": "canary-1"}));
    // For good; and what is so already stays so.
    for verb in ["restore", "reopen", "activate", "suspend"] {
        provider.post(&format!("{path}/{verb}"), &json!({})).is_problem(409, "impossible_status", &["status"]);
    }
    provider.patch(&path, &json!({"city": "Pune"})).is_problem(409, "impossible_status", &["status"]);
    assert_eq!(provider.post(&format!("{path}/erase"), &json!({})).json()["version"], 4);
    assert_eq!(provider.read(other)["email"], "other@example.org");
    let older = site.provider.get(&format!("/user/{id}"));
    assert!(older.status == 200 && !older.body.to_lowercase().contains("canary"), "{}", older.body);
}

#[test]
fn who_is_erased_and_by_whom() {
    let site = Site::start();
    let provider = site.bearer(1);
    let below = site.add(1, Kind::Provider, None);
    let customer = provider.create(&json!({"organization": "A", "auto_signup": true}))["id"].as_i64().unwrap();
    let path = format!("/customers/{customer}/erase");
    provider.post(&format!("/customers/{below}/erase"), &json!({})).is_problem(403, "forbidden", &["id"]);
    site.bearer(customer).post(&path, &json!({})).is_problem(403, "forbidden", &["status"]);
    site.bearer(below).post(&path, &json!({})).is_problem(404, "not_found", &[]);
    assert_eq!(provider.post(&format!("/customers/{customer}/suspend"), &json!({"owner": "legal"})).status, 200);
    provider.post(&path, &json!({})).is_problem(409, "impossible_status", &["holds"]);
    assert_eq!(provider.read(customer)["organization"], "A");
    assert_eq!(provider.post(&format!("/customers/{customer}/resume"), &json!({"owner": "legal"})).status, 200);
    provider.post(&path, &json!({"reson": "x"})).is_problem(422, "invalid", &["reson"]);
    assert_eq!(provider.call("POST", &path, &[("If-Match", &format!("\"{customer}-1\""))], "{}").status, 412);
    // One that comes again is answered the same, and its answer holds nothing either.
    let first = provider.call("POST", &path, &[("Idempotency-Key", "k")], "{}");
    let again = provider.call("POST", &path, &[("Idempotency-Key", "k")], "{}");
    assert_eq!((first.status, &first.body), (200, &again.body));
}

#[test]
fn those_that_were_merged_into_a_customer_are_erased_with_it() {
    let site = Site::start();
    let provider = site.bearer(1);
    let create =
        |name: &str| provider.create(&json!({"organization": name, "email": format!("{name}@example.org")}))["id"].as_i64().unwrap();
    let (survivor, merged, apart) = (create("canary-a"), create("canary-b"), create("canary-c"));
    for id in [merged, apart] {
        assert_eq!(provider.post(&format!("/customers/{survivor}/merge"), &json!({"merged_id": id})).status, 200);
    }
    assert_eq!(provider.post(&format!("/customers/{survivor}/unmerge"), &json!({"merged_id": apart})).status, 200);
    let erased = provider.post(&format!("/customers/{merged}/erase"), &json!({}));
    assert_eq!((erased.status, &erased.json()["id"]), (200, &json!(survivor)), "an alias means the survivor: {}", erased.body);
    for table in [
        "SELECT count(*) FROM account WHERE profile LIKE '%canary%' OR email LIKE '%canary%'",
        "SELECT count(*) FROM event WHERE changes LIKE '%canary-%'",
    ] {
        assert_eq!(site.count(table), 1, "of the one that was taken apart again: {table}");
    }
    assert_eq!(provider.read(merged)["id"], survivor, "an alias stays one");
    assert_eq!(provider.read(apart)["organization"], "canary-c");
    assert_eq!(provider.post(&format!("/customers/{survivor}/unmerge"), &json!({"merged_id": merged})).status, 409);
}
