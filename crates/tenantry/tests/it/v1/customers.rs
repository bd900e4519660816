//! Creating, reading, changing, deleting and restoring customers.

use serde_json::{Value, json};
use tenantry_domain::account::Kind;

use crate::harness::Site;

/// A body with every field that can be set.
fn full() -> Value {
    json!({
        "external_id": "crm-7", "email": "Abc.Xyz@example.org", "password": "correct horse", "call_in_pin": "4711",
        "title": "Mr.", "first_name": "Abc", "last_name": "Xyz", "organization": "ABC", "date_of_birth": "1970-01-01",
        "street": ["39/43 ABC Complex", "Nesbit Road"], "city": "Mumbai", "state_province": "Maharashtra", "postal_code": "400 010", "country_code": "IN",
        "voice": {"number": "+91.2222554254", "extension": "12", "country_id": "29"},
        "cell": {"number": "+919820098200", "extension": null, "country_id": "29", "device_type": "android", "two_factor": true},
        "fax": {"number": "+91.2222554255", "extension": null, "country_id": null},
        "buying_currency": "INR", "phone_number_type": "work", "industry": "Automotive", "website_url": "https://example.org",
        "social_pages": ["https://example.org/abc"], "social_info": {"xy": "https://example.org/abc"}, "auto_signup": true, "allow": ["192.0.2.0/24"],
        "name_servers": {"mode": "specify", "hosts": [{"name": "ns1.example.org", "ipv4": ["192.0.2.1"]}, {"name": "ns2.example.org"}]},
    })
}

#[test]
fn every_field_is_kept_and_given_back() {
    let site = Site::start();
    let provider = site.bearer(1);
    let answer = provider.post("/customers", &full());
    assert_eq!(answer.status, 201, "{}", answer.body);
    let created = answer.json();
    let id = created["id"].as_i64().unwrap();
    assert_eq!(answer.header("location"), Some(&*format!("http://{}/v1/customers/{id}", site.address())));
    assert_eq!(answer.header("etag"), Some(&*format!("\"{id}-1\"")));
    for (name, value) in full().as_object().unwrap() {
        match name.as_str() {
            "password" | "call_in_pin" => assert!(created.get(name).is_none(), "{name} is never given back"),
            "voice" | "cell" | "fax" => {
                for (part, value) in value.as_object().unwrap() {
                    assert_eq!(created[name][part], *value, "{name}.{part}");
                }
            }
            _ => assert_eq!(created[name], *value, "{name}"),
        }
    }
    assert_eq!((&created["has_password"], &created["has_call_in_pin"]), (&json!(true), &json!(true)));
    assert_eq!(
        (&created["status"], &created["kind"], &created["parent_id"], &created["version"]),
        (&json!("active"), &json!("customer"), &json!(1), &json!(1))
    );
    assert_eq!((&created["voice"]["e164"], &created["cell"]["plausible"]), (&json!("+912222554254"), &json!(true)));
    assert_eq!(provider.read(id), created);

    // Every field that can be set can be emptied, but for those that are lists or switches: those become empty or off.
    let nothing: Value =
        full().as_object().unwrap().keys().filter(|name| *name != "password").map(|name| (name.clone(), Value::Null)).collect();
    let emptied = provider.patch(&format!("/customers/{id}"), &nothing).json();
    for name in full().as_object().unwrap().keys().filter(|name| !["password", "call_in_pin"].contains(&name.as_str())) {
        let expected = match name.as_str() {
            "street" | "allow" => json!([]),
            "auto_signup" => json!(false),
            "name_servers" => json!({"mode": "default", "hosts": []}),
            "voice" | "fax" => json!({"number": null, "e164": null, "plausible": null, "extension": null, "country_id": null}),
            "cell" => {
                json!({"number": null, "e164": null, "plausible": null, "extension": null, "country_id": null, "device_type": null, "two_factor": null})
            }
            _ => Value::Null,
        };
        assert_eq!(emptied[name], expected, "{name}");
    }
    assert_eq!((&emptied["has_password"], &emptied["has_call_in_pin"]), (&json!(true), &json!(false)));
}

#[test]
fn a_change_is_a_merge() {
    let site = Site::start();
    let provider = site.bearer(1);
    let id =
        provider.create(&json!({"organization": "ABC", "city": "Mumbai", "voice": {"number": "+91.2222554254", "extension": "12"}}))["id"]
            .as_i64()
            .unwrap();
    let path = format!("/customers/{id}");
    let changed = provider.patch(&path, &json!({"city": "Pune", "voice": {"extension": null}})).json();
    assert_eq!((&changed["organization"], &changed["city"], &changed["version"]), (&json!("ABC"), &json!("Pune"), &json!(2)));
    assert_eq!((&changed["voice"]["number"], &changed["voice"]["extension"]), (&json!("+91.2222554254"), &Value::Null));
    let again = provider.patch(&path, &json!({"city": "Pune"})).json();
    assert_eq!(again["version"], 2, "nothing was different");
    let same = provider.patch(&path, &json!({})).json();
    assert_eq!(same, again, "a change of nothing is none");
}

#[test]
fn every_fault_is_named_and_nothing_is_saved() {
    let site = Site::start();
    let provider = site.bearer(1);
    provider.create(&json!({"email": "taken@example.org", "external_id": "x-1"}));
    let events = site.count("SELECT count(*) FROM event");
    let faulty = json!({
        "email": "TAKEN@example.org", "external_id": "x-1", "first_name": "", "last_name": "x".repeat(256), "city": 7, "country_code": "XX",
        "date_of_birth": "2999-01-01", "street": ["a", 7, ""], "voice": {"number": "what?", "extention": "1"}, "cell": "none", "allow": ["nowhere"],
        "website_url": "javascript:alert(1)", "id": 9, "status": "active", "version": 3, "tenant_id": 1, "firstname": "Abc", "auto_signup": "yes",
        "name_servers": {"mode": "specify", "hosts": [{"ipv4": ["x"]}]}, "email_package_id": 99, "sms_quota": -1, "password": "short", "call_in_pin": "12",
    });
    let answer = provider.post("/customers", &faulty);
    #[rustfmt::skip]
    answer.is_problem(422, "invalid", &[
        "allow[0]", "auto_signup", "call_in_pin", "cell", "city", "country_code", "date_of_birth", "email", "email_package_id", "external_id", "first_name",
        "firstname", "id", "last_name", "name_servers.hosts", "name_servers.hosts[0].ipv4[0]", "name_servers.hosts[0].name", "password", "sms_quota", "status",
        "street[1]", "street[2]", "tenant_id", "version", "voice.extention", "voice.number", "website_url",
    ]);
    let said =
        |field: &str| answer.json()["errors"].as_array().unwrap().iter().find(|error| error["field"] == field).unwrap()["message"].clone();
    assert_eq!(said("firstname"), "there is no such field; is first_name meant?");
    assert_eq!(said("status"), "this field cannot be set here; use activate, suspend, resume, close and delete");
    assert!(!answer.body.contains("short"), "a secret is never said");
    assert_eq!(site.count("SELECT count(*) FROM event"), events);
    provider.post("/customers", &json!({"city": "Mumbai"})).is_problem(422, "invalid", &["organization"]);
}

#[test]
fn who_has_a_value_is_told_to_those_who_may_see_it() {
    let site = Site::start();
    let provider = site.bearer(1);
    let holder = provider.create(&json!({"email": "taken@example.org"}))["id"].clone();
    let answer = provider.post("/customers", &json!({"email": "TAKEN@example.org"}));
    answer.is_problem(409, "taken", &["email"]);
    assert_eq!(answer.json()["errors"][0]["existing_id"], holder);
    let sub = site.add(1, Kind::Provider, None);
    let hidden = site.bearer(sub).post("/customers", &json!({"email": "taken@example.org"}));
    hidden.is_problem(409, "taken", &["email"]);
    assert!(hidden.json()["errors"][0].get("existing_id").is_none());
}

#[test]
fn a_deleted_customer_can_be_read_and_restored() {
    let site = Site::start();
    let provider = site.bearer(1);
    let id = provider.create(&json!({"organization": "ABC", "auto_signup": true}))["id"].as_i64().unwrap();
    let path = format!("/customers/{id}");
    for _ in 0..2 {
        let answer = provider.delete(&path);
        assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    }
    assert_eq!(provider.read(id)["status"], "deleted");
    provider.patch(&path, &json!({"city": "Pune"})).is_problem(409, "impossible_status", &["status"]);
    let restored = provider.post(&format!("{path}/restore"), &json!({"reason": "by mistake"})).json();
    assert_eq!((&restored["status"], &restored["version"], &restored["ended_at"]), (&json!("active"), &json!(3), &Value::Null));
    let reason = site.text(&format!("SELECT changes FROM event WHERE account_id = {id} AND version = 3"));
    assert!(reason.contains("by mistake"), "{reason}");
}

#[test]
fn packages_and_balances_are_given() {
    let site = Site::start();
    let provider = site.bearer(1);
    let package = site.caller(1).post("/packages", &json!({"name": "Gold", "channel": "email", "quantity": 100, "identifier": "gold"}));
    let package = package.json()["item"]["id"].clone();
    let customer = provider.create(&json!({"organization": "ABC", "email_package_id": "gold", "sms_quota": 5}));
    assert_eq!((&customer["email_package_id"], &customer["sms_quota"]), (&package, &json!(5)));
    let path = format!("/customers/{}", customer["id"]);
    let changed = provider.patch(&path, &json!({"email_package_id": null, "sms_quota": 7})).json();
    assert_eq!((&changed["email_package_id"], &changed["sms_quota"]), (&Value::Null, &json!(7)));
    provider.patch(&path, &json!({"email_package_id": 99})).is_problem(422, "invalid", &["email_package_id"]);
}
