//! kill −9 under load. This shows that what was acknowledged had left the process, that restarts recover, and that nothing is done twice; it does not
//! show that anything had reached the disk, because the page cache survives: that is the power cut's to show.

use std::thread;
use std::time::{Duration, Instant};

use tenantry_testkit::Store;

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
