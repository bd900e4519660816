//! Two records of one customer that become one, for every dialect, and two again.

use serde_json::{Value, json};
use tenantry_domain::account::Kind;

use super::caller::Bearer;
use crate::harness::{Answer, Site};

fn merge(caller: &Bearer, id: i64, merged_id: i64) -> Answer {
    caller.post(&format!("/customers/{id}/merge"), &json!({"merged_id": merged_id, "reason": "the same person"}))
}

fn unmerge(caller: &Bearer, id: i64, merged_id: i64) -> Answer {
    caller.post(&format!("/customers/{id}/unmerge"), &json!({"merged_id": merged_id}))
}

fn id(record: &Value) -> i64 {
    record["id"].as_i64().unwrap()
}

fn grant(caller: &Bearer, id: i64, units: i64) {
    let answer = caller.post(&format!("/customers/{id}/quotas/sms/grant"), &json!({"units": units, "reason": "invoice"}));
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Two records of one customer: the first has a name and a city, the second all else.
fn two(caller: &Bearer) -> (i64, i64) {
    let survivor = caller.create(&json!({"organization": "ABC", "city": "Mumbai", "auto_signup": true}));
    let merged = caller.create(&json!({
        "organization": "Abc Ltd", "email": "a@example.org", "external_id": "crm-7", "city": "Pune", "voice": {"number": "+91.2222554254"},
        "website_url": "https://example.org", "tags": ["vip"], "auto_signup": true,
    }));
    let (survivor, merged) = (id(&survivor), id(&merged));
    grant(caller, survivor, 10);
    grant(caller, merged, 5);
    (survivor, merged)
}

/// What a record says, but for when it changed.
fn said(mut record: Value) -> Value {
    for name in ["version", "updated_at"] {
        record.as_object_mut().unwrap().remove(name);
    }
    record
}

#[test]
fn the_survivor_keeps_what_it_has_and_takes_what_it_has_not() {
    let site = Site::start();
    let provider = site.bearer(1);
    let (survivor, merged) = two(&provider);
    let answer = merge(&provider, survivor, merged);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let record = answer.json();
    assert_eq!((id(&record), &record["organization"], &record["city"]), (survivor, &json!("ABC"), &json!("Mumbai")));
    for (name, value) in
        [("email", json!("a@example.org")), ("external_id", json!("crm-7")), ("sms_quota", json!(15)), ("tags", json!(["vip"]))]
    {
        assert_eq!(record[name], value, "{name}");
    }
    assert_eq!(record["voice"]["number"], "+91.2222554254");
    // Each record has its event, and the balances their lines.
    let events = provider.get(&format!("/customers/{survivor}/events")).json();
    assert_eq!(events["events"][0]["name"], "customer.merged", "{events}");
    assert!(events["events"][0].to_string().contains("the same person"));
    assert_eq!(site.count("SELECT count(*) FROM event WHERE name = 'customer.merged_away'"), 1);
    let entries = provider.get(&format!("/customers/{survivor}/quotas/sms/entries")).json();
    assert_eq!(entries["entries"][0]["amount"], 5, "{entries}");
    assert_eq!(site.block_on(site.service().report()).unwrap().unbalanced, 0);
}

#[test]
fn every_dialect_answers_for_the_merged_number_with_the_survivor() {
    let site = Site::start();
    let (provider, old, party) = (site.bearer(1), site.caller(1), site.key(1, tenantry_service::NewKey::default()));
    let (survivor, merged) = two(&provider);
    let own_key = site.bearer(merged);
    assert_eq!(own_key.get(&format!("/customers/{merged}")).status, 200);
    assert_eq!(merge(&provider, survivor, merged).status, 200);
    assert_eq!(own_key.get(&format!("/customers/{merged}")).status, 401, "its keys do not open the survivor");

    let read = |id: i64| said(provider.read(id));
    assert_eq!(read(merged), read(survivor));
    assert_eq!(party.read(merged)["id"], party.read(survivor)["id"]);
    let everlytic = old.get(&format!("/customers/{merged}"));
    assert_eq!((everlytic.status, everlytic.json()["item"]["id"].as_i64()), (200, Some(survivor)), "{}", everlytic.body);

    let edited = provider.patch(&format!("/customers/{merged}"), &json!({"city": "Delhi"}));
    assert_eq!((edited.status, id(&edited.json())), (200, survivor), "{}", edited.body);
    party.put(&format!("/user/{merged}"), &json!({"contactInfo": {"postalInfo": {"address": {"city": "Goa"}}}})).saved();
    assert_eq!(provider.read(survivor)["city"], "Goa");
    let suspended = provider.post(&format!("/customers/{merged}/suspend"), &json!({}));
    assert_eq!((suspended.status, id(&suspended.json())), (200, survivor), "{}", suspended.body);
    grant(&provider, merged, 1);
    assert_eq!(provider.read(survivor)["sms_quota"], 16);

    // Lists show the survivor alone, in whatever status it is asked for.
    for query in ["", "?status=deleted", "?status=pending,active,suspended,closed,deleted", "?search=abc"] {
        let page = provider.get(&format!("/customers{query}")).json();
        let ids: Vec<i64> = page["customers"].as_array().unwrap().iter().map(id).collect();
        assert!(!ids.contains(&merged), "{query}: {ids:?}");
    }
    let issued = provider.post(&format!("/customers/{merged}/keys"), &json!({"scheme": "bearer"}));
    assert_ne!(issued.status, 201, "a key is made for a number: {}", issued.body);
    assert_eq!(provider.delete(&format!("/customers/{merged}")).status, 204);
    assert_eq!(provider.read(survivor)["status"], "deleted");
}

#[test]
fn an_undone_merge_leaves_both_as_they_were() {
    let site = Site::start();
    let provider = site.bearer(1);
    let (survivor, merged) = two(&provider);
    let before = [survivor, merged].map(|id| said(provider.read(id)));
    assert_eq!(merge(&provider, survivor, merged).status, 200);
    let answer = unmerge(&provider, survivor, merged);
    assert_eq!((answer.status, id(&answer.json())), (200, survivor), "{}", answer.body);
    assert_eq!([survivor, merged].map(|id| said(provider.read(id))), before);
    assert_eq!(site.block_on(site.service().report()).unwrap().unbalanced, 0);
    unmerge(&provider, survivor, merged).is_problem(404, "not_found", &["merged_id"]);
    // And again, the other way round.
    assert_eq!(merge(&provider, merged, survivor).status, 200);
    assert_eq!(id(&provider.read(survivor)), merged);
    assert_eq!(unmerge(&provider, merged, survivor).status, 200);
    assert_eq!([survivor, merged].map(|id| said(provider.read(id))), before);
    // What waits or is closed comes back so.
    let closed = id(&provider.create(&json!({"organization": "Closed", "auto_signup": true})));
    assert_eq!(provider.post(&format!("/customers/{closed}/close"), &json!({})).status, 200);
    let pending = id(&provider.create(&json!({"organization": "Pending"})));
    for (other, status) in [(closed, "closed"), (pending, "pending")] {
        let before = said(provider.read(other));
        assert_eq!(merge(&provider, survivor, other).status, 200);
        assert_eq!(unmerge(&provider, survivor, other).status, 200);
        assert_eq!((said(provider.read(other)), before["status"].as_str()), (before.clone(), Some(status)));
    }
}

#[test]
fn later_changes_keep_a_merge_from_being_undone() {
    let site = Site::start();
    let provider = site.bearer(1);
    let (survivor, merged) = two(&provider);
    assert_eq!(merge(&provider, survivor, merged).status, 200);
    let path = format!("/customers/{survivor}");
    assert_eq!(provider.patch(&path, &json!({"voice": {"number": "+91.2222554255"}})).status, 200);
    assert_eq!(provider.post(&format!("{path}/quotas/sms/consume"), &json!({"units": 12, "reason": "used"})).status, 200);
    let blocked = unmerge(&provider, survivor, merged);
    blocked.is_problem(409, "impossible_status", &["sms_quota", "voice"]);
    assert_eq!(provider.patch(&path, &json!({"voice": {"number": "+91.2222554254"}})).status, 200);
    grant(&provider, survivor, 12);
    // What the survivor had itself may change.
    assert_eq!(provider.patch(&path, &json!({"city": "Goa"})).status, 200);
    assert_eq!(unmerge(&provider, survivor, merged).status, 200);
    assert_eq!(provider.read(merged)["email"], "a@example.org");

    // An address that somebody else has by now.
    assert_eq!(provider.patch(&path, &json!({"email": "own@example.org"})).status, 200);
    assert_eq!(merge(&provider, survivor, merged).status, 200);
    let other = provider.create(&json!({"organization": "Other", "email": "a@example.org"}));
    unmerge(&provider, survivor, merged).is_problem(409, "taken", &["email"]);
    assert_eq!(provider.delete(&format!("/customers/{}", id(&other))).status, 204);
    assert_eq!(unmerge(&provider, survivor, merged).status, 200);
}

#[test]
fn aliases_of_aliases_lead_to_the_last() {
    let site = Site::start();
    let provider = site.bearer(1);
    let ids: Vec<i64> =
        (0..4).map(|number| id(&provider.create(&json!({"organization": number.to_string(), "auto_signup": true})))).collect();
    for pair in ids.windows(2) {
        assert_eq!(merge(&provider, pair[1], pair[0]).status, 200);
    }
    let last = ids[3];
    assert!(ids.iter().all(|one| id(&provider.read(*one)) == last));
    // One that is an alias cannot be merged again; naming it as the survivor means the last.
    merge(&provider, last, ids[0]).is_problem(409, "impossible_status", &["merged_id"]);
    let more = id(&provider.create(&json!({"organization": "more", "auto_signup": true})));
    assert_eq!(id(&merge(&provider, ids[0], more).json()), last);
    assert_eq!(unmerge(&provider, last, more).status, 200);
    assert_eq!(unmerge(&provider, last, ids[2]).status, 200);
    assert_eq!([ids[0], ids[1], ids[2], last].map(|one| id(&provider.read(one))), [ids[2], ids[2], ids[2], last]);
}

#[test]
fn what_cannot_be_one_is_not_merged() {
    let site = Site::start();
    let provider = site.bearer(1);
    let (survivor, merged) = two(&provider);
    let (branch, stranger) = (site.add(1, Kind::Provider, None), site.add_tenant());
    let below_branch = site.add(branch, Kind::Customer, None);
    let foreign = site.add(stranger.id, Kind::Customer, None);
    merge(&provider, survivor, survivor).is_problem(422, "invalid", &["merged_id"]);
    merge(&provider, survivor, branch).is_problem(422, "invalid", &["merged_id"]);
    merge(&provider, survivor, below_branch).is_problem(422, "invalid", &["merged_id"]);
    merge(&provider, survivor, foreign).is_problem(404, "not_found", &["merged_id"]);
    merge(&provider, survivor, 99_999).is_problem(404, "not_found", &["merged_id"]);
    assert_eq!(merge(&provider, foreign, survivor).status, 404);
    assert_eq!(merge(&site.bearer(branch), survivor, merged).status, 404);
    let own = site.bearer(survivor);
    assert_eq!(merge(&own, survivor, survivor).status, 403, "nobody merges itself");
    provider.post(&format!("/customers/{survivor}/merge"), &json!({})).is_problem(422, "invalid", &["merged_id"]);
    assert_eq!(provider.delete(&format!("/customers/{merged}")).status, 204);
    merge(&provider, survivor, merged).is_problem(409, "impossible_status", &["merged_id"]);
    assert_eq!(site.count("SELECT count(*) FROM event WHERE name LIKE '%merged%'"), 0);
}
