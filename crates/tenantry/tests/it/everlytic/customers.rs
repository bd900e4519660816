//! Customers over REST: the document's properties, partial updates, and what is refused.

use serde_json::{Value, json};
use tenantry_domain::account::{HoldOwner, Kind};
use tenantry_domain::key::Scopes;
use tenantry_service::NewKey;

use crate::harness::Site;

/// Every property that can be set.
fn full() -> Value {
    json!({
        "name": "Ünal & Söhne <GmbH>", "status": "on", "email": "Abc@example.org", "email_quota": 500, "sms_quota": "20", "transactions_quota": 10.0,
        "address": "Ax Palace\r\n118, Old Hanuman Road", "state_provinces": "Gauteng", "postal_code": "2196", "telephone": "+27 11 447 6147",
        "fax": "011 447 6148", "website_url": "https://example.org/?a=1&b=2", "country": "za", "industry": "Hospitality, Travel & Tourism",
        "unique_id": "crm-7"
    })
}

#[test]
fn every_property_is_read_back_as_it_was_given() {
    let site = Site::start();
    let caller = site.caller(1);
    let item = caller.create(&full());
    let mut expected = full();
    expected["sms_quota"] = json!(20);
    expected["transactions_quota"] = json!(10);
    expected["address"] = json!("Ax Palace\n118, Old Hanuman Road");
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&item[name], value, "{name}");
    }
    assert_eq!(item["country_code"], "ZA");
    assert_eq!(site.caller(1).get("/customers?filter%5Bid%5D=2").collection()[0], item);
    assert_eq!(caller.put("/customers/2", &item).item(), item, "a whole record can be sent back");
    assert_eq!(site.count("SELECT version FROM account WHERE id = 2"), 1, "and changes nothing");
}

#[test]
fn an_update_keeps_what_it_does_not_name() {
    let site = Site::start();
    let caller = site.caller(1);
    let before = caller.create(&full());
    for (change, name, value) in [
        (json!({"email": "b@example.org"}), "email", json!("b@example.org")),
        (json!({"hash": before["hash"], "name": "B"}), "name", json!("B")),
        (json!({"address": "One line"}), "address", json!("One line")),
        (json!({"telephone": ""}), "telephone", json!("")),
        (json!({"website_url": null}), "website_url", json!("")),
        (json!({"industry": ""}), "industry", json!("")),
        (json!({"unique_id": ""}), "unique_id", json!("")),
        (json!({"email_quota": "0"}), "email_quota", json!(0)),
    ] {
        let mut expected = caller.item(2);
        expected[name] = value;
        assert_eq!(caller.put("/customers/2", &change).item(), expected, "{change}");
        assert_eq!(caller.item(2), expected);
    }
    let empty = caller.put("/customers/2", &json!({}));
    assert_eq!(empty.item(), caller.item(2), "nothing is required");
    assert_eq!(site.count("SELECT version FROM account WHERE id = 2"), 9);
}

#[test]
fn bodies_as_clients_send_them() {
    let site = Site::start();
    let caller = site.caller(1);
    caller.create(&full());
    let form = "application/x-www-form-urlencoded";
    for (number, (kind, body)) in [
        (form, r#"{"email":"n0@example.org"}"#),
        ("application/json", "\n\n  {\n\"email\":\"n1@example.org\"\n}\n"),
        (form, "email=n2%40example.org&name=A+B"),
        ("text/plain", "{\"email\":\"n3@example.org\"}"),
        ("application/json; charset=utf-8", "\u{FEFF}{\"email\":\"n4@example.org\"}"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = caller.call("PUT", "/customers/2", &[("Content-Type", kind)], body);
        assert_eq!(answer.item()["email"], format!("n{number}@example.org"), "{body}");
    }
    for (kind, body) in
        [("application/json", "not json"), ("application/json", ""), ("application/json", "[1]"), (form, "email=%zz"), (form, "a=1&a=2")]
    {
        let answer = caller.call("PUT", "/customers/2", &[("Content-Type", kind)], body);
        answer.refuses(400, &[]);
    }
    caller.call("PUT", "/customers/2", &[], r#"{"email":"a@example.org","email":"b@example.org"}"#).refuses(400, &["email"]);
}

#[test]
fn every_faulty_property_is_named_and_nothing_is_saved() {
    let site = Site::start();
    let caller = site.caller(1);
    caller.create(&json!({"name": "Taken", "email": "taken@example.org", "unique_id": "taken"}));
    let faulty = json!({
        "name": "", "status": "asleep", "email": "x", "email_package_id": 7, "email_quota": 2_147_483_648_i64, "sms_quota": -1,
        "transactions_package_id": "gold!", "transactions_quota": "12x", "address": "1\n2\n3\n4", "state_provinces": "a\u{1}b", "postal_code": "x".repeat(17),
        "telephone": "call me", "fax": "12345678901234567890", "website_url": "javascript:alert(1)", "country": "XX", "industry": "Piracy",
        "unique_id": "x".repeat(256), "deleted": "perhaps", "id": 5, "enterprise_id": 9, "hash": "x", "is_department": "yes", "country_code": "DE"
    });
    let mut names: Vec<&str> = faulty.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    caller.post("/customers", &faulty).refuses(422, &names);
    caller.put("/customers/2", &faulty).refuses(422, &names);
    caller.post("/customers", &json!({})).refuses(422, &["email", "name"]);
    caller
        .post("/customers", &json!({"name": ["x"], "email": {"a": 1}, "email_quota": true, "country": 1.5}))
        .refuses(422, &["country", "email", "email_quota", "name"]);
    let taken = caller.post("/customers", &json!({"name": "A", "email": "TAKEN@example.org", "unique_id": "taken"}));
    taken.refuses(409, &["email", "unique_id"]);
    assert_eq!(taken.json()["error"]["existing_id"], 2);
    assert_eq!(site.count("SELECT count(*) FROM account WHERE kind = 'customer'"), 1);
    assert_eq!(site.count("SELECT version FROM account WHERE id = 2"), 1);
}

#[test]
fn quotas_take_whole_numbers_that_old_integers_hold() {
    let site = Site::start();
    let caller = site.caller(1);
    caller.create(&json!({"name": "A", "email": "a@example.org"}));
    for (body, quota) in [
        (r#"{"email_quota":2147483647}"#, Some(2_147_483_647_i64)),
        (r#"{"email_quota":2147483648}"#, None),
        (r#"{"email_quota":-1}"#, None),
        (r#"{"email_quota":"12x"}"#, None),
        (r#"{"email_quota":1e9}"#, Some(1_000_000_000)),
        (r#"{"email_quota":10.0}"#, Some(10)),
        (r#"{"email_quota":"10"}"#, Some(10)),
        (r#"{"email_quota":10.5}"#, None),
        (r#"{"email_quota":"1e9"}"#, None),
        (r#"{"email_quota":1e309}"#, None),
        (r#"{"email_quota":99999999999999999999}"#, None),
        (r#"{"email_quota":""}"#, Some(10)),
        (r#"{"email_quota":0}"#, Some(0)),
    ] {
        let answer = caller.call("PUT", "/customers/2", &[], body);
        match quota {
            Some(quota) => assert_eq!(answer.item()["email_quota"], quota, "{body}"),
            None => assert!(
                matches!(answer.status, 400 | 422) && answer.json()["error"]["fields"]["email_quota"].is_string(),
                "{body}: {}",
                answer.body
            ),
        }
    }
    let ledger = "SELECT count(*) FROM quota_entry WHERE account_id = 2 AND kind = 'set' AND reason = 'edited'";
    assert_eq!(site.count(ledger), 4, "a value that is so already moves nothing");
    assert_eq!(site.count("SELECT sum(amount) FROM quota_entry WHERE account_id = 2"), 0);
}

#[test]
fn a_life_in_the_dialects_words() {
    let site = Site::start();
    let caller = site.caller(1);
    caller.create(&json!({"name": "A", "email": "a@example.org"}));
    let becomes = |body: Value, status: u16, reads: (&str, &str)| {
        let answer = caller.put("/customers/2", &body);
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
        let item = caller.item(2);
        assert_eq!((item["status"].as_str().unwrap(), item["deleted"].as_str().unwrap()), reads, "{body}");
    };
    becomes(json!({"status": "off"}), 200, ("off", "no"));
    becomes(json!({"status": "suspended"}), 409, ("off", "no"));
    becomes(json!({"status": "On"}), 200, ("on", "no"));
    becomes(json!({"status": "on", "deleted": "no"}), 200, ("on", "no"));
    becomes(json!({"status": "suspended"}), 200, ("suspended", "no"));
    becomes(json!({"deleted": "no"}), 200, ("suspended", "no"));
    becomes(json!({"status": "on"}), 200, ("on", "no"));
    becomes(json!({"status": "off"}), 200, ("off", "no"));
    becomes(json!({"status": "on"}), 200, ("on", "no"));
    becomes(json!({"status": "on", "deleted": "yes"}), 422, ("on", "no"));
    becomes(json!({"status": "deleted", "deleted": "no"}), 422, ("on", "no"));
    becomes(json!({"deleted": "yes"}), 200, ("deleted", "yes"));
    becomes(json!({"deleted": "yes", "status": "deleted"}), 200, ("deleted", "yes"));
    becomes(json!({"status": "off"}), 409, ("deleted", "yes"));
    becomes(json!({"name": "B"}), 409, ("deleted", "yes"));
    becomes(json!({"deleted": "no", "name": "B"}), 200, ("on", "no"));
    becomes(json!({"status": "deleted"}), 200, ("deleted", "yes"));
    becomes(json!({"status": "", "deleted": ""}), 200, ("deleted", "yes"));
    assert_eq!(caller.delete("/customers/2").item()["deleted"], "yes", "deleted twice is deleted");
    caller.put("/customers/2", &json!({"status": "on"})).item();
    site.suspend(2, HoldOwner::Legal);
    becomes(json!({"status": "on"}), 200, ("suspended", "no"));
}

#[test]
fn a_new_customer_starts_as_it_is_told() {
    let site = Site::start();
    let caller = site.caller(1);
    for (number, (status, reads)) in
        [(json!("on"), "on"), (json!("off"), "off"), (json!(""), "off"), (json!(null), "off")].into_iter().enumerate()
    {
        let body = json!({"name": "A", "email": format!("n{number}@example.org"), "status": status, "deleted": "no"});
        assert_eq!(caller.create(&body)["status"], reads, "{status}");
    }
    for status in ["suspended", "deleted"] {
        caller.post("/customers", &json!({"name": "A", "email": "x@example.org", "status": status})).refuses(409, &["status"]);
    }
}

#[test]
fn a_name_is_the_organizations_or_else_the_persons() {
    let site = Site::start();
    let caller = site.caller(1);
    let id = site.provider.add(|body| {
        body["contactInfo"]["postalInfo"].as_object_mut().unwrap().remove("organization");
    });
    let path = format!("/customers/{id}");
    assert_eq!(caller.item(id)["name"], "Abc Xyz");
    caller.put(&path, &json!({"name": "Abc Xyz", "postal_code": "400 011"})).item();
    assert_eq!(site.provider.read(id)["contactInfo"]["postalInfo"]["organization"], "", "what is shown already is not set");
    assert_eq!(caller.put(&path, &json!({"name": "Other"})).item()["name"], "Other");
    let postal = &site.provider.read(id)["contactInfo"]["postalInfo"];
    assert_eq!((postal["organization"].as_str(), postal["firstName"].as_str()), (Some("Other"), Some("Abc")));
}

#[test]
fn numbers_as_people_write_them() {
    let site = Site::start();
    let caller = site.caller(1);
    let id = caller.create(&json!({"name": "A", "email": "a@example.org", "telephone": "(011) 447-6147", "country": "ZA"}))["id"]
        .as_i64()
        .unwrap();
    for search in ["27114476147", "0114476147", "+27 11 447 6147", "447"] {
        let found = site.provider.get(&format!("/user?search={}", search.replace('+', "%2B").replace(' ', "%20")));
        assert_eq!(found.json()["response"]["total"], 1, "{search}");
    }
    let shown = site.provider.read(id)["contactInfo"]["voice"]["number"].clone();
    assert_eq!(shown, "+27114476147", "the other dialect has the international form");
    site.provider.put(&format!("/user/{id}"), &json!({"contactInfo": {"voice": {"number": shown, "ext": "9"}}})).saved();
    assert_eq!(caller.item(id)["telephone"], "(011) 447-6147", "and sends it back without changing what was written");
}

#[test]
fn a_customer_acts_on_itself_and_sells_itself_nothing() {
    let site = Site::start();
    let provider = site.caller(1);
    let id = provider.create(&json!({"name": "A", "email": "a@example.org", "status": "on", "email_quota": 5}))["id"].as_i64().unwrap();
    let (customer, path) = (site.caller(id), format!("/customers/{id}"));
    assert_eq!(customer.put(&path, &json!({"telephone": "+27 11 447 6147"})).item()["telephone"], "+27 11 447 6147");
    customer.put(&path, &json!({"email_quota": 1000, "unique_id": "mine"})).refuses(403, &["email_quota", "unique_id"]);
    customer.put(&path, &json!({"status": "off"})).refuses(403, &["status"]);
    customer.delete(&path).refuses(403, &["status"]);
    assert_eq!(customer.post("/customers", &json!({"name": "B", "email": "b@example.org"})).status, 403);
    let whole = customer.item(id);
    assert_eq!(customer.put(&path, &whole).item(), whole, "what it reads it may send back");
    assert_eq!(customer.get("/customers").ids(), [id]);
    assert_eq!(customer.get("/customers/1").status, 404);
}

#[test]
fn what_no_table_knows_is_named_and_kept_out() {
    let site = Site::start();
    let caller = site.caller(1);
    let answer = caller.post(
        "/customers",
        &json!({"name": "A", "email": "a@example.org", "tenant_id": 9, "version": 7, "parent_id": 0, "kind": "provider"}),
    );
    assert_eq!(answer.json()["ignored"], json!(["kind", "parent_id", "tenant_id", "version"]));
    assert_eq!(
        site.count("SELECT count(*) FROM account WHERE id = 2 AND tenant_id = 1 AND parent_id = 1 AND version = 1 AND kind = 'customer'"),
        1
    );
    let long = "x".repeat(200_000);
    let answer = caller.put("/customers/2", &json!({long: 1, "name": "B"}));
    assert!(answer.status == 200 && answer.body.len() < 2_000, "{}", answer.body.len());
}

#[test]
fn a_provider_below_is_no_customer() {
    let site = Site::start();
    let caller = site.caller(1);
    let sub = site.add(1, Kind::Provider, None);
    let path = format!("/customers/{sub}");
    let missing = caller.get("/customers/99");
    assert_eq!(caller.get(&path).body, missing.body);
    caller.put(&path, &json!({"status": "suspended"})).refuses(404, &["id"]);
    caller.delete(&path).refuses(404, &["id"]);
    assert_eq!(caller.get("/customers").ids(), [0; 0]);
    assert_eq!(site.provider.read(sub)["status"], "active");
    assert_eq!(caller.put("/customers/1", &json!({"name": "Us"})).item()["name"], "Us", "its own record it may change");
}

#[test]
fn a_page_of_another_site_calls_with_nobodys_credentials() {
    let site = Site::with(&[("public_url", "https://accounts.example.org")]);
    let caller = site.caller(1);
    let body = r#"{"name":"A","email":"a@example.org"}"#;
    for headers in [
        &[("Content-Type", "text/plain"), ("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")][..],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Origin", "https://evil.example")],
        &[("Origin", "null")],
    ] {
        caller.call("POST", "/customers", headers, body).refuses(403, &[]);
        let xml = caller.xml_raw("<methodCall><methodName>CreateCustomer</methodName></methodCall>", headers);
        assert!(xml.body.contains("<int>403</int>"), "{}", xml.body);
    }
    assert_eq!(site.count("SELECT count(*) FROM account WHERE kind = 'customer'"), 0);
    let own = [("Origin", "https://accounts.example.org"), ("Sec-Fetch-Site", "same-origin")];
    assert_eq!(caller.call("POST", "/customers", &own, body).status, 201);
    assert_eq!(caller.call("GET", "/customers/2", &[("Sec-Fetch-Site", "cross-site")], "").status, 200, "reading changes nothing");
}

#[test]
fn a_key_learns_nothing_that_it_may_not_read() {
    let site = Site::start();
    site.caller(1).create(&json!({"name": "A", "email": "taken@example.org"}));
    let with = |scopes: &str| site.caller_with(1, NewKey { scopes: Scopes::parse(scopes).unwrap(), ..NewKey::default() });
    let faulty = json!({"name": "", "email": "taken@example.org"});
    let (reads, adds) = (with("read"), with("add"));
    reads.post("/customers", &faulty).refuses(403, &[]);
    reads.put("/customers/2", &faulty).refuses(403, &[]);
    adds.put("/customers/2", &json!({"hash": "x"})).refuses(403, &[]);
    adds.get("/customers/2").refuses(403, &[]);
    reads.post("/packages", &json!({})).refuses(403, &[]);
    reads.put("/packages/1", &json!({"name": ""})).refuses(403, &[]);
    site.caller(1).post("/packages", &json!({"name": "P", "channel": "email"})).item();
    let edits = with("edit");
    assert_eq!(
        edits.put("/packages/1", &json!({"name": "Q", "channel": "email"})).item()["name"],
        "Q",
        "what is sent back is compared without a right to read"
    );
    let refused = adds.post("/customers", &faulty);
    refused.refuses(422, &["email", "name"]);
    assert!(refused.json()["error"].get("existing_id").is_none(), "{}", refused.body);
}

#[test]
fn a_deleted_customer_comes_back_as_it_went() {
    let site = Site::start();
    let caller = site.caller(1);
    caller.post("/packages", &json!({"name": "P", "channel": "email"})).item();
    let back = |status: &str, email: &str| {
        let id = caller.create(&json!({"name": "A", "email": email, "email_package_id": 1}))["id"].as_i64().unwrap();
        let path = format!("/customers/{id}");
        let steps = if status == "off" { Vec::new() } else { vec!["on", status] };
        for step in steps {
            caller.put(&path, &json!({"status": step})).item();
        }
        caller.put(&path, &json!({"deleted": "yes"})).item();
        caller.put(&path, &json!({"deleted": "no"})).item()
    };
    assert_eq!(back("off", "a@example.org")["status"], "off", "what waited waits on");
    assert_eq!(back("suspended", "b@example.org")["status"], "suspended");
    let item = back("on", "c@example.org");
    assert_eq!((item["status"].as_str(), item["email_package_id"].as_i64()), (Some("on"), Some(1)));
    for id in 2..=4 {
        caller.delete(&format!("/customers/{id}")).item();
    }
    caller.delete("/packages/1").item();
    assert_eq!(
        caller.put("/customers/4", &json!({"status": "on"})).item()["email_package_id"],
        0,
        "a package that is gone comes back with nobody"
    );
}

#[test]
fn an_update_of_nothing_known_is_not_said_to_be_saved() {
    let site = Site::start();
    let caller = site.caller(1);
    caller.create(&json!({"name": "A", "email": "a@example.org"}));
    for body in [json!({"item": {"name": "B"}}), json!({"Email": "b@example.org"})] {
        caller.put("/customers/2", &body).refuses(422, &[]);
    }
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    caller.call("PUT", "/customers/2", &form, "customer%5Bname%5D=B").refuses(422, &[]);
    let updated =
        caller.put("/customers/2", &json!({"country": "ZA", "country_code": "ZA", "postal_code": " ", "email_quota": " 5 "})).item();
    assert_eq!((updated["country"].as_str(), updated["email_quota"].as_i64()), (Some("ZA"), Some(5)));
}

#[test]
fn a_record_of_this_dialect_can_be_sent_back_through_the_other() {
    let site = Site::start();
    let caller = site.caller(1);
    let id =
        caller.create(&json!({"name": "A", "email": "a@example.org", "telephone": "011 447 6147", "fax": "12345"}))["id"].as_i64().unwrap();
    let mut record = site.provider.read(id);
    record["contactInfo"]["postalInfo"]["organization"] = json!("B");
    site.provider.put(&format!("/user/{id}"), &record).saved();
    let item = caller.item(id);
    assert_eq!((item["name"].as_str(), item["telephone"].as_str(), item["fax"].as_str()), (Some("B"), Some("011 447 6147"), Some("12345")));
    record["contactInfo"]["postalInfo"]["organization"] = json!("");
    record["contactInfo"]["voice"]["number"] = json!("12345");
    record["contactInfo"]["postalInfo"]["title"] = json!("x".repeat(40));
    site.provider.put(&format!("/user/{id}"), &record).names(422, &["contactInfo.postalInfo.title", "contactInfo.voice.number"]);
}

#[test]
fn others_holds_are_told() {
    let site = Site::start();
    let caller = site.caller(1);
    caller.create(&json!({"name": "A", "email": "a@example.org", "status": "on"}));
    site.suspend(2, HoldOwner::Abuse);
    let answer = caller.put("/customers/2", &json!({"status": "on"}));
    assert_eq!(
        (answer.item()["status"].as_str(), answer.json()["message"].as_str()),
        (Some("suspended"), Some("Still suspended by abuse"))
    );
}
