//! Keys that are bounded, and what takes effect on the very next request.

use serde_json::json;
use tenantry_domain::account::{HoldOwner, Kind};
use tenantry_domain::key::Scopes;
use tenantry_domain::key::revoke::RevokeKey;
use tenantry_domain::value::Network;
use tenantry_domain::{AccountId, Command};
use tenantry_service::NewKey;

use crate::harness::{Party, Site};

fn scoped(scopes: &str) -> NewKey {
    NewKey { scopes: Scopes::parse(scopes).unwrap(), ..NewKey::default() }
}

fn revoke(site: &Site, party: &Party) {
    let account_id = AccountId::try_from(party.id).unwrap();
    site.run(Command::RevokeKey(RevokeKey { account_id, public: party.public[..12].to_owned() }));
}

#[test]
fn a_scope_lets_through_what_it_names() {
    let site = Site::start();
    let id = site.provider.add(|_| {});
    let one = format!("/user/{id}");
    let statuses = |scopes: &str| {
        let party = site.key(1, scoped(scopes));
        let mut body = crate::harness::example();
        body["email"] = json!(format!("{}@example.org", scopes.replace(',', "-")));
        [
            party.post("/user", &body).status,
            party.put(&one, &json!({"preferences": {"phoneNoType": scopes}})).status,
            party.put(&one, &json!({"status": "active"})).status,
            party.get(&one).status,
            party.get("/user").status,
        ]
    };
    assert_eq!(statuses("read"), [403, 403, 403, 200, 200]);
    assert_eq!(statuses("add"), [200, 403, 403, 403, 403]);
    assert_eq!(statuses("edit"), [403, 200, 403, 403, 403]);
    assert_eq!(statuses("status"), [403, 403, 200, 403, 403]);
    let party = site.key(1, scoped("edit"));
    assert_eq!(party.put(&one, &json!({"status": "suspended", "preferences": {"phoneNoType": "x"}})).status, 403);
    assert_eq!(party.delete(&one).status, 403);
    assert_eq!(site.key(1, scoped("status")).delete(&one).status, 200);
}

#[test]
fn two_keys_live_at_once_and_a_revoked_one_is_refused_at_once() {
    let site = Site::start();
    let second = site.key(1, NewKey::default());
    assert_eq!((site.provider.get("/user/1").status, second.get("/user/1").status), (200, 200));
    revoke(&site, &site.provider);
    assert_eq!((site.provider.get("/user/1").status, second.get("/user/1").status), (401, 200));
}

#[test]
fn an_expired_key_is_refused() {
    let site = Site::start();
    let key = site.key(1, NewKey { expires_at: Some("2026-03-02T00:00:00Z".parse().unwrap()), ..NewKey::default() });
    assert_eq!(key.get("/user/1").status, 200);
    site.set_clock("2026-03-01T23:59:59Z");
    assert_eq!(key.get("/user/1").status, 200);
    site.set_clock("2026-03-02T00:00:00Z");
    assert_eq!(key.get("/user/1").status, 401);
    assert_eq!(site.provider.get("/user/1").status, 200);
}

#[test]
fn a_key_works_only_from_its_addresses() {
    let site = Site::start();
    let allow = |network: &str| site.key(1, NewKey { allow: vec![Network::parse(network).unwrap()], ..NewKey::default() });
    assert_eq!(allow("127.0.0.0/8").get("/user/1").status, 200);
    assert_eq!(allow("192.0.2.0/24").get("/user/1").status, 401);
}

#[test]
fn an_accounts_own_list_holds_for_all_its_keys() {
    let site = Site::start();
    let sub = site.add(1, Kind::Provider, None);
    let key = site.key(sub, NewKey::default());
    let own = format!("/user/{sub}");
    assert_eq!(key.get(&own).status, 200);
    site.provider.put(&own, &json!({"allow": ["192.0.2.1"]})).saved();
    assert_eq!(key.get(&own).status, 401, "on the very next request");
    site.provider.put(&own, &json!({"allow": ["192.0.2.1"], "allowIPV": [{"ipv4address": "127.0.0.1"}]})).saved();
    assert_eq!(key.get(&own).status, 200);
    site.provider.put(&own, &json!({"allow": []})).saved();
    assert_eq!(key.get(&own).status, 200);
}

#[test]
fn suspension_takes_everything_below_out_of_service_at_once() {
    let site = Site::start();
    let sub = site.add(1, Kind::Provider, None);
    let customer = site.add(sub, Kind::Customer, None);
    let (sub_key, customer_key) = (site.key(sub, NewKey::default()), site.key(customer, NewKey::default()));
    let both = || (sub_key.get(&format!("/user/{sub}")).status, customer_key.get(&format!("/user/{customer}")).status);
    assert_eq!(both(), (200, 200));
    site.suspend(sub, HoldOwner::Billing);
    assert_eq!(both(), (401, 401));
    let still = site.provider.put(&format!("/user/{sub}"), &json!({"status": "active"}));
    assert_eq!(still.json()["message"], "Changes saved; still suspended by billing");
    assert_eq!(both(), (401, 401), "one's own release releases nobody else's hold");
    site.delete(customer);
    assert_eq!(both(), (401, 401));
}

#[test]
fn a_key_with_a_rate_is_told_to_wait() {
    let site = Site::start();
    let key = site.key(1, NewKey { rate_per_minute: Some(3), ..NewKey::default() });
    let statuses: Vec<u16> = (0..5).map(|_| key.get("/user/1").status).collect();
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
    assert!(key.get("/user/1").head.contains("\r\nretry-after: "));
    assert_eq!(site.provider.get("/user/1").status, 200, "another key has its own rate");
}

#[test]
fn failures_are_counted_for_address_and_key_together() {
    let site = Site::with(&[("failures_per_credential", "5")]);
    let wrong = Party { private: "0".repeat(64), ..site.provider.clone() };
    let statuses: Vec<u16> = (0..7).map(|_| wrong.get("/user/1").status).collect();
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429]);
    assert_eq!(site.provider.get("/user/1").status, 200, "nobody is locked out by somebody else's failures");
}

#[test]
fn what_the_store_holds_lets_nobody_in() {
    let site = Site::start();
    site.provider.add(|_| {});
    let query = site.provider.query();
    let hash = query.rsplit('=').next().unwrap().to_owned();
    let rows = "SELECT cast(a AS text) FROM account a UNION ALL SELECT cast(k AS text) FROM api_key k UNION ALL SELECT cast(e AS text) FROM event e";
    let read = |file: &str| std::fs::read(site.directory.path().join(file)).unwrap();
    let stored = if site.is_embedded() {
        vec![("tenantry.db", read("tenantry.db")), ("tenantry.db-wal", read("tenantry.db-wal"))]
    } else {
        vec![("the database", site.lines(rows).join("\n").into_bytes())]
    };
    assert!(stored.iter().any(|(_, octets)| octets.windows(6).any(|window| window == b"Mumbai")), "a record is in it");
    for (file, octets) in stored {
        for secret in [site.provider.private.as_str(), &hash, "abc@path6re"] {
            assert!(!octets.windows(secret.len()).any(|window| window == secret.as_bytes()), "{file} holds a secret");
        }
    }
    let hexed = if site.is_embedded() { "lower(hex(verifier))" } else { "encode(verifier, 'hex')" };
    let stolen = site.text(&format!("SELECT {hexed} FROM api_key WHERE scheme = 'wwwengine'"));
    let tried = query.replace(&hash, &stolen);
    assert_eq!(crate::harness::call(site.address(), "GET", &format!("/user/1?{tried}"), &[], b"").status, 401);
}
