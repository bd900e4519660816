//! Failed authentications are counted by all servers together.

use std::time::Duration;

use tenantry_testkit::basic;

use crate::Fleet;

/// Failures that a minute allows.
const LIMIT: usize = 20;
/// What is counted is told to the other servers within a second; some more on a busy machine.
const TOLD_AFTER: Duration = Duration::from_secs(3);

#[test]
fn whoever_failed_too_often_at_one_server_has_failed_at_every_other() {
    let Some(fleet) = Fleet::start_with(3, &[("TENANTRY_FAILURES_PER_CREDENTIAL", "20")]) else { return };
    let authorization = basic("1", "tnt_wrong");
    let fail = |server: usize| {
        fleet.connect(server).call_with("GET", "/api/2.0/customers/1", &[("Authorization", &authorization)], "").unwrap().status
    };
    let failed = (0..LIMIT + 1).filter(|_| fail(0) == 401).count();
    assert!((LIMIT..=LIMIT + 1).contains(&failed), "{failed}");
    std::thread::sleep(TOLD_AFTER);
    for other in [1, 2] {
        // It learns of the budget with the first that it counts itself.
        assert_eq!(fail(other), 401);
        std::thread::sleep(TOLD_AFTER);
        // Meanwhile room has grown for a third of a failure each second.
        let failed = (0..LIMIT).filter(|_| fail(other) == 401).count();
        assert!(failed <= 5, "server {other} let {failed} more fail");
    }
}
