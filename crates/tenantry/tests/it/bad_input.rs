//! Bad input: a clear error that names the field, nothing written, never a 5xx.

use serde_json::json;

use crate::harness::{Answer, Site, call, example, send};

/// Sends a body as it is, as an add.
fn post(site: &Site, body: &[u8]) -> Answer {
    call(site.address(), "POST", &format!("/user?{}", site.provider.query()), &[], body)
}

#[test]
fn what_is_not_json_is_refused() {
    let site = Site::start();
    for (body, field) in [
        (&b""[..], ""),
        (b"not json", ""),
        (b"email=a%40b.c&password=x", ""),
        (b"{\"email\":", "email"),
        (b"\xff\xfe{\x00}", ""),
        (br#"{"contactInfo":{"postalInfo":{"firstName":"\ud800"}}}"#, "contactInfo.postalInfo.firstName"),
        (b"{\"email\":\"a\x01@b.c\"}", "email"),
        (br#"{"email":"a@b.c","email":"d@e.f"}"#, "email"),
        (br#"{"contactInfo":{"voice":{"number":"+1.2","number":"+1.3"}}}"#, "contactInfo.voice.number"),
        (b"{} trailing", ""),
    ] {
        let answer = post(&site, body);
        answer.names(400, &[field]);
        assert!(answer.json()["message"].as_str().unwrap().contains("JSON"), "{}", answer.body);
    }
    for body in ["[1]", "\"text\"", "1", "null", "true"] {
        assert_eq!(post(&site, body.as_bytes()).status, 400, "{body}");
    }
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(post(&site, deep.as_bytes()).status, 400);
    let deep = format!("{{\"socialInfo\":{}1{}}}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    let answer = post(&site, deep.as_bytes());
    assert!(answer.status == 400 && answer.fields()[0].starts_with("socialInfo"), "{}", answer.body);
    assert_eq!(site.count("SELECT count(*) FROM account WHERE id > 1"), 0);
}

#[test]
fn a_body_over_the_limit_is_answered_after_it_was_sent() {
    let site = Site::start();
    let body = vec![b'x'; 10 * 1024 * 1024];
    let answer = post(&site, &body);
    assert_eq!(answer.status, 413, "{}", answer.body);
    assert_eq!(answer.json()["resultCode"], 0);
    assert_eq!(post(&site, &vec![b' '; 256 * 1024]).status, 400, "just within the limit");
}

#[test]
fn values_that_cannot_be_are_named() {
    let site = Site::start();
    let faulty = |path: &[&str], value: serde_json::Value| {
        let mut body = example();
        let mut place = &mut body;
        for name in path {
            place = &mut place[*name];
        }
        *place = value;
        let answer = site.provider.post("/user", &body);
        answer.names(422, &[&path.join(".")]);
    };
    let first_name = ["contactInfo", "postalInfo", "firstName"];
    for value in [
        json!("a\0b"),
        json!("a\u{1b}[31mb"),
        json!("x".repeat(200_000)),
        json!("x".repeat(256)),
        json!(["x"]),
        json!({"x": 1}),
        json!(true),
        json!("  "),
    ] {
        faulty(&first_name, value);
    }
    for value in [json!("XX"), json!("India"), json!(91), json!("")] {
        faulty(&["contactInfo", "postalInfo", "address", "countryCode"], value);
    }
    for value in [json!("XXY"), json!("Rupee"), json!(1.5)] {
        faulty(&["buyingCurrency"], value);
    }
    for value in [json!("2099-01-01"), json!("1899-12-31"), json!("1970-02-30"), json!("yesterday"), json!(19_700_101)] {
        faulty(&["userInfo", "dateOfBirth"], value);
    }
    for value in [json!("x@"), json!("a b@example.org"), json!(format!("{}@example.org", "x".repeat(40))), json!("a\u{0}@b.c")] {
        faulty(&["email"], value);
    }
    for value in [json!(2), json!("yes"), json!(null), json!([1])] {
        faulty(&["autoSignup"], value);
    }
    for value in [
        json!("9223372036854775808"),
        json!(9_223_372_036_854_775_808_u64),
        json!(-1),
        json!("-1"),
        json!("01"),
        json!("1.0"),
        json!(""),
        json!([1]),
    ] {
        faulty(&["parentID"], value);
    }
    let mut body = example();
    body["contactInfo"]["postalInfo"] = json!("x");
    assert!(site.provider.post("/user", &body).fields().contains(&"contactInfo.postalInfo".to_owned()));
}

#[test]
fn another_tenants_parent_looks_like_none() {
    let site = Site::start();
    let other = site.add_tenant().id;
    let with_parent = |parent: i64| {
        let mut body = example();
        body["parentID"] = json!(parent);
        site.provider.post("/user", &body)
    };
    let (foreign, missing) = (with_parent(other), with_parent(777));
    foreign.names(404, &["parentID"]);
    assert_eq!(foreign.body, missing.body);
    assert_eq!(site.count("SELECT count(*) FROM account WHERE kind = 'customer'"), 0);
}

#[test]
fn what_is_no_id_names_no_account() {
    let site = Site::start();
    let missing = site.provider.get("/user/777");
    missing.names(404, &["id"]);
    for id in
        ["9223372036854775808", "-1", "01", "+1", "1.0", "x", "%31%00", "..", "%2e%2e", "1%20", "9007199254740992", "18446744073709551617"]
    {
        for method in ["GET", "PUT", "DELETE"] {
            let answer = site.provider.call(method, &format!("/user/{id}"), if method == "PUT" { "{\"status\":\"active\"}" } else { "" });
            assert_eq!((answer.status, &answer.body), (404, &missing.body), "{method} {id}");
        }
    }
}

#[test]
fn other_methods_and_paths() {
    let site = Site::start();
    for (method, path, allow) in
        [("PATCH", "/user/1", "GET, HEAD, PUT, DELETE"), ("DELETE", "/user", "GET, HEAD, POST"), ("OPTIONS", "/user", "GET, HEAD, POST")]
    {
        let answer = site.provider.call(method, path, "");
        assert_eq!(answer.status, 405);
        assert!(answer.head.contains(&format!("\r\nallow: {allow}\r\n")), "{}", answer.head);
    }
    for path in ["/", "/users", "/user/1/2", "/wwwengine", "/admin"] {
        assert_eq!(site.provider.get(path).status, 404, "{path}");
    }
    assert_eq!(site.provider.call("TRACE", "/user/1", "").status, 405);
    let head = site.provider.call("HEAD", "/user/1", "");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

#[test]
fn requests_that_two_readers_could_read_differently_are_refused() {
    let site = Site::start();
    let query = site.provider.query();
    for request in [
        format!("GET /user/1?{query} HTTP/1.1\r\n\r\n"),
        format!("GET /user/1?{query} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        format!("GET /user/1?{query} HTTP/1.1\nHost: a\n\n"),
        format!("GET /user/1?{query} HTTP/1.1\r\nHost: a\nX: y\r\n\r\n"),
    ] {
        let mut closing = request.clone();
        if !request.contains("Host: a\n") && request.contains("Host") {
            closing = request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
        } else if !request.contains("Host") {
            closing = request.replace("HTTP/1.1\r\n", "HTTP/1.1\r\nConnection: close\r\n");
        }
        assert_eq!(send(site.address(), closing.as_bytes()).status, 400, "{closing:?}");
    }
}

#[test]
fn every_answer_has_its_headers() {
    let site = Site::start();
    for answer in [site.provider.get("/user/1"), site.provider.get("/user/777"), site.provider.get("/nothing")] {
        for header in [
            "x-request-id: ",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
            "content-type: application/json",
        ] {
            assert!(answer.head.contains(header), "{header}: {}", answer.head);
        }
    }
}

#[test]
fn long_names_make_no_long_answers() {
    let site = Site::start();
    let id = site.provider.add(|_| {});
    let padding = "_".repeat(200_000);
    let many: Vec<String> = (0..1_500).map(|number| format!("\"x{number}\":1")).collect();
    let unknown = many.join(",");
    for body in [
        format!(r#"{{"al{padding}low":[{}"x"]}}"#, r#""x","#.repeat(3_000)),
        format!(r#"{{"contact{padding}Info":{{{unknown}}},"preferences":{{"phoneNoType":"home"}}}}"#),
        format!(r#"{{"{padding}":{{{unknown}}},{unknown}}}"#),
    ] {
        let answer = call(site.address(), "PUT", &format!("/user/{id}?{}", site.provider.query()), &[], body.as_bytes());
        assert!(answer.status == 422 || answer.status == 200, "{}", answer.status);
        assert!(answer.body.len() < 64 * 1024, "{} octets are answered to {}", answer.body.len(), body.len());
    }
}

#[test]
fn a_path_that_is_no_text_names_no_account() {
    let site = Site::start();
    for path in ["/user/%ff", "/wwwengine/user/%c3%28"] {
        assert_eq!(call(site.address(), "GET", path, &[], b"").json()["message"], "Authentication failed");
        site.provider.get(path).names(404, &["id"]);
    }
    let id = site.provider.add(|_| {});
    assert_eq!(site.provider.get(&format!("/user/{id}/")).status, 200, "a slash at the end is no other path");
}

#[test]
fn a_stranger_is_told_nothing_of_its_body() {
    let site = Site::start();
    for body in [&b"not json"[..], &vec![b'x'; 300 * 1024]] {
        let answer = call(site.address(), "POST", "/user?actingUserID=1", &[], body);
        assert_eq!((answer.status, answer.json()["message"].as_str()), (401, Some("Authentication failed")));
    }
}

#[test]
fn credentials_in_a_body_are_refused_as_wrong_ones_are() {
    let site = Site::start();
    let id = site.provider.add(|_| {});
    for body in [json!({"hash": "5d".repeat(32), "email": "x@example.org"}), json!({"auth": "x", "email": "x@example.org"})] {
        assert_eq!(site.provider.put(&format!("/user/{id}"), &body).status, 401, "{body}");
    }
    site.provider.put(&format!("/user/{id}"), &json!({"hash": "abcdefghijklmnop"})).names(422, &["hash"]);
}
