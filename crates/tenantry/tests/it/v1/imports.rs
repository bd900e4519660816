//! Imports: rows become customers, once, whatever is sent how often.

use std::io::{Read, Write};

use serde_json::{Value, json};
use tenantry_domain::account::{HoldOwner, Kind};
use tenantry_domain::key::Scopes;
use tenantry_service::NewKey;

use super::caller::Bearer;
use crate::harness::{Answer, Site};

impl Bearer {
    /// Sends a file.
    pub(crate) fn import(&self, query: &str, media_type: &str, file: &str) -> Answer {
        self.call("POST", &format!("/imports{query}"), &[("Content-Type", media_type)], file)
    }

    /// Sends a CSV and gives what it came to.
    #[track_caller]
    pub(crate) fn imported(&self, query: &str, file: &str) -> Value {
        let answer = self.import(query, "text/csv", file);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }
}

#[track_caller]
fn counts(import: &Value, expected: [u64; 5]) {
    let found = ["created", "changed", "unchanged", "skipped", "faulty"].map(|name| import[name].as_u64().unwrap());
    assert_eq!(found, expected, "{import}");
    assert_eq!(import["read"].as_u64().unwrap(), expected.iter().sum::<u64>());
}

fn customers(provider: &Bearer) -> Vec<Value> {
    provider.get("/customers?limit=200").json()["customers"].as_array().unwrap().clone()
}

const FILE: &str = "\u{feff}Customer Id;First Name;Last Name;E-Mail;Phone;Zip;Country;Notes\r\n\
    crm-1;Asha;Rao;asha@example.org;'+91.2222554254;400010;IN;x\r\n\
    crm-2;\"Jan\";\"van; Dyk\";jan@example.org;;;;\r\n";

#[test]
fn a_file_is_taken_in_once_however_often_it_is_sent() {
    let site = Site::start();
    let provider = site.bearer(1);
    let import = provider.imported("", FILE);
    counts(&import, [2, 0, 0, 0, 0]);
    let fields: Vec<&str> = import["mapping"].as_array().unwrap().iter().map(|column| column["field"].as_str().unwrap_or("-")).collect();
    assert_eq!(fields, ["external_id", "first_name", "last_name", "email", "voice.number", "postal_code", "country_code", "-"]);
    let all = customers(&provider);
    assert_eq!((&all[0]["voice"]["number"], &all[1]["last_name"]), (&json!("+91.2222554254"), &json!("van; Dyk")));
    let events = site.count("SELECT count(*) FROM event");
    counts(&provider.imported("", FILE), [0, 0, 2, 0, 0]);
    counts(&provider.imported("?on_existing=skip", FILE), [0, 0, 0, 2, 0]);
    counts(&provider.imported("?on_existing=refuse", FILE), [0, 0, 0, 0, 2]);
    assert_eq!(site.count("SELECT count(*) FROM event"), events, "nothing was changed");
    counts(&provider.imported("", &FILE.replace("Asha", "Usha")), [0, 1, 1, 0, 0]);
    let other = &FILE.replace("jan@example.org", "JAN@example.org").replace("crm-2", "");
    counts(&provider.imported("?match=email&map=Customer+Id:-", other), [0, 2, 0, 0, 0]);
    assert_eq!(customers(&provider).len(), 2);
}

#[test]
fn a_dry_run_says_what_would_be_and_writes_nothing() {
    let site = Site::start();
    let provider = site.bearer(1);
    provider.create(&json!({"external_id": "crm-2", "last_name": "Dyk"}));
    let events = site.count("SELECT count(*) FROM event");
    let import = provider.imported("?dry_run=true", &[FILE, "crm-3;;;no address;;;;\r\n"].concat());
    counts(&import, [1, 1, 0, 0, 1]);
    let shown: Vec<_> =
        import["preview"].as_array().unwrap().iter().map(|row| (row["action"].clone(), row["customer"]["last_name"].clone())).collect();
    assert_eq!(shown, [(json!("created"), json!("Rao")), (json!("changed"), json!("van; Dyk"))]);
    assert_eq!(import["preview"][0]["customer"].get("id"), None, "nobody has an id before it is made");
    assert_eq!(site.count("SELECT count(*) FROM event"), events);
    assert_eq!(customers(&provider).len(), 1);
}

#[test]
fn faulty_rows_come_back_to_be_mended_and_sent_again() {
    let site = Site::start();
    let provider = site.bearer(1);
    provider.create(&json!({"email": "taken@example.org"}));
    let file = "external_id,email,country_code,notes\n1,a@example.org,IN,\n2,no address,XX,'=1\n3,taken@example.org,,\n,,,\n4,b@example.org,,,,more\n";
    let import = provider.imported("", file);
    counts(&import, [1, 0, 0, 0, 4]);
    let errors: Vec<_> = import["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["row"].as_u64().unwrap(), error["field"].as_str().unwrap(), error["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        errors,
        [
            (2, "email", "invalid"),
            (2, "country_code", "invalid"),
            (3, "email", "taken"),
            (4, "external_id", "required"),
            (5, "", "malformed")
        ]
    );
    let rows = import["faulty_rows"].as_str().unwrap();
    assert!(rows.starts_with("external_id,email,country_code,notes,import_error\r\n2,no address,XX,'=1,\"email: "), "{rows}");
    let mended = rows.replace("no address", "c@example.org").replace("XX", "ZA").replace("taken@", "free@");
    let import = provider.imported("", &mended);
    counts(&import, [3, 0, 0, 0, 1]);
    assert_eq!(customers(&provider).len(), 5);
    let lines = provider.import("", "application/x-ndjson", "{\"external_id\": \"9\", \"emai\": \"x\"}\n[]\n{\n");
    let import = lines.json();
    counts(&import, [0, 0, 0, 0, 3]);
    let first: Value = serde_json::from_str(import["faulty_rows"].as_str().unwrap().lines().next().unwrap()).unwrap();
    assert!(first["import_error"].as_str().unwrap().contains("is email meant"), "{first}");
}

#[test]
fn clients_of_whmcs_come_with_their_status_and_password() {
    let site = Site::start();
    let provider = site.bearer(1);
    let hash = format!("$2y$10${}", "a".repeat(53));
    let file = format!(
        "id,firstname,lastname,companyname,email,address1,address2,city,state,postcode,country,phonenumber,password,currency,status\n\
         17,Asha,Rao,ABC,a@example.org,1 Road,Flat 2,Mumbai,MH,400010,IN,+91.2222554254,{hash},1,Active\n\
         18,Jan,Dyk,,b@example.org,,,,,,ZA,,plain,1,Inactive\n\
         19,Eva,Dyk,,c@example.org,,,,,,ZA,,,1,Closed\n"
    );
    let import = provider.imported("?format=whmcs", &file);
    counts(&import, [2, 0, 0, 0, 1]);
    assert_eq!((&import["errors"][0]["row"], &import["errors"][0]["field"]), (&json!(2), &json!("password_hash")));
    assert!(!import["errors"].to_string().contains("plain"), "a secret is not repeated in what is said of it");
    let all = customers(&provider);
    let found: Vec<_> = all
        .iter()
        .map(|one| (one["external_id"].as_str().unwrap(), one["status"].as_str().unwrap(), one["has_password"].clone()))
        .collect();
    assert_eq!(found, [("17", "active", json!(true)), ("19", "closed", json!(false))]);
    assert_eq!(all[0]["street"], json!(["1 Road", "Flat 2"]));
    assert_eq!(site.text("SELECT password_hash FROM account WHERE external_id = '17'"), hash);
    // Who is there keeps its status, whatever the file says by now.
    let file = file.replace("Active", "Closed").replace("plain", "");
    counts(&provider.imported("?format=whmcs", &file), [1, 0, 2, 0, 0]);
    assert_eq!(customers(&provider)[0]["status"], "active");
}

#[test]
fn an_import_does_what_its_key_may() {
    let site = Site::start();
    let other = site.add(1, Kind::Provider, None);
    let (provider, stranger) = (site.bearer(other), site.bearer(1));
    stranger.create(&json!({"external_id": "crm-1", "last_name": "Theirs"}));
    // In one tenant ids are unique, also among customers whom this provider does not reach.
    let import = provider.imported("", "external_id,last_name\ncrm-1,Mine\n");
    counts(&import, [0, 0, 0, 0, 1]);
    assert_eq!((&import["errors"][0]["code"], &import["errors"][0]["existing_id"]), (&json!("not_found"), &Value::Null));
    counts(&provider.imported("?parent_id=1", "email\na@example.org\n"), [0, 0, 0, 0, 1]);
    assert_eq!(stranger.get("/customers?search=Theirs").json()["customers"].as_array().unwrap().len(), 1);
    let customer = stranger.create(&json!({"email": "self@example.org", "auto_signup": true}))["id"].as_i64().unwrap();
    assert_eq!(site.bearer(customer).import("", "text/csv", "email\nx@example.org\n").status, 403);
    let reader = site.bearer_with(1, NewKey { scopes: Scopes::parse("read,add").unwrap(), ..NewKey::default() });
    reader.import("", "text/csv", "email\nx@example.org\n").is_problem(403, "forbidden", &[]);
}

#[test]
fn what_is_no_file_is_refused() {
    let site = Site::start();
    let provider = site.bearer(1);
    provider.import("", "application/pdf", "x").is_problem(415, "unsupported_media_type", &[]);
    provider.import("", "text/csv", "").is_problem(400, "malformed", &[]);
    provider.import("?map=a:b", "text/csv", "email\n").is_problem(400, "malformed", &[]);
    provider.import("?format=xml&match=name&dry_run=1", "text/csv", "email\n").is_problem(422, "invalid", &["dry_run", "format", "match"]);
    let long = format!("email\na@example.org\n\"{}", "x".repeat(300_000));
    let answer = provider.import("", "text/csv", &long);
    answer.is_problem(400, "malformed", &[]);
    assert!(answer.body.contains("row 3"), "{}", answer.body);
}

#[test]
fn a_large_file_is_taken_in_and_names_nobody_twice() {
    let site = Site::start();
    let provider = site.bearer(1);
    let rows: String = (0..1_000).map(|number| format!("crm-{},Name {number}\n", number % 900)).collect();
    let import = provider.imported("", &["external_id,organization\n", &rows].concat());
    counts(&import, [900, 100, 0, 0, 0]);
    let total = site.count("SELECT count(*) FROM account WHERE kind = 'customer'");
    assert_eq!(total, 900);
    assert_eq!(provider.get("/customers?external_id=crm-7").json()["customers"][0]["organization"], "Name 907", "the last row counts");
}

/// What the older dialects show of a customer makes the same customer at another provider.
#[test]
fn records_of_the_older_dialects_make_the_same_customer() {
    let site = Site::start();
    let id = site.provider.add(|_| {});
    let user = site.provider.read(id);
    let item = site.caller(1).item(id);
    let before = site.bearer(1).read(id);
    for (format, record) in [("wwwengine", user), ("everlytic", item)] {
        let tenant = site.add_tenant();
        let provider = site.bearer(tenant.id);
        let answer = provider.import(&format!("?format={format}"), "application/x-ndjson", &record.to_string());
        let import = answer.json();
        counts(&import, [1, 0, 0, 0, 0]);
        let after = &customers(&provider)[0];
        for field in ["email", "organization", "state_province", "postal_code", "country_code", "street"] {
            assert_eq!(after[field], before[field], "{format}: {field} of {record}");
        }
        assert_eq!(after["external_id"], id.to_string());
    }
}

#[test]
fn cells_become_what_the_tenant_has_defined() {
    let site = Site::start();
    let provider = site.bearer(1);
    let defined = json!([
        {"name": "seats", "type": "number"}, {"name": "beta", "type": "boolean"}, {"name": "since", "type": "date"}, {"name": "code", "type": "text"},
    ]);
    assert_eq!(provider.patch("/settings", &json!({"custom_fields": defined})).status, 200);
    let file =
        "external_id,custom_fields.seats,custom_fields.beta,custom_fields.since,custom_fields.code\na,12.5,TRUE,2026-02-28,7\nb,many,,,\n";
    let import = provider.imported("", file);
    counts(&import, [1, 0, 0, 0, 1]);
    assert_eq!(customers(&provider)[0]["custom_fields"], json!({"seats": 12.5, "beta": true, "since": "2026-02-28", "code": "7"}));
    assert_eq!(import["errors"][0]["field"], "custom_fields.seats", "{import}");
    counts(&provider.imported("", file), [0, 0, 1, 0, 1]);
}

#[test]
fn a_file_of_customers_changes_no_provider() {
    let site = Site::start();
    let provider = site.bearer(1);
    site.add(1, Kind::Provider, Some("reseller@example.org"));
    let import = provider.imported("", "email,organization\nreseller@example.org,Changed\n");
    counts(&import, [0, 0, 0, 0, 1]);
    assert_eq!(site.count("SELECT count(*) FROM account WHERE profile LIKE '%Changed%'"), 0);
}

#[test]
fn who_is_let_in_no_more_imports_no_further_row() {
    let site = Site::start();
    let below = site.add(1, Kind::Provider, None);
    let caller = site.bearer(below);
    let rows = |numbers: std::ops::Range<u32>| numbers.map(|number| format!("crm-{number}\n")).collect::<String>();
    let file = ["external_id\n", &rows(0..600)].concat();
    let rest = rows(600..1_200);
    let mut stream = std::net::TcpStream::connect(caller.address).unwrap();
    let head = format!(
        "POST /v1/imports HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer {}\r\nContent-Type: text/csv\r\nContent-Length: {}\r\n\r\n",
        caller.key,
        file.len() + rest.len()
    );
    stream.write_all([head.as_str(), &file].concat().as_bytes()).unwrap();
    // Two chunks of 256 rows are taken in; the others of them wait for more.
    site.until(|| site.count("SELECT count(*) FROM account WHERE kind = 'customer'") == 512);
    site.suspend(below, HoldOwner::Abuse);
    stream.write_all(rest.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert_eq!(site.count("SELECT count(*) FROM account WHERE kind = 'customer'"), 512);
}
