//! Bearer keys: as they are, by Basic, in scopes, and every way in which they are refused.

use base64ct::{Base64, Encoding};
use serde_json::json;
use tenantry_domain::key::Scopes;
use tenantry_service::NewKey;

use crate::harness::{Answer, Site, call};

fn with(site: &Site, authorization: &str, path: &str) -> Answer {
    call(site.address(), "GET", path, &[("Authorization", authorization)], b"")
}

fn basic(username: &str, key: &str) -> String {
    format!("Basic {}", Base64::encode_string(format!("{username}:{key}").as_bytes()))
}

#[test]
fn a_key_works_as_it_is_and_by_basic_at_every_door_that_takes_basic() {
    let site = Site::start();
    let provider = site.bearer(1);
    assert_eq!(provider.get("/customers").status, 200);
    for path in ["/v1/customers", "/api/2.0/customers"] {
        assert_eq!(with(&site, &basic("1", &provider.key), path).status, 200, "{path}");
        assert_eq!(with(&site, &basic("2", &provider.key), path).status, 401, "{path}: another's name");
    }
    let old = site.caller(1);
    assert_eq!(with(&site, &old.authorization(), "/v1/customers").status, 200, "a key of the older form, too");
}

#[test]
fn whatever_is_wrong_gets_the_same_answer() {
    let site = Site::start();
    let provider = site.bearer(1);
    let another = [&provider.key[..30], if &provider.key[30..31] == "A" { "B" } else { "A" }, &provider.key[31..]].concat();
    let revoked = site.bearer(1).key;
    let public = &revoked["tnt_live_".len()..][..8];
    site.run(tenantry_domain::Command::RevokeKey(tenantry_domain::key::revoke::RevokeKey {
        account_id: tenantry_domain::AccountId::try_from(1).unwrap(),
        public: public.to_owned(),
    }));
    let mut answers = Vec::new();
    for authorization in
        [format!("Bearer {another}"), format!("Bearer {revoked}"), "Bearer x".to_owned(), "Digest x".to_owned(), "Bearer ".to_owned()]
    {
        let answer = with(&site, &authorization, "/v1/customers");
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some("Bearer realm=\"Tenantry\"")), "{authorization}");
        answers.push(answer.body);
    }
    answers.push(call(site.address(), "GET", "/v1/customers", &[], b"").body);
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[test]
fn a_key_may_do_what_its_scopes_say() {
    let site = Site::start();
    let all = site.bearer(1);
    let path = format!("/customers/{}", all.create(&json!({"organization": "ABC", "auto_signup": true}))["id"]);
    let calls = [
        ("read", "GET", path.clone(), ""),
        ("read", "GET", "/customers".to_owned(), ""),
        ("add", "POST", "/customers".to_owned(), r#"{"organization": "DEF"}"#),
        ("edit", "PATCH", path.clone(), r#"{"city": "Pune"}"#),
        ("status", "POST", format!("{path}/suspend"), "{}"),
        ("status", "POST", format!("{path}/resume"), "{}"),
        ("status", "DELETE", path, ""),
    ];
    for scope in ["read", "add", "edit", "status"] {
        let key = site.bearer_with(1, NewKey { scopes: Scopes::parse(scope).unwrap(), ..NewKey::default() });
        for (needed, method, path, body) in &calls {
            // The last one of its scope deletes; the others are asked before.
            let answer = key.call(method, path, &[], body);
            if *needed == scope {
                assert!(answer.status < 300, "{scope} {method} {path}: {}", answer.body);
            } else {
                answer.is_problem(403, "forbidden", &[]);
            }
        }
    }
}
