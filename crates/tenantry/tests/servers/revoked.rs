//! Who lost a right through one server has lost it at every other within a second.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;
use tenantry_testkit::basic;
use tenantry_testkit::postgres::over;

use crate::{Fleet, PROGRAM};

/// What a revocation takes at most to hold everywhere.
const WITHIN: Duration = Duration::from_secs(1);

fn tenantry(data: &Path, arguments: &[&str]) -> String {
    let output = over(&mut Command::new(PROGRAM), data).args(arguments).arg("--data").arg(data).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Calls every server all the time until each refuses; how long the last took since `since`.
fn refused_everywhere(fleet: &Fleet, since: Instant, call: impl Fn(&mut tenantry_testkit::Connection) -> u16) -> Duration {
    let mut last = Duration::ZERO;
    let mut waiting: Vec<_> = (0..fleet.servers.len()).map(|number| fleet.connect(number)).collect();
    while !waiting.is_empty() {
        waiting.retain_mut(|connection| {
            let refused = call(connection) == 401;
            if refused {
                last = since.elapsed();
            }
            !refused
        });
        assert!(since.elapsed() < Duration::from_secs(10), "it is let in still");
        std::thread::sleep(Duration::from_millis(5));
    }
    last
}

#[test]
fn a_revoked_key_and_a_suspended_account_are_refused_by_every_server_within_a_second() {
    let Some(fleet) = Fleet::start(3) else { return };
    for turn in 0..4 {
        let issued = tenantry(&fleet.stores[0].data, &["key", "issue", "--account", "1", "--scheme", "basic", "--json"]);
        let key: serde_json::Value = serde_json::from_str(&issued).unwrap();
        let secret = key["api_key"].as_str().or_else(|| key["secret"].as_str()).unwrap_or_else(|| panic!("{key}")).to_owned();
        let authorization = basic("1", &secret);
        let call = |connection: &mut tenantry_testkit::Connection| {
            connection.call_with("GET", "/api/2.0/customers/1", &[("Authorization", &authorization)], "").unwrap().status
        };
        for number in 0..3 {
            assert_eq!(call(&mut fleet.connect(number)), 200, "every server lets it in, and remembers it");
        }
        // Through one server's command line; the others hear nothing of it.
        tenantry(&fleet.stores[turn % 3].data, &["key", "revoke", "--account", "1", "--public", &secret[..8]]);
        let took = refused_everywhere(&fleet, Instant::now(), call);
        assert!(took < WITHIN, "{took:?}");
    }
    // A sub-provider that is suspended, with its key.
    let made = tenantry(&fleet.stores[0].data, &["provider", "add", "--name", "Branch", "--parent", "1", "--json"]);
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    let (id, secret) = (made["account_id"].as_i64().unwrap(), made["api_key"].as_str().unwrap());
    let authorization = basic(&id.to_string(), secret);
    let call = |connection: &mut tenantry_testkit::Connection| {
        connection.call_with("GET", &format!("/api/2.0/customers/{id}"), &[("Authorization", &authorization)], "").unwrap().status
    };
    for number in 0..3 {
        assert_eq!(call(&mut fleet.connect(number)), 200);
    }
    let suspended = fleet.connect(1).call("PUT", &fleet.user(id), &json!({"status": "suspended"}).to_string()).unwrap();
    assert_eq!(suspended.status, 200, "{}", suspended.body);
    let took = refused_everywhere(&fleet, Instant::now(), call);
    assert!(took < WITHIN, "{took:?}");
}
