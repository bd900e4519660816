//! Lists: pages by cursor, filters, search.

use serde_json::{Value, json};

use super::caller::Bearer;
use crate::harness::Site;

fn ids(page: &Value) -> Vec<i64> {
    page["customers"].as_array().unwrap().iter().map(|customer| customer["id"].as_i64().unwrap()).collect()
}

#[track_caller]
fn found(provider: &Bearer, query: &str) -> Vec<i64> {
    let answer = provider.get(&format!("/customers?{query}"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    ids(&answer.json())
}

#[test]
fn pages_go_on_where_the_last_one_ended_whatever_is_written_meanwhile() {
    let site = Site::start();
    let provider = site.bearer(1);
    let made: Vec<i64> =
        (0..7).map(|number| provider.create(&json!({"organization": format!("ABC {number}")}))["id"].as_i64().unwrap()).collect();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = provider.get(&format!("/customers?limit=3{cursor}")).json();
        seen.extend(ids(&page));
        // One that was shown goes, and one comes: nothing is shown twice and nothing is left out.
        if seen.len() == 3 {
            provider.delete(&format!("/customers/{}", made[1]));
            provider.create(&json!({"organization": "new"}));
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen[..7], made);
    assert_eq!(seen.len(), 8);
}

#[test]
fn customers_are_found_by_any_scrap() {
    let site = Site::start();
    let provider = site.bearer(1);
    let one = provider.create(&json!({
        "first_name": "Ünal", "last_name": "Łódź", "organization": "ABC Straße", "email": "ab.cd@example.org", "external_id": "crm-77", "city": "Mumbai",
        "country_code": "IN", "postal_code": "400 010", "voice": {"number": "+91 (22) 2255-4254"},
    }))["id"].as_i64().unwrap();
    let other = provider.create(&json!({"organization": "Other", "country_code": "DE"}))["id"].as_i64().unwrap();
    for query in [
        "search=unal",
        "search=LODZ",
        "search=strasse",
        "search=%2B912222554254",
        "search=2255-4254",
        "search=ab.cd%40",
        "search=crm-7+mum",
        "search=a+n+z",
        "email=AB.CD%40example.org",
        "external_id=crm-77",
        "country_code=in",
        "postal_code=400+010",
        "search=400+010&status=pending",
    ] {
        assert_eq!(found(&provider, query), [one], "{query}");
    }
    assert_eq!(found(&provider, &format!("search={other}")), [other], "an id");
    assert_eq!(found(&provider, "search=nobody"), [0; 0]);
    assert_eq!(found(&provider, "status=active,suspended"), [0; 0]);
    assert_eq!(found(&provider, "parent_id=1"), [one, other]);
    provider.delete(&format!("/customers/{other}"));
    assert_eq!(found(&provider, ""), [one], "what is deleted is listed when it is asked for");
    assert_eq!(found(&provider, "status=deleted"), [other]);
    // What was just written is found at once.
    provider.patch(&format!("/customers/{one}"), &json!({"city": "Pune"}));
    assert_eq!(found(&provider, "search=pune"), [one]);
    assert_eq!(found(&provider, "search=mumbai"), [0; 0]);
}

#[test]
fn what_is_asked_wrongly_is_named() {
    let site = Site::start();
    let provider = site.bearer(1);
    let answer = provider
        .get("/customers?limit=201&cursor=x&status=open&parent_id=01&country_code=ZZ&email=x&external_id=&page=2&limit=3&search=%ff");
    let fields = ["country_code", "cursor", "email", "external_id", "limit", "limit", "page", "parent_id", "search", "status"];
    answer.is_problem(422, "invalid", &fields);
}

#[test]
fn a_query_of_thousands_of_names_has_no_answer_of_megabytes() {
    let site = Site::start();
    let answer = site.bearer(1).get(&format!("/customers?{}", "a&".repeat(10_000)));
    assert_eq!((answer.status, answer.json()["errors"].as_array().unwrap().len()), (422, 200));
    assert!(answer.body.len() < 100_000, "{}", answer.body.len());
}
