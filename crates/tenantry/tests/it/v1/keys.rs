//! Keys over the wire: issued within the bounds of the key that issues, shown once, revoked.

use serde_json::{Value, json};
use tenantry_domain::account::Kind;
use tenantry_domain::key::Scopes;
use tenantry_domain::value::Network;
use tenantry_service::NewKey;

use super::caller::Bearer;
use crate::harness::Site;

#[track_caller]
fn issue(party: &Bearer, path: &str, body: &Value) -> (Bearer, Value) {
    let answer = party.post(path, body);
    assert_eq!((answer.status, answer.header("cache-control")), (201, Some("no-store")), "{}", answer.body);
    let issued = answer.json();
    (Bearer { key: issued["secret"].as_str().unwrap().to_owned(), address: party.address }, issued["key"].clone())
}

#[test]
fn a_key_is_issued_listed_and_revoked() {
    let site = Site::start();
    let provider = site.bearer(1);
    let customer = site.add(1, Kind::Customer, None);
    let path = format!("/accounts/{customer}/keys");
    let bounds = json!({"label": "shop", "scopes": ["read"], "allow": ["127.0.0.0/8"], "rate_per_minute": 1000, "expires_at": "2027-01-01T00:00:00Z"});
    let (party, key) = issue(&provider, &path, &bounds);
    let expected = json!({"account_id": customer, "scheme": "bearer", "public": party.key["tnt_live_".len()..][..8], "label": "shop", "scopes": ["read"],
        "allow": ["127.0.0.0/8"], "rate_per_minute": 1000, "state": "live", "created_at": "2026-03-01T12:00:00.000Z",
        "expires_at": "2027-01-01T00:00:00.000Z", "revoked_at": null});
    assert_eq!(key, expected);
    assert_eq!(provider.get(&path).json()["keys"], json!([expected]));
    assert_eq!(party.read(customer)["id"], customer);
    party.patch(&format!("/customers/{customer}"), &json!({"city": "Pune"})).is_problem(403, "forbidden", &[]);
    let one = format!("{path}/{}", key["public"].as_str().unwrap());
    assert_eq!(provider.delete(&one).status, 204);
    assert_eq!(party.get("/customers").status, 401, "from the very next request on");
    assert_eq!(provider.delete(&one).status, 204);
    assert_eq!(provider.get(&path).json()["keys"][0]["state"], "revoked");
    for missing in ["00000000", "short", "%20%20%20%20%20%20%20%20"] {
        assert_eq!(provider.delete(&format!("{path}/{missing}")).status, 404, "{missing}");
    }
    let events = provider.get(&format!("/customers/{customer}/events"));
    assert!(events.body.contains("key.issued") && events.body.contains("key.revoked"), "{}", events.body);
    let secret = &party.key["tnt_live_".len() + 8..];
    assert!(!events.body.contains(secret));
    let everywhere = site.text(&format!("SELECT count(*) FROM event WHERE changes LIKE '%{secret}%'"));
    assert_eq!(everywhere, "0");
}

#[test]
fn ones_own_keys_are_rotated() {
    let site = Site::start();
    let old = site.bearer(1);
    let (new, key) = issue(&old, "/keys", &json!({"label": "next"}));
    assert_eq!((&key["account_id"], &key["scopes"]), (&json!(1), &json!(["add", "edit", "status", "read"])));
    let public = old.key["tnt_live_".len()..][..8].to_owned();
    assert_eq!(new.delete(&format!("/keys/{public}")).status, 204);
    assert_eq!((old.get("/keys").status, new.get("/keys").status), (401, 200));
    let mut schemes = Vec::new();
    for scheme in ["basic", "wwwengine"] {
        let answer = new.post("/keys", &json!({"scheme": scheme}));
        assert_eq!(answer.status, 201, "{}", answer.body);
        schemes.push((answer.json()["key"]["scheme"].clone(), answer.json()["secret"].as_str().unwrap().len()));
    }
    assert_eq!(schemes, [(json!("basic"), 32), (json!("wwwengine"), 64)]);
}

#[test]
fn a_key_gives_no_more_than_it_has() {
    let site = Site::start();
    let narrow = NewKey {
        scopes: Scopes::parse("add,read").unwrap(),
        allow: vec![Network::parse("127.0.0.0/8").unwrap()],
        rate_per_minute: Some(600),
        expires_at: Some("2026-06-01T00:00:00Z".parse().unwrap()),
        ..NewKey::default()
    };
    let provider = site.bearer_with(1, narrow);
    let customer = site.add(1, Kind::Customer, None);
    for path in ["/keys".to_owned(), format!("/accounts/{customer}/keys")] {
        let wide = json!({"scopes": ["read", "edit"], "allow": ["127.0.0.1", "192.0.2.0/24"], "rate_per_minute": 601, "expires_at": "2026-06-01T00:00:01Z"});
        provider.post(&path, &wide).is_problem(403, "forbidden", &["allow", "expires_at", "rate_per_minute", "scopes"]);
        let (_, key) = issue(&provider, &path, &json!({}));
        let bounds = (&key["scopes"], &key["allow"], &key["rate_per_minute"], &key["expires_at"]);
        assert_eq!(bounds, (&json!(["add", "read"]), &json!(["127.0.0.0/8"]), &json!(600), &json!("2026-06-01T00:00:00.000Z")));
        let (_, key) = issue(
            &provider,
            &path,
            &json!({"scopes": ["read"], "allow": ["127.0.0.1"], "rate_per_minute": 5, "expires_at": "2026-05-01T00:00:00Z"}),
        );
        assert_eq!((&key["scopes"], &key["rate_per_minute"]), (&json!(["read"]), &json!(5)));
    }
    let public = provider.key["tnt_live_".len()..][..8].to_owned();
    provider.delete(&format!("/keys/{public}")).is_problem(403, "forbidden", &[]);
    let reader = site.bearer_with(1, NewKey { scopes: Scopes::parse("read,edit,status").unwrap(), ..NewKey::default() });
    reader.post("/keys", &json!({"scopes": ["read"]})).is_problem(403, "forbidden", &[]);
}

#[test]
fn what_is_asked_wrongly_is_named() {
    let site = Site::start();
    let provider = site.bearer(1);
    let faulty = json!({"scheme": "magic", "label": "", "scopes": ["read", "all"], "allow": ["x"], "rate_per_minute": 0, "expires_at": "soon", "public": "x"});
    let fields = ["allow[0]", "expires_at", "label", "public", "rate_per_minute", "scheme", "scopes[1]"];
    provider.post("/keys", &faulty).is_problem(422, "invalid", &fields);
    provider.post("/keys", &json!({"scopes": []})).is_problem(422, "invalid", &["scopes"]);
    provider.post("/keys", &json!({"expires_at": "2020-01-01T00:00:00Z"})).is_problem(422, "invalid", &["expires_at"]);
}

#[test]
fn an_answer_that_was_lost_is_given_again_with_its_secret() {
    let site = Site::start();
    let provider = site.bearer(1);
    let send = || provider.call("POST", "/keys", &[("Idempotency-Key", "k-1")], r#"{"label": "once"}"#);
    let (first, again) = (send(), send());
    assert_eq!((first.status, again.status, &first.body), (201, 201, &again.body));
    let labelled = |page: Value| page["keys"].as_array().unwrap().iter().filter(|key| key["label"] == "once").count();
    assert_eq!(labelled(provider.get("/keys").json()), 1);
}
