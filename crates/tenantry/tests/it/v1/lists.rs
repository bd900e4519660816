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

#[test]
fn a_list_is_narrowed_to_a_time_a_package_and_what_stands_below() {
    let site = Site::start();
    let provider = site.bearer(1);
    let create = |body: Value| provider.create(&body)["id"].as_i64().unwrap();
    let package = provider.post("/packages", &json!({"name": "Gold", "channel": "sms"})).json()["id"].clone();
    let first = create(json!({"organization": "ABC one"}));
    site.set_clock("2026-03-02T12:00:00Z");
    let second = create(json!({"organization": "ABC two", "sms_package_id": package}));
    site.set_clock("2026-03-03T12:00:00Z");
    let sub = provider.post("/providers", &json!({"organization": "Reseller", "auto_signup": true})).json()["id"].as_i64().unwrap();
    let third = create(json!({"organization": "ABC three", "parent_id": sub}));
    provider.patch(&format!("/customers/{first}"), &json!({"city": "Pune"}));
    for (query, ids) in [
        ("created_from=2026-03-02".to_owned(), vec![second, third]),
        ("created_before=2026-03-02T12:00:00.001Z".to_owned(), vec![first, second]),
        ("created_from=2026-03-02T12:00:00Z&created_before=2026-03-03".to_owned(), vec![second]),
        ("created_from=2026-03-02T13:00:00%2B01:00&created_before=2026-03-03".to_owned(), vec![second]),
        ("updated_from=2026-03-03".to_owned(), vec![first, third]),
        ("updated_before=2026-03-03".to_owned(), vec![second]),
        ("updated_from=2026-03-03&created_before=2026-03-02&search=abc".to_owned(), vec![first]),
        (format!("sms_package_id={package}"), vec![second]),
        (format!("sms_package_id={package}&search=one"), vec![]),
        ("sms_package_id=none".to_owned(), vec![first, third]),
        (format!("email_package_id={package}"), vec![]),
        (format!("below={sub}"), vec![third]),
        (format!("below={sub}&search=abc&created_from=2026-03-03"), vec![third]),
        (format!("below={sub}&created_from=2026-03-04"), vec![]),
        ("below=1&search=two".to_owned(), vec![second]),
        // Nobody stands below a customer, or below what is not there.
        (format!("below={first}"), vec![]),
        ("below=0".to_owned(), vec![]),
        (format!("below={}", crate::access::NOBODY), vec![]),
    ] {
        assert_eq!(found(&provider, &query), ids, "{query}");
    }
    let (operator, reseller) = (site.bearer(0), site.bearer(sub));
    assert_eq!(found(&operator, "below=1"), [first, second, third]);
    assert_eq!(found(&operator, &format!("below={sub}&search=abc")), [third]);
    assert_eq!(found(&operator, "below=0&created_from=2026-03-03"), [third]);
    assert_eq!(
        (found(&reseller, "below=1"), found(&reseller, &format!("below={sub}"))),
        (vec![], vec![third]),
        "nobody looks above itself"
    );
    let other = site.bearer(site.add_tenant().id);
    assert_eq!(found(&other, &format!("below={sub}")), [0; 0]);
    let wrong = provider.get("/customers?created_from=yesterday&updated_before=2026-13-01&below=x&sms_package_id=0&email_package_id=gold");
    wrong.is_problem(422, "invalid", &["below", "created_from", "email_package_id", "sms_package_id", "updated_before"]);
}
