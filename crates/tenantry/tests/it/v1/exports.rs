//! Exports: every customer, in a file that an import takes in without changing anything.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

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

#[test]
fn names_of_many_scripts_and_packages_are_read_as_they_were_written() {
    let site = Site::start();
    let provider = site.bearer(1);
    let package = provider.post("/packages", &json!({"name": "S", "channel": "sms"})).json()["id"].clone();
    provider.create(&json!({"external_id": "p", "sms_package_id": package, "sms_quota": 3}));
    for (number, name) in ["山田 太郎", "محمد", "कुमार, जूनियर", "\u{feff}BOM", "\u{202e}x", "＝1+1"].into_iter().enumerate()
    {
        provider.create(&json!({"external_id": format!("n{number}"), "last_name": name, "tags": ["@a", "-b"]}));
    }
    is_taken_in_unchanged(&site, &provider);
    let csv = exported(&provider, "");
    let header: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    let row: Vec<&str> = csv.lines().find(|line| line.contains(",p,")).unwrap().split(',').collect();
    let cell = |name: &str| row[header.iter().position(|column| *column == name).unwrap()];
    assert_eq!((cell("sms_package_id"), cell("sms_quota"), cell("email_package_id")), (package.to_string().as_str(), "3", ""));
    assert!(cell("created_at").starts_with("2026-03-01T12:00:00"));
}

#[test]
fn what_the_older_dialects_keep_is_read_as_it_was_written() {
    let site = Site::start();
    let provider = site.bearer(1);
    for (number, street, social) in [
        (1, json!(["A", "", "B"]), json!([{"a": "b"}])),
        (2, json!(["", "A", ""]), json!({"a": {"b": 1}})),
        (3, json!([" A ", "=B"]), json!([])),
    ] {
        site.provider.add(|body| {
            body["email"] = json!(format!("user{number}@example.org"));
            body["contactInfo"]["postalInfo"]["address"]["street"] = street;
            body["socialPages"] = social;
        });
    }
    for (number, name, value) in [
        (1, "telephone", "011 447 6148"),
        (2, "fax", "-12 34 567"),
        (3, "address", "A\r\n\r\nB"),
        (4, "postal_code", "007"),
        (5, "name", " =x "),
        (6, "telephone", "+27 11 447 6147 ext 5"),
    ] {
        let mut properties = json!({"name": "N", "email": format!("customer{number}@example.org"), "status": "on"});
        properties[name] = json!(value);
        site.caller(1).create(&properties);
    }
    is_taken_in_unchanged(&site, &provider);
}

/// Asserts that an import of an export, of either kind, changes nothing.
#[track_caller]
fn is_taken_in_unchanged(site: &Site, provider: &Bearer) {
    let (before, events) = (all(provider), site.count("SELECT count(*) FROM event"));
    for (format, media_type) in [("csv", "text/csv"), ("jsonl", "application/x-ndjson")] {
        let import = provider.import("", media_type, &exported(provider, &format!("?format={format}"))).json();
        assert_eq!((&import["unchanged"], &import["read"]), (&json!(before.len()), &json!(before.len())), "{format}: {import}");
    }
    assert_eq!((all(provider), site.count("SELECT count(*) FROM event")), (before, events));
}

#[test]
fn an_export_ends_where_pages_do_and_has_deleted_ones_only_when_asked() {
    let site = Site::start();
    let provider = site.bearer(1);
    assert_eq!(exported(&provider, "?format=jsonl"), "", "nobody is there");
    let rows: String = (0..400).map(|number| format!("crm-{number}\n")).collect();
    provider.imported("", &["external_id\n", &rows].concat());
    let ids = |query: &str| {
        let lines = exported(&provider, &format!("?format=jsonl{query}"));
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let all = ids("");
    assert_eq!(all.len(), 400, "two full pages");
    assert!(all.is_sorted_by(|one, other| one < other));
    site.delete(all[7]);
    assert!(!ids("").contains(&all[7]));
    assert_eq!(ids("&status=deleted"), [all[7]]);
    assert_eq!(ids("&search=crm-39").len(), 11);
    assert_eq!(exported(&provider, "").lines().count(), 400, "a header and 399 customers");
}

/// A store that fails while a file is on the way must not leave one that looks whole.
#[test]
fn an_export_that_cannot_go_on_is_cut_off() {
    let site = Site::start();
    let provider = site.bearer(1);
    large(&provider);
    for format in ["jsonl", "csv"] {
        let rest = begun(&provider, format, || site.alter("ALTER TABLE account RENAME TO gone"));
        site.alter("ALTER TABLE gone RENAME TO account");
        assert!(!rest.ends_with(LAST_CHUNK), "{format}: it looks whole after {} octets", rest.len());
    }
    assert!(begun(&provider, "jsonl", || ()).ends_with(LAST_CHUNK), "a store that is there is read to its end");
}

#[test]
fn who_is_let_in_no_more_gets_no_further_page() {
    let site = Site::start();
    let provider = site.bearer(1);
    large(&provider);
    let (victim, suspended) = (site.bearer(1), site.add(1, Kind::Provider, None));
    let keys = provider.get("/keys").json()["keys"].as_array().unwrap().clone();
    let public = keys.iter().map(|key| key["public"].as_str().unwrap()).find(|public| victim.key.contains(public)).unwrap().to_owned();
    let rest = begun(&victim, "jsonl", || assert_eq!(provider.delete(&format!("/keys/{public}")).status, 204));
    assert!(!rest.ends_with(LAST_CHUNK), "its key is revoked, and it had {} octets", rest.len());
    let below = site.bearer(suspended);
    large(&below);
    let rest = begun(&below, "csv", || site.suspend(suspended, HoldOwner::Abuse));
    assert!(!rest.ends_with(LAST_CHUNK), "its account is suspended, and it had {} octets", rest.len());
}

/// RFC 9112, section 7.1.
const LAST_CHUNK: &[u8] = b"\r\n0\r\n\r\n";

/// Customers, of some 8 KiB each: together more than what two sockets hold for a client that does not read.
fn large(provider: &Bearer) {
    let name = "x".repeat(255);
    let contact = json!({"roles": ["billing"], "first_name": name, "last_name": name, "organization": name});
    let contacts = vec![contact; 10];
    let rows: String = (0..1000)
        .map(|number| format!("{}\n", json!({"external_id": format!("{}-{number}", &provider.key[..20]), "contacts": contacts})))
        .collect();
    let import = provider.import("", "application/x-ndjson", &rows).json();
    assert_eq!(import["created"], 1000, "{}", import["errors"][0]);
}

/// What comes of an export whose client stops reading until something has happened.
fn begun(provider: &Bearer, format: &str, happens: impl FnOnce()) -> Vec<u8> {
    let mut stream = TcpStream::connect(provider.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let key = &provider.key;
    let request =
        format!("GET /v1/export/customers?format={format} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut status = [0; 15];
    stream.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 200 OK");
    // Until the sockets are full, and the server waits for the client.
    std::thread::sleep(Duration::from_secs(1));
    happens();
    let mut rest = Vec::new();
    // A connection that is reset was cut off as well.
    drop(stream.read_to_end(&mut rest));
    rest
}
