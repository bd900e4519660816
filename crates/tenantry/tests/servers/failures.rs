//! Failed authentications are counted by all servers together.

use std::time::Duration;

use tenantry_testkit::basic;

use crate::Fleet;

/// Failures that a minute allows.
const LIMIT: usize = 20;
/// What is counted is told to the other servers within a second or two. So many tries use up half of a budget at most.
const TRIES: usize = LIMIT / 2;
const BETWEEN: Duration = Duration::from_millis(500);

#[test]
fn whoever_failed_too_often_at_one_server_has_failed_at_every_other() {
    let Some(fleet) = Fleet::start_with(3, &[("TENANTRY_FAILURES_PER_CREDENTIAL", "20")]) else { return };
    let authorization = basic("1", "tnt_wrong");
    let fail = |server: usize| {
        fleet.connect(server).call_with("GET", "/api/2.0/customers/1", &[("Authorization", &authorization)], "").unwrap().status
    };
    let failed = (0..LIMIT + 1).filter(|_| fail(0) == 401).count();
    assert!((LIMIT..=LIMIT + 1).contains(&failed), "{failed}");
    for other in [1, 2] {
        // It learns of what the others counted with what it counts itself.
        let told = (0..TRIES).any(|_| {
            std::thread::sleep(BETWEEN);
            fail(other) == 429
        });
        assert!(told, "server {other} has a budget of its own");
    }
}
