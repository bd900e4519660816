//! kill −9 under load. This shows that what was acknowledged had left the process, that restarts recover, and that nothing is done twice; it does not
//! show that anything had reached the disk, because the page cache survives: that is the power cut's to show.

use std::thread;
use std::time::{Duration, Instant};

use tenantry_testkit::{Server, Store, basic};

use crate::writers::{database, sound, writers};
use crate::{Dice, PROGRAM, repeats};

/// Writers at once.
const WRITERS: usize = 8;
/// The whole file is looked over this often; a quick look is taken each time.
const FULL_CHECK_EVERY: usize = 50;

#[test]
fn no_acknowledged_write_is_lost_by_kill_9() {
    let cycles = repeats(200);
    let mut dice = Dice::new();
    let store = Store::make(PROGRAM);
    let mut server = store.serve();
    let mut ledger = writers(&store, &server, WRITERS);
    let (mut slowest, mut acknowledged) = (Duration::ZERO, 0);
    for cycle in 1..=cycles {
        let pause = Duration::from_millis(20 + dice.below(480));
        let before: u64 = ledger.iter().map(|writer| writer.acknowledged).sum();
        thread::scope(|scope| {
            for writer in &mut ledger {
                let (store, server) = (&store, &server);
                scope.spawn(move || writer.write(store, server, u64::MAX, 40));
            }
            thread::sleep(pause);
            server.signal("KILL");
        });
        server.kill();
        acknowledged += ledger.iter().map(|writer| writer.acknowledged).sum::<u64>() - before;
        // The server recovers what it left, and only then is it looked at: whoever opens the database first recovers it.
        let started = Instant::now();
        server = store.serve();
        slowest = slowest.max(started.elapsed());
        let database = database(&store.data);
        let check = if cycle % FULL_CHECK_EVERY == 0 || cycle == cycles { "integrity_check" } else { "quick_check(1)" };
        sound(&database, check).unwrap_or_else(|fault| panic!("cycle {cycle}: {fault}"));
        for writer in &mut ledger {
            writer.check(&database).unwrap_or_else(|fault| panic!("cycle {cycle}: {fault}"));
        }
    }
    assert_eq!(server.stop(), Some(0));
    eprintln!("{cycles} kills, {acknowledged} acknowledged edits, none lost; slowest start {slowest:.1?}");
    assert!(acknowledged > cycles as u64, "the writers wrote next to nothing, so nothing was shown");
}

/// Used-up budgets of failures are written once a second. Whoever guesses on gains nothing by a crash.
#[test]
fn a_used_up_budget_of_failures_outlives_kill_9() {
    const FEW: [(&str, &str); 2] = [("TENANTRY_FAILURES_PER_CREDENTIAL", "5"), ("TENANTRY_FAILURES_PER_ADDRESS", "1000")];
    let store = Store::make(PROGRAM);
    let fail = |server: &Server| {
        let headers = [("Authorization", basic("1", "0123456789abcdefghijABCDEFGHIJXY"))];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        server.connect().unwrap().call_with("GET", "/api/2.0/customers", &headers, "").unwrap().status
    };
    let server = store.serve_under::<&str>(&[], &FEW);
    assert_eq!([(); 6].map(|()| fail(&server)), [401, 401, 401, 401, 401, 429]);
    let deadline = Instant::now() + Duration::from_secs(10);
    let kept = || database(&store.data).query_row("SELECT count(*) FROM failure_budget", [], |row| row.get::<_, i64>(0)).unwrap();
    while kept() < 2 {
        assert!(Instant::now() < deadline, "the budgets are not written");
        thread::sleep(Duration::from_millis(50));
    }
    server.kill();
    let server = store.serve_under::<&str>(&[], &FEW);
    assert_eq!(fail(&server), 429);
    assert_eq!(server.stop(), Some(0));
}
