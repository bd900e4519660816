//! `PUT /user/{id}`: an edit is a merge.

use std::io::Write;
use std::net::TcpStream;

use serde_json::json;

use crate::harness::{Site, example};

#[test]
fn absent_stays_null_clears_lists_are_replaced() {
    let site = Site::start();
    let id = site.provider.add(|body| body["contactInfo"]["fax"] = json!({"number": "+91.22", "countrycode": "29"}));
    let path = format!("/user/{id}");
    site.provider.put(&path, &json!({"contactInfo": {"postalInfo": {"address": {"city": "Pune"}}, "voice": {"ext": "5"}}})).saved();
    let record = site.provider.read(id);
    assert_eq!(record["contactInfo"]["postalInfo"]["address"]["city"], "Pune");
    assert_eq!(record["contactInfo"]["postalInfo"]["address"]["postalCode"], "400 010");
    assert_eq!(record["contactInfo"]["voice"], json!({"number": "+91.2554254", "countrycode": "29", "ext": "5"}));

    site.provider
        .put(&path, &json!({"contactInfo": {"fax": null, "postalInfo": {"organization": null, "address": {"street": ["x"]}}}}))
        .saved();
    let record = site.provider.read(id);
    assert_eq!(record["contactInfo"]["fax"]["number"], "");
    assert_eq!(record["contactInfo"]["postalInfo"]["organization"], "");
    assert_eq!(record["contactInfo"]["postalInfo"]["address"]["street"], json!(["x"]));

    site.provider
        .put(&path, &json!({"email": null, "contactInfo": {"postalInfo": {"firstName": ""}}}))
        .names(422, &["contactInfo.postalInfo.firstName", "email"]);
}

#[test]
fn an_edit_of_nothing_known_is_an_error_and_one_that_changes_nothing_is_not() {
    let site = Site::start();
    let id = site.provider.add(|_| {});
    let path = format!("/user/{id}");
    for body in [json!({}), json!([]), json!({"colour": "blue"})] {
        let answer = site.provider.put(&path, &body);
        assert_eq!(answer.status, 422, "{}", answer.body);
    }
    site.provider.put(&path, &json!({"email": "abc.xyz@abc.org"})).saved();
    assert_eq!(site.count(&format!("SELECT version FROM account WHERE id = {id}")), 1);
}

#[test]
fn racing_edits_of_different_fields_all_survive() {
    let site = Site::start();
    let id = site.provider.add(|_| {});
    let path = format!("/user/{id}");
    let bodies = [
        json!({"contactInfo": {"postalInfo": {"firstName": "First"}}}),
        json!({"contactInfo": {"postalInfo": {"lastName": "Last"}}}),
        json!({"contactInfo": {"postalInfo": {"address": {"city": "City"}}}}),
        json!({"preferences": {"phoneNoType": "home"}}),
    ];
    std::thread::scope(|scope| {
        for body in &bodies {
            for _ in 0..8 {
                scope.spawn(|| site.provider.put(&path, body).saved());
            }
        }
    });
    let record = site.provider.read(id);
    let postal = &record["contactInfo"]["postalInfo"];
    assert_eq!(
        [&postal["firstName"], &postal["lastName"], &postal["address"]["city"], &record["preferences"]["phoneNoType"]],
        ["First", "Last", "City", "home"]
    );
    assert_eq!(site.count(&format!("SELECT version FROM account WHERE id = {id}")), 5, "each change once, repeats not at all");
}

#[test]
fn an_address_that_is_taken_is_refused_and_a_freed_one_is_free() {
    let site = Site::start();
    let first = site.provider.add(|body| body["email"] = json!("first@example.org"));
    let second = site.provider.add(|body| body["email"] = json!("second@example.org"));
    let answer = site.provider.put(&format!("/user/{second}"), &json!({"email": "FIRST@example.org"}));
    answer.names(409, &["email"]);
    assert_eq!(answer.json()["errors"][0]["existing_id"], first);
    site.provider.put(&format!("/user/{first}"), &json!({"email": "moved@example.org"})).saved();
    site.provider.put(&format!("/user/{second}"), &json!({"email": "first@example.org"})).saved();
}

#[test]
fn a_lost_answer_can_be_found_again() {
    let site = Site::start();
    let id = site.provider.add(|_| {});
    let again = site.provider.post("/user", &example());
    again.names(409, &["email"]);
    assert_eq!(again.json()["errors"][0]["existing_id"], id);
}

#[test]
fn a_password_is_stored_as_argon2id() {
    let site = Site::start();
    let id = site.provider.add(|_| {});
    let hash = || site.text(&format!("SELECT password_hash FROM account WHERE id = {id}"));
    let first = hash();
    assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{first}");
    site.provider.put(&format!("/user/{id}"), &json!({"password": "another-one"})).saved();
    assert_ne!(hash(), first);
}

#[test]
fn of_racing_adds_with_one_address_one_wins() {
    let site = Site::start();
    let body = example();
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..16).map(|_| scope.spawn(|| site.provider.post("/user", &body).status)).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (200, &[409; 15][..]));
    assert_eq!(site.count("SELECT count(*) FROM account WHERE kind = 'customer'"), 1);
}

#[test]
fn a_client_that_goes_away_leaves_nothing_half_done() {
    let site = Site::start();
    let id = site.provider.add(|_| {});
    for turn in 0..200 {
        let body =
            json!({"preferences": {"phoneNoType": format!("t{turn}")}, "status": if turn % 2 == 0 { "active" } else { "suspended" }})
                .to_string();
        let request =
            format!("PUT /user/{id}?{} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}", site.provider.query(), body.len());
        let mut stream = TcpStream::connect(site.address()).unwrap();
        // Cut off at another octet each time; the last turns send everything and do not wait.
        let sent = request.len() * (turn + 1) / 150;
        stream.write_all(&request.as_bytes()[..sent.min(request.len())]).unwrap();
    }
    // One more call through the same lane: what came before it is decided.
    site.provider.put(&format!("/user/{id}"), &json!({"status": "active", "preferences": {"phoneNoType": "last"}})).saved();
    // In one statement: whoever went away may still be served between two.
    let counts = format!("SELECT version, (SELECT count(*) FROM event WHERE account_id = id) FROM account WHERE id = {id}");
    let counted = site.text(&counts);
    let (versions, events) = counted.split_once('|').unwrap();
    assert!(versions != "1" && versions == events, "{versions} versions, {events} events");
    let both = site
        .count(&format!("SELECT count(*) FROM event WHERE account_id = {id} AND version > 1 AND changes NOT LIKE '%phone_number_type%'"));
    assert_eq!(both, 0, "status and preference change together or not at all");
}
