//! Every field, both ways.

use serde_json::{Value, json};

use crate::harness::{Site, example};

/// Every field of the dialect, with texts that only a tolerant reader keeps.
fn full() -> Value {
    let mut body = example();
    body["allow"] = json!(["127.0.0.0/8", "2001:db8::/32"]);
    body["allowIPV"] = json!([{"ipv4address": "127.0.0.1"}]);
    body["socialPages"] = json!([{"facebook": "https://facebook.com/abc"}]);
    body["socialInfo"] = json!({"twitter": "@abc", "google": ["https://example.com/a", "https://example.com/b"]});
    body["autoSignup"] = json!(1);
    body["buyingCurrency"] = json!("inr");
    body["contactInfo"]["postalInfo"]["title"] = json!("Prof. Dr. med.");
    body["contactInfo"]["postalInfo"]["firstName"] = json!(" Zoë ");
    body["contactInfo"]["postalInfo"]["lastName"] = json!("O’Neill-山田");
    body["contactInfo"]["postalInfo"]["address"]["street"] = json!(["1", "2", "3"]);
    body["contactInfo"]["postalInfo"]["address"]["countryCode"] = json!("in");
    body["contactInfo"]["voice"]["ext"] = json!("12 (night)");
    body["contactInfo"]["cell"] =
        json!({"type": "Window", "number": "+91 88852-42124", "ext": "7", "countrycode": "00029", "2FactorAuth": "1"});
    body["contactInfo"]["fax"] = json!({"number": "+912222421239", "countrycode": "29", "ext": "1"});
    body["nameServerType"] = json!("specify");
    body["nameServers"] =
        json!(["ns1.example.org", {"name": "ns2.example.org", "ipv4address": ["192.0.2.1"], "ipv6address": ["2001:db8::1"]}]);
    body
}

#[test]
fn every_field_is_read_back_as_it_was_given() {
    let site = Site::start();
    let sent = full();
    let answer = site.provider.post("/user", &sent);
    answer.saved();
    assert!(answer.json().get("ignored").is_none(), "{}", answer.body);
    let record = site.provider.read(2);
    assert_eq!(record["type"], "customer");
    assert_eq!(record["status"], "active", "autoSignup");
    for field in ["email", "buyingCurrency", "autoSignup", "socialPages", "socialInfo", "userInfo", "preferences", "parentID"] {
        assert_eq!(record[field], sent[field], "{field}");
    }
    for field in ["postalInfo", "cell", "fax", "voice"] {
        assert_eq!(record["contactInfo"][field], sent["contactInfo"][field], "{field}");
    }
    assert_eq!(record["allow"], json!(["127.0.0.0/8", "2001:db8::/32", "127.0.0.1"]));
    assert_eq!(record["allowIPV"], sent["allowIPV"]);
    assert_eq!(record["nameServerType"], "specify");
    assert_eq!(record["nameServers"][1], sent["nameServers"][1]);
    assert_eq!(record["nameServers"][0], json!({"name": "ns1.example.org"}));
}

#[test]
fn what_was_read_can_be_sent_back() {
    let site = Site::start();
    site.provider.post("/user", &full()).saved();
    let record = site.provider.read(2);
    let events = site.count("SELECT count(*) FROM event");
    let answer = site.provider.put("/user/2", &record);
    answer.saved();
    assert_eq!(answer.json()["ignored"], json!(["createdAt", "updatedAt"]));
    assert_eq!(site.provider.read(2), record);
    assert_eq!(site.count("SELECT count(*) FROM event"), events, "nothing changed, so nothing is in the history");
}

#[test]
fn names_are_found_without_case_dashes_and_underscores() {
    let site = Site::start();
    let body = json!({
        "TYPE": "customer", "e-mail": "x@example.org", "Password": "abc@path6re", "parent_id": 1, "AutoSignup": "1", "buying-currency": "INR",
        "userinfo": {"Date of birth": "1970-01-01"},
        "ContactInfo": {
            "PostalInfo": {"Title": "Mrs.", "FIRSTNAME": "A", "LastName": "B",
                "Address": {"City": "C", "State": "D", "postalcode": "400 010", "CountryCode": "IN"}},
            "Voice": {"Number": "+91.2554254"}, "callinpin": 1234},
        "Preference": {"PhoneNoType": "work"}, "Soicalinfo": {"x": "y"}
    });
    site.provider.post("/user", &body).saved();
    let record = site.provider.read(2);
    assert_eq!(record["contactInfo"]["postalInfo"]["firstName"], "A");
    assert_eq!(record["socialInfo"], json!({"x": "y"}));
}

#[test]
fn every_missing_field_is_named_at_once() {
    let site = Site::start();
    site.provider.post("/user", &json!({})).names(
        422,
        &[
            "autoSignup",
            "buyingCurrency",
            "contactInfo.callInPin",
            "contactInfo.postalInfo.address.city",
            "contactInfo.postalInfo.address.countryCode",
            "contactInfo.postalInfo.address.postalCode",
            "contactInfo.postalInfo.address.state",
            "contactInfo.postalInfo.firstName",
            "contactInfo.postalInfo.lastName",
            "contactInfo.postalInfo.title",
            "contactInfo.voice.number",
            "email",
            "parentID",
            "password",
            "preferences.phoneNoType",
            "type",
            "userInfo.dateOfBirth",
        ],
    );
    assert_eq!(site.count("SELECT count(*) FROM account WHERE id > 1"), 0);
}

#[test]
fn every_faulty_field_is_named_by_the_clients_own_path() {
    let site = Site::start();
    site.provider.add(|body| body["email"] = json!("taken@example.org"));
    let mut body = example();
    body["Email"] = body.as_object_mut().unwrap().remove("email").map(|_| json!("Taken@Example.org")).unwrap();
    body["parentID"] = json!("777");
    body["buyingCurrency"] = json!("XXY");
    body["userInfo"]["dateOfBirth"] = json!("2099-01-01");
    body["contactInfo"]["postalInfo"]["address"]["countryCode"] = json!("XX");
    body["contactInfo"]["postalInfo"]["address"]["street"] = json!(["a", "b", "c", "d"]);
    body["contactInfo"]["voice"]["number"] = json!("12345");
    body["contactInfo"]["cell"] = json!({"number": "+91.8885242124"});
    body["contactInfo"]["callInPin"] = json!("12");
    body["password"] = json!("short");
    body["allow"] = json!(["10.0.0.0/8", "10.10.10.325"]);
    body["socialInfo"] = json!({"x": "javascript:alert(1)"});
    body["status"] = json!("asleep");
    body["nameServers"] = json!(["ns1.example.org"]);
    let answer = site.provider.post("/user", &body);
    answer.names(
        422,
        &[
            "allow[1]",
            "buyingCurrency",
            "contactInfo.callInPin",
            "contactInfo.cell.countrycode",
            "contactInfo.postalInfo.address.countryCode",
            "contactInfo.postalInfo.address.street",
            "contactInfo.voice.number",
            "nameServers",
            "parentID",
            "password",
            "socialInfo",
            "status",
            "userInfo.dateOfBirth",
        ],
    );
    body["parentID"] = json!("1");
    let fields = site.provider.post("/user", &body).fields();
    assert!(fields.contains(&"Email".to_owned()) && !fields.contains(&"parentID".to_owned()), "{fields:?}");
    assert!(!answer.body.contains("short"), "a password is never quoted");
}

#[test]
fn extra_fields_are_named_and_kept_out() {
    let site = Site::start();
    let mut body = example();
    body["colour"] = json!("blue");
    body["contactInfo"]["pager"] = json!({"number": "+1.2"});
    let answer = site.provider.post("/user", &body);
    answer.saved();
    assert_eq!(answer.json()["ignored"], json!(["contactInfo.pager", "colour"]));
}

#[test]
fn what_callers_may_not_set_is_refused_by_name() {
    let site = Site::start();
    for name in ["tenant_id", "kind", "hash", "version", "verified", "id"] {
        let mut body = example();
        body[name] = json!("1");
        site.provider.post("/user", &body).names(422, &[name]);
    }
    let id = site.provider.add(|_| {});
    let other = site.add_tenant().id;
    for (name, value) in
        [("tenantID", json!(other)), ("version", json!(9)), ("verified", json!(true)), ("parentID", json!(other)), ("type", json!("isp"))]
    {
        site.provider.put(&format!("/user/{id}"), &json!({ name: value })).names(422, &[name]);
    }
    assert_eq!(site.provider.read(id)["parentID"], "1");
}

#[test]
fn a_list_of_addresses_is_never_emptied_by_what_nobody_reads() {
    let site = Site::start();
    let id = site.provider.add(|body| body["allow"] = json!(["10.0.0.0/8"]));
    let put = |allow: Value| site.provider.put(&format!("/user/{id}"), &json!({"allow": allow}));
    put(json!({"0": "10.0.0.1"})).names(422, &["allow[0]"]);
    put(json!({})).names(422, &["allow[0]"]);
    put(json!([null])).names(422, &["allow[0]"]);
    put(json!([{"ip": "10.0.0.1"}])).names(422, &["allow[0]"]);
    assert_eq!(site.provider.read(id)["allow"], json!(["10.0.0.0/8"]));
    put(json!([{"IPv4-Address": "10.0.0.1"}])).saved();
    assert_eq!(site.provider.read(id)["allow"], json!(["10.0.0.1"]));
    put(json!([""])).saved();
    assert_eq!(site.provider.read(id)["allow"], json!([]), "what the documents send for none");
}

#[test]
fn a_new_cell_phone_has_its_country_code() {
    let site = Site::start();
    for code in [json!(""), json!(null)] {
        let mut body = example();
        body["contactInfo"]["cell"] = json!({"number": "+91.8885242124", "countrycode": code});
        site.provider.post("/user", &body).names(422, &["contactInfo.cell.countrycode"]);
    }
}

#[test]
fn a_type_is_read_in_any_case() {
    let site = Site::start();
    let id = site.provider.add(|body| body["type"] = json!("Customer"));
    site.provider.put(&format!("/user/{id}"), &json!({"type": "customer", "preferences": {"phoneNoType": "home"}})).saved();
}

#[test]
fn an_edit_that_names_nothing_known_is_an_error() {
    let site = Site::start();
    let id = site.provider.add(|_| {});
    let put = |body: Value| site.provider.put(&format!("/user/{id}"), &body);
    for body in [json!({}), json!({"x": 1}), json!({"contactInfo": {}}), json!({"contactInfo": {"voice": {"extention": "1"}}})] {
        assert_eq!(put(body.clone()).status, 422, "{body}");
    }
    for group in ["contactInfo", "userInfo", "preferences"] {
        put(json!({group: null})).names(422, &[group]);
    }
    put(json!({"contactInfo": {"fax": null}})).saved();
}

#[test]
fn both_kinds_of_faults_are_named_at_once() {
    let site = Site::start();
    site.provider.add(|body| body["email"] = json!("taken@example.org"));
    let mut body = example();
    body["email"] = json!("taken@example.org");
    body["status"] = json!("suspended");
    body["nameServers"] = json!(["ns1.example.org"]);
    site.provider.post("/user", &body).names(422, &["email", "nameServers", "status"]);
    let id = site.provider.add(|_| {});
    let put = json!({"email": "taken@example.org", "status": "suspended", "addNameServers": ["a.example.org"]});
    site.provider.put(&format!("/user/{id}"), &put).names(422, &["email", "nameServerType", "status"]);
}
