//! `GET /user`: filters, pages, search.

use serde_json::{Value, json};

use crate::harness::Site;

fn ids(site: &Site, query: &str) -> (i64, Vec<i64>) {
    let answer = site.provider.get(&format!("/user?{query}"));
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    let response: Value = answer.json()["response"].clone();
    let ids = response["users"].as_array().unwrap().iter().map(|user| user["id"].as_i64().unwrap()).collect();
    (response["total"].as_i64().unwrap(), ids)
}

fn customer(site: &Site, email: &str, first: &str, last: &str, phone: &str) -> i64 {
    site.provider.add(|body| {
        body["email"] = json!(email);
        body["contactInfo"]["postalInfo"]["firstName"] = json!(first);
        body["contactInfo"]["postalInfo"]["lastName"] = json!(last);
        body["contactInfo"]["voice"]["number"] = json!(phone);
    })
}

#[test]
fn filters_pages_and_search() {
    let site = Site::start();
    let unal = customer(&site, "unal@example.org", "Zoë", "Ünal", "+90.2125551234");
    let oneill = customer(&site, "pat@example.com", "Pat", "O’Neill \"The * (AND", "+353.15550000");
    let yamada = customer(&site, "yamada@example.jp", "花子", "山田", "+81.355501234");
    site.provider.put(&format!("/user/{yamada}"), &json!({"status": "active"})).saved();

    assert_eq!(ids(&site, ""), (3, vec![unal, oneill, yamada]));
    assert_eq!(ids(&site, "email=UNAL%40Example.org"), (1, vec![unal]));
    assert_eq!(ids(&site, "status=active"), (1, vec![yamada]));
    assert_eq!(ids(&site, "status=inactive"), (2, vec![unal, oneill]));
    assert_eq!(ids(&site, "parentID=1&limit=1&page=2"), (3, vec![oneill]));
    assert_eq!(ids(&site, "limit=2&page=3"), (3, vec![]));
    assert_eq!(ids(&site, "email=&status=&search="), (3, vec![unal, oneill, yamada]));

    for (search, found) in [
        ("unal", vec![unal]),
        ("zoe+unal", vec![unal]),
        ("zoe+neill", vec![]),
        ("na", vec![unal]),
        ("%E5%B1%B1", vec![yamada]),
        ("%E5%B1%B1%E7%94%B0", vec![yamada]),
        ("212555", vec![unal]),
        ("%2B90-212-555", vec![unal]),
        ("%22the", vec![oneill]),
        ("*", vec![oneill]),
        ("(and", vec![oneill]),
        ("example", vec![unal, oneill, yamada]),
        ("mumbai", vec![unal, oneill, yamada]),
    ] {
        assert_eq!(ids(&site, &format!("search={search}")).1, found, "{search}");
    }

    site.provider.put(&format!("/user/{unal}"), &json!({"contactInfo": {"postalInfo": {"lastName": "Renamed"}}})).saved();
    assert_eq!(ids(&site, "search=renam").1, [unal], "what was just written is found at once");
    assert_eq!(ids(&site, "search=zoe+%C3%BCnal").1, [unal], "the e-mail address still holds the old name");
    site.provider.delete(&format!("/user/{unal}")).saved();
    assert_eq!(ids(&site, "").0, 2);
    assert_eq!(ids(&site, "status=deleted"), (1, vec![unal]));
}

#[test]
fn faulty_filters_are_named() {
    let site = Site::start();
    let get = |query: &str| site.provider.get(&format!("/user?{query}"));
    get("limit=201").names(422, &["limit"]);
    get("limit=0&page=0").names(422, &["limit", "page"]);
    get("page=99999999999999999999").names(422, &["page"]);
    get("status=asleep&parentID=x&email=nobody&search=%FF").names(422, &["email", "parentID", "search", "status"]);
    assert_eq!(ids(&site, "page=2147483647&limit=200"), (0, vec![]));
}

#[test]
fn filters_are_read_in_any_case_and_once() {
    let site = Site::start();
    let first = customer(&site, "a@example.org", "Abc", "Xyz", "+91.2554254");
    customer(&site, "b@example.org", "Def", "Xyz", "+91.2554255");
    assert_eq!(ids(&site, "EMAIL=a%40example.org"), (1, vec![first]));
    assert_eq!(ids(&site, "parentid=1&Search=def"), (1, vec![first + 1]));
    assert_eq!(ids(&site, "auth2=x"), (2, vec![first, first + 1]), "what is no filter may stand beside them");
    site.provider.get("/user?status=active&Status=deleted").names(422, &["status"]);
}

#[test]
fn a_search_for_nothing_that_can_be_found_finds_nothing() {
    let site = Site::start();
    let id = customer(&site, "a@example.org", "Abc", "Xyz", "+91.2554254");
    for search in ["%2B", "%2B%2B%2B", "%00", "%00%00%00", "abc%00def", "%CC%81"] {
        assert_eq!(ids(&site, &format!("search={search}")), (0, vec![]), "{search}");
    }
    assert_eq!(ids(&site, "search=ab%00xy"), (1, vec![id]), "a control character stands between words");
}
