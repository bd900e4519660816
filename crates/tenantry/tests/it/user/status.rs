//! Status words and the steps between them.

use serde_json::json;
use tenantry_domain::account::HoldOwner;

use crate::harness::Site;

#[test]
fn a_life_in_the_dialects_words() {
    let site = Site::start();
    let id = site.provider.add(|_| {});
    let path = format!("/user/{id}");
    let becomes = |word: &str, status: u16, reads: &str| {
        let answer = site.provider.put(&path, &json!({"status": word}));
        assert_eq!((answer.status, site.provider.read(id)["status"].as_str().unwrap()), (status, reads), "{word}: {}", answer.body);
        answer
    };
    assert_eq!(site.provider.read(id)["status"], "inactive");
    becomes("inactive", 200, "inactive");
    becomes("suspended", 409, "inactive").names(409, &["status"]);
    becomes("active", 200, "active");
    becomes("Active", 200, "active");
    becomes("inactive", 200, "suspended");
    becomes("suspended", 200, "suspended");
    becomes("active", 200, "active");
    becomes("deleted", 200, "deleted");
    becomes("deleted", 200, "deleted");
    becomes("suspended", 409, "deleted");
    becomes("active", 200, "active");
    becomes("asleep", 422, "active");
    becomes(&"x".repeat(66), 422, "active");
    let names = site.lines(&format!("SELECT name FROM event WHERE account_id = {id} ORDER BY version"));
    let verbs: Vec<&str> = names.iter().map(|name| name.strip_prefix("customer.").unwrap()).collect();
    assert_eq!(verbs, ["added", "activated", "suspended", "resumed", "deleted", "reopened"], "a repeat leaves no trace");
}

#[test]
fn an_impossible_step_names_the_present_status_and_the_possible_ones() {
    let site = Site::start();
    let id = site.provider.add(|_| {});
    let answer = site.provider.put(&format!("/user/{id}"), &json!({"status": "suspended"}));
    let message = answer.json()["errors"][0]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("pending") && message.contains("active") && message.contains("deleted"), "{message}");
}

#[test]
fn a_deleted_account_can_be_reopened_for_thirty_days() {
    let site = Site::start();
    let (early, late) =
        (site.provider.add(|b| b["email"] = json!("a@example.org")), site.provider.add(|b| b["email"] = json!("b@example.org")));
    for id in [early, late] {
        site.provider.delete(&format!("/user/{id}")).saved();
    }
    let reopen = |id: i64| site.provider.put(&format!("/user/{id}"), &json!({"status": "active"}));
    site.set_clock("2026-03-31T12:00:00Z");
    reopen(early).saved();
    site.set_clock("2026-03-31T12:00:01Z");
    reopen(late).names(409, &["status"]);
}

#[test]
fn a_deleted_accounts_address_is_free_and_its_owner_cannot_come_back_over_another() {
    let site = Site::start();
    let first = site.provider.add(|_| {});
    site.provider.delete(&format!("/user/{first}")).saved();
    let second = site.provider.add(|_| {});
    let answer = site.provider.put(&format!("/user/{first}"), &json!({"status": "active"}));
    answer.names(409, &["email"]);
    assert_eq!(answer.json()["errors"][0]["existing_id"], second);
    assert!(second > first, "ids are never used twice");
}

#[test]
fn a_status_can_come_with_an_add_and_with_other_changes() {
    let site = Site::start();
    let id = site.provider.add(|body| body["status"] = json!("active"));
    assert_eq!(site.provider.read(id)["status"], "active");
    site.provider.put(&format!("/user/{id}"), &json!({"status": "suspended", "preferences": {"phoneNoType": "home"}})).saved();
    let record = site.provider.read(id);
    assert_eq!((record["status"].as_str(), record["preferences"]["phoneNoType"].as_str()), (Some("suspended"), Some("home")));
    assert_eq!(site.count(&format!("SELECT count(*) FROM event WHERE account_id = {id}")), 2, "one event a change");
}

#[test]
fn another_departments_hold_stands() {
    let site = Site::start();
    let id = site.provider.add(|body| body["autoSignup"] = json!("1"));
    let path = format!("/user/{id}");
    site.suspend(id, HoldOwner::Abuse);
    site.provider.put(&path, &json!({"status": "suspended"})).saved();
    let answer = site.provider.put(&path, &json!({"status": "active"}));
    assert_eq!(answer.json()["message"], "Changes saved; still suspended by abuse");
    assert_eq!(site.provider.read(id)["status"], "suspended");
}

#[test]
fn a_provider_with_live_accounts_below_it_is_not_deleted() {
    let site = Site::start();
    let sub = site.add(1, tenantry_domain::account::Kind::Provider, None);
    let below = site.add(sub, tenantry_domain::account::Kind::Customer, None);
    site.provider.delete(&format!("/user/{sub}")).names(409, &["status"]);
    site.provider.delete(&format!("/user/{below}")).saved();
    site.provider.delete(&format!("/user/{sub}")).saved();
}

#[test]
fn nobody_elses_hold_is_shed_by_deleting_and_reopening() {
    let site = Site::start();
    let id = site.provider.add(|body| body["autoSignup"] = json!(1));
    let path = format!("/user/{id}");
    for owner in [HoldOwner::Abuse, HoldOwner::Legal] {
        site.suspend(id, owner);
    }
    site.provider.delete(&path).saved();
    let answer = site.provider.put(&path, &json!({"status": "active"}));
    assert_eq!(answer.json()["message"], "Changes saved; still suspended by abuse, legal");
    assert_eq!(site.provider.read(id)["status"], "suspended");
}

#[test]
fn a_deleted_account_comes_back_with_another_address() {
    let site = Site::start();
    let first = site.provider.add(|body| body["email"] = json!("a@example.org"));
    let path = format!("/user/{first}");
    site.provider.delete(&path).saved();
    site.provider.add(|body| body["email"] = json!("a@example.org"));
    site.provider.put(&path, &json!({"status": "active"})).names(409, &["email"]);
    site.provider.put(&path, &json!({"status": "active", "email": "A@example.org"})).names(409, &["email"]);
    site.provider.put(&path, &json!({"status": "active", "email": "fresh@example.org"})).saved();
    assert_eq!(site.provider.read(first)["email"], "fresh@example.org");
}

#[test]
fn a_new_account_starts_where_an_account_can() {
    let site = Site::start();
    let post = |auto_signup: u8, status: &str| {
        let mut body = crate::harness::example();
        body["email"] = json!(format!("{status}{auto_signup}@example.org"));
        body["autoSignup"] = json!(auto_signup);
        body["status"] = json!(status);
        site.provider.post("/user", &body)
    };
    for (auto_signup, status, reads) in [
        (0, "active", "active"),
        (1, "active", "active"),
        (0, "inactive", "inactive"),
        (1, "inactive", "inactive"),
        (1, "suspended", "suspended"),
    ] {
        let answer = post(auto_signup, status);
        assert_eq!(answer.status, 200, "{}", answer.body);
        let id = answer.json()["response"]["id"].as_i64().unwrap();
        assert_eq!(site.provider.read(id)["status"], reads, "{status} with autoSignup {auto_signup}");
    }
    for (auto_signup, status) in [(0, "suspended"), (0, "deleted"), (1, "deleted")] {
        post(auto_signup, status).names(409, &["status"]);
    }
}

#[test]
fn a_customer_may_send_its_own_record_back() {
    let site = Site::start();
    let id = site.provider.add(|body| body["autoSignup"] = json!(1));
    let customer = site.key(id, Default::default());
    let record = customer.read(id);
    let answer = customer.put(&format!("/user/{id}"), &json!({"status": record["status"], "email": record["email"], "type": "customer"}));
    assert_eq!(answer.status, 200, "{}", answer.body);
}
