//! Customers that may be there already.

use serde_json::{Value, json};
use tenantry_domain::account::Kind;
use tenantry_domain::key::Scopes;
use tenantry_service::NewKey;

use super::caller::Bearer;
use crate::harness::Site;

/// A customer with everything that tells one.
fn anna() -> Value {
    json!({
        "first_name": "Anna", "last_name": "Müller", "email": "anna.muller@gmail.com", "date_of_birth": "1970-01-01", "postal_code": "400 010",
        "voice": {"number": "+27.114476147"}, "organization": "ABC Ltd", "auto_signup": true,
    })
}

/// What a new customer is warned of: the ids, and why.
#[track_caller]
fn warned(caller: &Bearer, body: &Value) -> (Vec<i64>, Vec<String>) {
    let created = caller.create(body);
    let Some(warnings) = created["warnings"].as_array() else { return (Vec::new(), Vec::new()) };
    assert_eq!((warnings.len(), &warnings[0]["code"]), (1, &json!("likely_duplicate")), "{created}");
    let ids = warnings[0]["ids"].as_array().unwrap().iter().map(|id| id.as_i64().unwrap()).collect();
    (ids, warnings[0]["because"].as_array().unwrap().iter().map(|because| because.as_str().unwrap().to_owned()).collect())
}

#[test]
fn a_new_customer_is_told_from_one_that_is_there() {
    let site = Site::start();
    let provider = site.bearer(1);
    let first = provider.create(&anna());
    assert_eq!(first.get("warnings"), None, "nobody was there");
    let id = first["id"].as_i64().unwrap();
    for (body, because) in [
        (json!({"organization": "X", "cell": {"number": "+27 (11) 447-6147"}}), "phone"),
        (json!({"organization": "X", "email": "AnnaMuller+shop@googlemail.com"}), "email"),
        (json!({"first_name": "muller", "last_name": "ANNA", "postal_code": "400010"}), "name_and_postal_code"),
        (json!({"organization": "A.B.C. ltd", "postal_code": "400-010"}), "name_and_postal_code"),
        (json!({"first_name": "Anna", "last_name": "Muller", "date_of_birth": "1970-01-01"}), "name_and_date_of_birth"),
    ] {
        let (ids, why) = warned(&provider, &body);
        assert!(ids.contains(&id), "{body}: {ids:?}");
        assert_eq!(why, [because], "{body}");
        // The next is told from the first alone.
        let twin = provider.get("/customers?limit=200").json()["customers"].as_array().unwrap().last().unwrap()["id"].as_i64().unwrap();
        assert_eq!(provider.delete(&format!("/customers/{twin}")).status, 204);
    }
    for body in [
        json!({"first_name": "Anna", "last_name": "Muller", "postal_code": "400 011"}),
        json!({"organization": "X", "email": "annamuller@example.org"}),
        json!({"organization": "X", "voice": {"number": "+27.114476148"}}),
        json!({"organization": "X", "fax": {"number": "+27.114476147"}}),
    ] {
        assert_eq!(warned(&provider, &body).0, [0; 0], "{body}");
    }
}

#[test]
fn what_a_customer_no_longer_has_tells_nothing() {
    let site = Site::start();
    let provider = site.bearer(1);
    let id = provider.create(&anna())["id"].as_i64().unwrap();
    let path = format!("/customers/{id}");
    assert_eq!(provider.patch(&path, &json!({"voice": {"number": "+27.114476148"}})).status, 200);
    assert_eq!(warned(&provider, &json!({"organization": "Y", "voice": {"number": "+27.114476147"}})).0, [0; 0]);
    assert_eq!(
        warned(&provider, &json!({"organization": "Z", "voice": {"number": "+27.114476148"}})),
        (vec![id], vec!["phone".to_owned()])
    );
    assert_eq!(provider.delete(&path).status, 204);
    let body = json!({"organization": "Z", "email": "annamuller@gmail.com"});
    assert_eq!(warned(&provider, &body).0, [0; 0], "one that is deleted is nobody's twin");
    assert_eq!(provider.post(&format!("{path}/restore"), &json!({})).status, 200);
    assert_eq!(warned(&provider, &json!({"organization": "Z", "email": "anna.muller+2@gmail.com"})).0.len(), 2);
}

#[test]
fn a_duplicate_is_refused_or_not_looked_for_where_the_caller_says_so() {
    let site = Site::start();
    let provider = site.bearer(1);
    let id = provider.create(&anna())["id"].as_i64().unwrap();
    let again = json!({"organization": "X", "voice": {"number": "+27114476147"}});
    let count = || site.count("SELECT count(*) FROM account");
    let before = count();
    let refused = provider.post("/customers?on_duplicate=refuse", &again);
    refused.is_problem(409, "likely_duplicate", &["on_duplicate"]);
    assert_eq!(refused.json()["errors"][0]["existing_id"], id);
    assert_eq!(count(), before);
    let ignored = provider.post("/customers?on_duplicate=ignore", &again);
    assert_eq!((ignored.status, ignored.json().get("warnings")), (201, None));
    let warned = provider.post("/customers?on_duplicate=warn", &json!({"organization": "X2", "voice": {"number": "+27114476147"}}));
    assert_eq!(warned.json()["warnings"][0]["ids"].as_array().unwrap().len(), 2);
    provider.post("/customers?on_duplicate=perhaps", &again).is_problem(422, "invalid", &["on_duplicate"]);
    provider.post("/customers?on_duplicates=warn", &again).is_problem(422, "invalid", &["on_duplicates"]);
    provider.post("/customers?on_duplicate=warn&on_duplicate=warn", &again).is_problem(422, "invalid", &["on_duplicate"]);
}

#[test]
fn nobody_is_told_of_customers_that_he_may_not_see() {
    let site = Site::start();
    let (provider, branch) = (site.bearer(1), site.add(1, Kind::Provider, None));
    let (branch, stranger) = (site.bearer(branch), site.bearer(site.add_tenant().id));
    let id = provider.create(&anna())["id"].as_i64().unwrap();
    let body = |organization: &str| json!({"organization": organization, "voice": {"number": "+27.114476147"}});
    assert_eq!(warned(&branch, &body("B")).0, [0; 0], "a branch does not see what stands beside it");
    assert_eq!(stranger.post("/customers?on_duplicate=refuse", &body("S")).status, 201);
    let only_add = NewKey { scopes: Scopes::parse("add").unwrap(), ..NewKey::default() };
    let blind = site.bearer_with(1, only_add);
    assert_eq!(warned(&blind, &body("Blind")).0, [0; 0], "a key that may not read learns of nobody");
    let refused = blind.post("/customers?on_duplicate=refuse", &body("Blind"));
    assert_eq!((refused.status, refused.json()["errors"][0].get("existing_id")), (409, None), "{}", refused.body);
    // What is below is seen from above.
    let (ids, _) = warned(&provider, &body("P"));
    assert_eq!((ids.len(), ids[0]), (3, id), "{ids:?}");

    let groups = |caller: &Bearer| {
        let answer = caller.get("/duplicates");
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["groups"].as_array().unwrap().clone()
    };
    assert_eq!((groups(&provider).len(), groups(&branch).len(), groups(&stranger).len()), (1, 0, 0));
    assert_eq!(groups(&provider)[0]["customers"].as_array().unwrap().len(), 4);
    assert_eq!(warned(&branch, &body("B2")).0.len(), 1);
    assert_eq!(groups(&branch)[0]["customers"].as_array().unwrap().len(), 2);
    let operator = site.bearer(0);
    assert_eq!(groups(&operator)[0]["customers"].as_array().unwrap().len(), 5, "the operator sees each tenant's by itself");
    assert_eq!(groups(&operator).len(), 1);
    blind.get("/duplicates").is_problem(403, "forbidden", &[]);
    assert_eq!(groups(&site.bearer(id)), [Value::Null; 0], "a customer has no others");
}

#[test]
fn duplicates_are_listed_page_by_page() {
    let site = Site::start();
    let provider = site.bearer(1);
    // Three pairs with a phone in common; the first have their mailbox in common, too.
    for pair in 0..3 {
        for one in 0..2 {
            let mut body = json!({"organization": format!("{pair}{one}"), "voice": {"number": format!("+27.11447614{pair}")}});
            if pair == 0 {
                body["email"] = format!("a+{one}@example.org").into();
            }
            provider.create(&body);
        }
    }
    let all = provider.get("/duplicates").json();
    assert_eq!((all["groups"].as_array().unwrap().len(), &all["next_cursor"]), (3, &Value::Null), "{all}");
    let both = all["groups"].as_array().unwrap().iter().find(|group| group["because"].as_array().unwrap().len() == 2).unwrap();
    assert_eq!(both["because"], json!(["phone", "email"]));
    assert_eq!((&both["customers"][0]["name"], &both["customers"][1]["email"]), (&json!("00"), &json!("a+1@example.org")));
    let (mut pages, mut seen, mut cursor) = (0, 0, String::new());
    loop {
        let page = provider.get(&format!("/duplicates?limit=1{cursor}")).json();
        seen += page["groups"].as_array().unwrap().len();
        pages += 1;
        let Some(next) = page["next_cursor"].as_str() else { break };
        assert!(!next.contains("447614"), "no number of anybody stands in a cursor");
        cursor = format!("&cursor={next}");
    }
    assert_eq!((pages, seen), (4, 4), "what two have in common twice stands on two pages of one");
    provider.get("/duplicates?limit=0").is_problem(422, "invalid", &["limit"]);
    provider.get("/duplicates?cursor=x&limit=x").is_problem(422, "invalid", &["cursor", "limit"]);
    provider.get("/duplicates?status=active").is_problem(422, "invalid", &["status"]);
}

#[test]
fn a_thousand_with_one_number_are_told_as_some() {
    let site = Site::start();
    let provider = site.bearer(1);
    for number in 0..30 {
        let body = json!({"organization": number.to_string(), "voice": {"number": "+27.114476147"}});
        assert_eq!(provider.post("/customers?on_duplicate=ignore", &body).status, 201);
    }
    assert_eq!(warned(&provider, &json!({"organization": "one more", "voice": {"number": "+27.114476147"}})).0.len(), 20);
    assert_eq!(provider.get("/duplicates").json()["groups"][0]["customers"].as_array().unwrap().len(), 20);
}
