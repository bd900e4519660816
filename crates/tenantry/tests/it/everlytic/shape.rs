//! The shape of answers: what old clients take apart, octet by octet.

use serde_json::json;

use crate::harness::Site;

#[test]
fn an_item_has_every_property_in_the_documents_order_and_no_null() {
    let site = Site::with(&[("public_url", "https://accounts.example.org/")]);
    let caller = site.caller(1);
    let answer = caller.post("/customers", &json!({"name": "Abc", "email": "a@example.org"}));
    assert_eq!(answer.status, 201);
    assert!(answer.head.starts_with("HTTP/1.1 201 Created\r\n"), "{}", answer.head);
    assert!(answer.head.contains("\r\nlocation: https://accounts.example.org/api/2.0/customers/2\r\n"), "{}", answer.head);
    let hash = answer.item()["hash"].as_str().unwrap().to_owned();
    assert!(hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_alphanumeric()), "{hash}");
    let expected = [
        r#"{"links":[{"title":"Self","rel":"self","href":"https://accounts.example.org/api/2.0/customers/2"},"#,
        r#"{"title":"Home","rel":"home","href":"https://accounts.example.org/api/2.0/"}],"#,
        r#""item":{"id":2,"enterprise_id":1,"hash":""#,
        &hash,
        r#"","name":"Abc","status":"off","deleted":"no","email":"a@example.org","email_package_id":0,"email_quota":0,"#,
        r#""sms_package_id":0,"sms_quota":0,"transactions_package_id":0,"transactions_quota":0,"address":"","state_provinces":"","#,
        r#""postal_code":"","telephone":"","fax":"","website_url":"","country":"","country_code":"","industry":"","unique_id":"","#,
        r#""is_department":"no"}}"#,
    ]
    .concat();
    assert_eq!(answer.body, expected);
    assert_eq!(caller.get("/customers/2").body, expected);
}

#[test]
fn links_lead_through_every_page_and_to_no_host_that_a_request_names() {
    let site = Site::with(&[("public_url", "https://accounts.example.org")]);
    let caller = site.caller(1);
    for number in 0..5 {
        caller.create(&json!({"name": format!("N{number}"), "email": format!("n{number}@example.org")}));
    }
    let mut path = "/customers?count=2&filter[country]=&direction=DESC".to_owned();
    let mut seen = Vec::new();
    loop {
        let answer = caller.call("GET", &path, &[("X-Forwarded-Host", "evil.example")], "");
        assert!(answer.head.contains("\r\nx-total-count: 5\r\n"), "{}", answer.head);
        seen.extend(answer.ids());
        let json = answer.json();
        let links = json["links"].as_array().unwrap();
        assert!(links.iter().all(|link| link["href"].as_str().unwrap().starts_with("https://accounts.example.org/api/2.0/")), "{links:?}");
        assert_eq!(links.iter().any(|link| link["rel"] == "prev"), seen.len() > 2);
        let Some(next) = links.iter().find(|link| link["rel"] == "next") else { break };
        path = next["href"].as_str().unwrap().strip_prefix("https://accounts.example.org/api/2.0").unwrap().to_owned();
    }
    assert_eq!(seen, [6, 5, 4, 3, 2]);
}

#[test]
fn xml_where_the_client_prefers_it() {
    let site = Site::start();
    let caller = site.caller(1);
    caller.create(&json!({"name": "A & <B>", "email": "a@example.org"}));
    let xml = |path: &str| caller.call("GET", path, &[("Accept", "application/xml")], "");
    let answer = xml("/customers/2");
    assert!(answer.head.contains("\r\ncontent-type: application/xml\r\n"), "{}", answer.head);
    assert!(
        answer.body.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response><links><link><title>Self</title>"),
        "{}",
        answer.body
    );
    assert!(answer.body.contains("<name>A &amp; &lt;B&gt;</name>"), "{}", answer.body);
    assert!(xml("/customers").body.contains("<collection><data><id>2</id>"));
    let refused = xml("/customers/99");
    assert!(refused.status == 404 && refused.body.contains("<error><code>404</code>"), "{}", refused.body);
    let refused = caller.call("PUT", "/customers/2", &[("Accept", "text/xml")], r#"{"email":"<x>"}"#);
    assert!(refused.body.contains("<field><name>email</name><message>\"&lt;x&gt;\""), "{}", refused.body);
}

#[test]
fn paths_as_old_clients_write_them() {
    let site = Site::start();
    let caller = site.caller(1);
    caller.create(&json!({"name": "Abc", "email": "a@example.org"}));
    for path in ["/customers/2", "/customers/2/", "//customers/2", "//customers//2//"] {
        assert_eq!(caller.get(path).item()["id"], 2, "{path}");
    }
    let doubled = crate::harness::call(site.address(), "GET", "//api/2.0/customers/2", &[("Authorization", &caller.authorization())], b"");
    assert_eq!(doubled.item()["id"], 2, "a base address that ends in a slash");
    for path in ["", "/", "/customers", "/customers/", "/packages", "//packages/"] {
        assert_eq!(caller.get(path).status, 200, "{path}");
    }
    for path in [
        "/customers/02",
        "/customers/+2",
        "/customers/2.0",
        "/customers/two",
        "/customers/9007199254740992",
        "/customers/%32",
        "/users",
        "/customers/2/x",
    ] {
        assert_eq!(caller.get(path).status, 404, "{path}");
    }
    let refused = caller.call("PATCH", "/customers/2", &[], "{}");
    refused.refuses(405, &[]);
    assert!(refused.head.contains("\r\nallow: GET, HEAD, PUT, DELETE\r\n"), "{}", refused.head);
    assert_eq!(caller.call("HEAD", "/customers/2", &[], "").body, "");
}
