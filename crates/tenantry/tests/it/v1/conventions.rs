//! What holds for every call: tags of versions, preferences, media types, paths and methods, problems.

use serde_json::json;
use tenantry_service::NewKey;

use crate::harness::{Site, call};

#[test]
fn a_version_can_be_named_and_is_the_only_one_that_is_changed() {
    let site = Site::start();
    let provider = site.bearer(1);
    let id = provider.create(&json!({"organization": "ABC", "auto_signup": true}))["id"].as_i64().unwrap();
    let path = format!("/customers/{id}");
    let tag = provider.get(&path).header("etag").unwrap().to_owned();
    assert_eq!(provider.call("GET", &path, &[("If-None-Match", &tag)], "").status, 304);
    let changed = provider.call("PATCH", &path, &[("If-Match", &tag)], r#"{"city": "Pune"}"#);
    assert_eq!(changed.status, 200, "{}", changed.body);
    let next = changed.header("etag").unwrap().to_owned();
    assert_ne!(next, tag);
    for (method, path, body) in [
        ("PATCH", path.clone(), r#"{"city": "Delhi"}"#),
        ("DELETE", path.clone(), ""),
        ("POST", format!("{path}/suspend"), "{}"),
        ("POST", format!("{path}/close"), "{}"),
    ] {
        let answer = provider.call(method, &path, &[("If-Match", &tag)], body);
        answer.is_problem(412, "precondition_failed", &[]);
        assert!(answer.json()["detail"].as_str().unwrap().contains("version 2"), "{}", answer.body);
    }
    assert_eq!(provider.read(id)["version"], 2, "nothing was done");
    assert_eq!(provider.call("PATCH", &path, &[("If-Match", &format!("\"9-9\", {next}"))], r#"{"city": "Goa"}"#).status, 200);
    assert_eq!(provider.call("PATCH", &path, &[("If-Match", "*")], r#"{"city": "Agra"}"#).status, 200);
    assert_eq!(provider.call("GET", &path, &[("If-None-Match", &next)], "").status, 200);
}

#[test]
fn racing_changes_of_one_version_are_done_once() {
    let site = Site::start();
    let provider = site.bearer(1);
    let id = provider.create(&json!({"organization": "ABC"}))["id"].as_i64().unwrap();
    let (path, tag) = (format!("/customers/{id}"), format!("\"{id}-1\""));
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let racing: Vec<_> = (0..16)
            .map(|number| {
                let (provider, path, tag) = (&provider, &path, &tag);
                scope.spawn(move || {
                    provider.call("PATCH", path, &[("If-Match", tag)], &json!({"city": format!("C{number}")}).to_string()).status
                })
            })
            .collect();
        racing.into_iter().map(|racing| racing.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 412)), "{statuses:?}");
}

#[test]
fn a_caller_may_want_no_record_back() {
    let site = Site::start();
    let provider = site.bearer(1);
    let minimal = [("Prefer", "respond-async, return=minimal")];
    let created = provider.call("POST", "/customers", &minimal, r#"{"organization": "ABC", "auto_signup": true}"#);
    assert_eq!((created.status, created.body.as_str(), created.header("preference-applied")), (201, "", Some("return=minimal")));
    let path = created.header("location").unwrap().rsplit_once("/v1").unwrap().1.to_owned();
    for (method, path, body) in [("PATCH", path.clone(), r#"{"city": "Pune"}"#), ("POST", format!("{path}/suspend"), "{}")] {
        let answer = provider.call(method, &path, &minimal, body);
        assert_eq!((answer.status, answer.body.as_str()), (204, ""));
        assert!(answer.header("etag").is_some());
    }
}

#[test]
fn bodies_are_json_objects() {
    let site = Site::start();
    let provider = site.bearer(1);
    let send = |content_type: &str, body: &str| provider.call("POST", "/customers", &[("Content-Type", content_type)], body);
    assert_eq!(send("application/json; charset=utf-8", r#"{"organization": "ABC"}"#).status, 201);
    send("text/plain", r#"{"organization": "ABC"}"#).is_problem(415, "unsupported_media_type", &[]);
    send("application/x-www-form-urlencoded", "organization=ABC").is_problem(415, "unsupported_media_type", &[]);
    send("application/json", "[1]").is_problem(400, "malformed", &[]);
    send("application/json", r#"{"organization": "ABC", "organization": "DEF"}"#).is_problem(400, "malformed", &["organization"]);
    send("application/json", "{").is_problem(400, "malformed", &[""]);
    send("application/json", &" ".repeat(300_000)).is_problem(413, "body_too_large", &[]);
}

#[test]
fn paths_and_methods_that_there_are_not() {
    let site = Site::start();
    let provider = site.bearer(1);
    let answer = provider.call("PUT", "/customers/1", &[], "{}");
    answer.is_problem(405, "method_not_allowed", &[]);
    assert_eq!(answer.header("allow"), Some("HEAD, GET, PATCH, DELETE"));
    for path in ["/", "/customers/", "/users", "/customers/1/explode"] {
        provider.get(path).is_problem(404, "not_found", &[]);
    }
    for id in ["abc", "01", "9007199254740992", "-1", "%31"] {
        provider.get(&format!("/customers/{id}")).is_problem(404, "not_found", &[]);
    }
    let head = provider.call("HEAD", "/customers", &[], "");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

#[test]
fn a_page_of_another_site_changes_nothing() {
    let site = Site::start();
    let provider = site.bearer(1);
    let answer = provider.call("POST", "/customers", &[("Origin", "https://elsewhere.example")], r#"{"organization": "ABC"}"#);
    answer.is_problem(403, "forbidden", &[]);
    assert_eq!(site.count("SELECT count(*) FROM account WHERE kind = 'customer'"), 0);
}

#[test]
fn the_document_and_its_page_are_open_and_run_nothing() {
    let site = Site::start();
    for (path, media_type, piece) in [
        ("/v1/openapi.json", "application/json", "\"openapi\": \"3.1.0\""),
        ("/v1/docs", "text/html; charset=utf-8", "id=\"createCustomer\""),
        ("/v1/docs.css", "text/css; charset=utf-8", "details"),
    ] {
        let answer = call(site.address(), "GET", path, &[], b"");
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(media_type)), "{path}");
        assert!(answer.body.contains(piece), "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'self';") && !policy.contains("unsafe"), "{policy}");
        assert!(!answer.body.contains("<script") && !answer.body.contains(" style="), "{path}");
        assert_eq!(call(site.address(), "POST", path, &[], b"").status, 405);
    }
}

#[test]
fn a_key_with_a_rate_is_told_what_is_left_of_it() {
    let site = Site::start();
    let limited = site.bearer_with(1, NewKey { rate_per_minute: Some(3), ..NewKey::default() });
    for left in ["2", "1", "0"] {
        let answer = limited.get("/customers");
        assert_eq!(answer.header("ratelimit-policy"), Some("\"key\";q=3;w=60"));
        assert_eq!(answer.header("ratelimit"), Some(format!("\"key\";r={left};t=20").as_str()));
    }
    let refused = limited.get("/customers");
    refused.is_problem(429, "too_many_requests", &[]);
    assert!(refused.header("retry-after").is_some());
    assert_eq!(site.bearer(1).get("/customers").header("ratelimit"), None, "a key without a rate has none to tell");
}
