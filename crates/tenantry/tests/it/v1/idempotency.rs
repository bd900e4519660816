//! `Idempotency-Key`: a request that is sent again is answered the same, and happens once.

use std::sync::Barrier;

use serde_json::json;

use crate::harness::{Answer, Site};

use super::caller::Bearer;

fn keyed(caller: &Bearer, key: &str, path: &str, body: &str) -> Answer {
    caller.call("POST", path, &[("Idempotency-Key", key)], body)
}

fn customers(site: &Site) -> i64 {
    site.count("SELECT count(*) FROM account WHERE kind = 'customer'")
}

#[test]
fn the_first_answer_is_given_again_octet_by_octet() {
    let site = Site::start();
    let provider = site.bearer(1);
    let body = json!({"organization": "ABC", "email": "a@example.org", "auto_signup": true}).to_string();
    let first = keyed(&provider, "one", "/customers", &body);
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, None), "{}", first.body);
    let id = first.json()["id"].as_i64().unwrap();
    // What happened since makes no difference.
    assert_eq!(provider.patch(&format!("/customers/{id}"), &json!({"city": "Pune"})).status, 200);
    for key in ["one", "\"one\""] {
        let again = keyed(&provider, key, "/customers", &body);
        assert_eq!((again.status, &again.body, again.header("idempotency-replayed")), (201, &first.body, Some("true")));
        for name in ["etag", "location", "content-type"] {
            assert_eq!(again.header(name), first.header(name), "{name}");
        }
    }
    assert_eq!(customers(&site), 1);
    let minimal = |caller: &Bearer| {
        caller.call("POST", "/customers", &[("Idempotency-Key", "two"), ("Prefer", "return=minimal")], "{\"organization\": \"DEF\"}")
    };
    let (first, again) = (minimal(&provider), minimal(&provider));
    assert_eq!((first.status, again.status, again.header("location")), (201, 201, first.header("location")));
    assert_eq!((again.body.as_str(), again.header("content-type")), ("", None));
    assert_eq!(customers(&site), 2);
}

#[test]
fn verbs_and_passwords_happen_once_too() {
    let site = Site::start();
    let provider = site.bearer(1);
    let body = json!({"organization": "ABC", "email": "a@example.org", "password": "correct horse", "auto_signup": true}).to_string();
    let first = keyed(&provider, "one", "/customers", &body);
    assert_eq!(first.status, 201, "{}", first.body);
    // Without the key the address would be taken.
    assert_eq!(keyed(&provider, "one", "/customers", &body).body, first.body);
    let path = format!("/customers/{}/suspend", first.json()["id"]);
    let first = keyed(&provider, "two", &path, "{\"owner\": \"billing\"}");
    let resumed = provider.post(&path.replace("suspend", "resume"), &json!({"owner": "billing"}));
    assert_eq!((first.status, resumed.json()["status"].as_str()), (200, Some("active")));
    let again = keyed(&provider, "two", &path, "{\"owner\": \"billing\"}");
    assert_eq!((again.body, again.status), (first.body, 200));
    assert_eq!(provider.get(path.trim_end_matches("/suspend")).json()["status"], "active", "it was not suspended again");
    // One that changes nothing is kept as well.
    let activate = path.replace("suspend", "activate");
    let first = keyed(&provider, "three", &activate, "");
    assert_eq!(keyed(&provider, "three", &activate, "").body, first.body);
    assert_eq!(first.status, 200);
}

#[test]
fn a_key_belongs_to_one_request_and_one_credential() {
    let site = Site::start();
    let (provider, other) = (site.bearer(1), site.bearer(1));
    assert_eq!(keyed(&provider, "one", "/customers", "{\"organization\": \"ABC\"}").status, 201);
    keyed(&provider, "one", "/customers", "{\"organization\": \"DEF\"}").is_problem(422, "idempotency_key_reused", &[]);
    keyed(&provider, "one", "/customers?on_duplicate=warn", "{\"organization\": \"ABC\"}").is_problem(422, "idempotency_key_reused", &[]);
    assert_eq!(keyed(&other, "one", "/customers", "{\"organization\": \"DEF\"}").status, 201);
    assert_eq!(customers(&site), 2);
    for key in ["", "a b", "ä", "\"\"", &"x".repeat(256)] {
        keyed(&provider, key, "/customers", "{\"organization\": \"ABC\"}").is_problem(400, "malformed", &[]);
    }
    let twice = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")];
    provider.call("POST", "/customers", &twice, "{\"organization\": \"ABC\"}").is_problem(400, "malformed", &[]);
    assert_eq!(keyed(&provider, &"x".repeat(255), "/customers", "{\"organization\": \"GHI\"}").status, 201);
    assert_eq!(customers(&site), 3);
}

#[test]
fn a_refusal_is_not_kept() {
    let site = Site::start();
    let provider = site.bearer(1);
    keyed(&provider, "one", "/customers", "{\"organisation\": \"ABC\"}").is_problem(422, "invalid", &["organisation", "organization"]);
    assert_eq!(keyed(&provider, "one", "/customers", "{\"organization\": \"ABC\"}").status, 201);
}

#[test]
fn of_requests_that_race_one_is_done() {
    let site = Site::start();
    let provider = site.bearer(1);
    const RACING: usize = 12;
    for (round, password) in [(0, "correct horse"), (1, "")] {
        let barrier = Barrier::new(RACING);
        let mut body = json!({"organization": "ABC", "email": format!("{round}@example.org")});
        if !password.is_empty() {
            body["password"] = password.into();
        }
        let (body, key) = (body.to_string(), format!("race-{round}"));
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let racing: Vec<_> = (0..RACING)
                .map(|_| {
                    scope.spawn(|| {
                        barrier.wait();
                        keyed(&provider, &key, "/customers", &body)
                    })
                })
                .collect();
            racing.into_iter().map(|racing| racing.join().unwrap()).collect()
        });
        let made: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 201).collect();
        assert_eq!(made.iter().filter(|answer| answer.header("idempotency-replayed").is_none()).count(), 1);
        assert!(made.iter().all(|answer| answer.body == made[0].body));
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            answer.is_problem(409, "idempotency_key_in_use", &[]);
            assert_eq!(answer.header("retry-after"), Some("1"));
        }
        assert_eq!(customers(&site), round + 1);
    }
}

#[test]
fn what_is_kept_tells_nobody_anything_and_is_forgotten_in_time() {
    let site = Site::start();
    let provider = site.bearer(1);
    let body = "{\"organization\": \"Canary Company\"}";
    assert_eq!(keyed(&provider, "canary-key", "/customers", body).status, 201);
    let readable =
        "SELECT count(*) FROM idempotent_answer WHERE instr(answer, CAST('Canary' AS BLOB)) > 0 OR instr(key, CAST('canary' AS BLOB)) > 0";
    if site.is_embedded() {
        assert_eq!(site.count(readable), 0);
    }
    assert_eq!(site.count("SELECT count(*) FROM idempotent_answer"), 1);
    site.set_clock("2026-03-07T12:00:00Z");
    assert_eq!(keyed(&provider, "canary-key", "/customers", body).header("idempotency-replayed"), Some("true"));
    site.set_clock("2026-03-09T12:00:00Z");
    let again = keyed(&provider, "canary-key", "/customers", body);
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, None));
    assert_eq!((customers(&site), site.count("SELECT count(*) FROM idempotent_answer")), (2, 1));
    // Others that are no longer kept go with those that come.
    site.set_clock("2026-03-17T12:00:00Z");
    assert_eq!(keyed(&provider, "another", "/customers", body).status, 201);
    assert_eq!(site.count("SELECT count(*) FROM idempotent_answer"), 1);
}
