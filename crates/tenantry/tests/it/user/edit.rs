//! `PUT /user/{id}`: an edit is a merge.

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
    let hash =
        || site.database().query_row("SELECT password_hash FROM account WHERE id = ?1", [id], |row| row.get::<_, String>(0)).unwrap();
    let first = hash();
    assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{first}");
    site.provider.put(&format!("/user/{id}"), &json!({"password": "another-one"})).saved();
    assert_ne!(hash(), first);
}
