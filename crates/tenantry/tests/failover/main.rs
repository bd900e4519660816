//! A PostgreSQL cluster under Patroni whose primary is killed, or stands still, under load: with synchronous replication nothing that was acknowledged is lost,
//! and writes go on by themselves. The control shows that without it some is.
//!
//! `TENANTRY_FAILOVERS=20` makes as many (`make torture`); a common run makes five.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]
#![expect(clippy::print_stdout, reason = "a long test says how far it is")]

mod cluster;
mod writers;

use std::time::{Duration, Instant};

use cluster::{Cluster, Replication};
use tenantry_testkit::Store;
use writers::Writers;

/// Failovers in a common run.
const FAILOVERS: usize = 5;
/// Beyond the time that Patroni takes to notice, writes are back within this.
const MARGIN: Duration = Duration::from_secs(5);

#[test]
fn a_failover_loses_nothing_that_was_acknowledged() {
    let Some(cluster) = Cluster::start(Replication::Synchronous) else { return };
    let failovers = std::env::var("TENANTRY_FAILOVERS").ok().and_then(|text| text.parse().ok()).unwrap_or(FAILOVERS);
    let database = cluster.database();
    let store = Store::make_over(env!("CARGO_BIN_EXE_tenantry"), &database);
    let server = store.serve();
    let mut writers = Writers::over(&store, &server);
    for number in 0..failovers {
        let primary = cluster.primary();
        let running = writers.start(&server);
        std::thread::sleep(Duration::from_secs(2));
        let begun = Instant::now();
        if number % 2 == 0 {
            cluster.kill(primary);
        } else {
            cluster.freeze(primary);
        }
        let next = cluster.wait_for_another_primary(primary);
        println!("failover {number}: node {next} is primary after {:?}", begun.elapsed());
        std::thread::sleep(Duration::from_secs(2));
        let gap = running.stop(&mut writers);
        println!("failover {number}: writes were back after {gap:?}");
        assert!(gap < cluster.noticed_within() + MARGIN, "writes stood still for {gap:?}");
        assert_eq!(writers.stale(&server), 0, "acknowledged counts are missing");
        assert_eq!(writers.lost(&database), 0, "acknowledged counts are missing in the history");
        if number % 2 == 0 {
            cluster.revive(primary);
        } else {
            cluster.thaw(primary);
        }
        // The old primary is there again, and for a moment it takes itself for the only one.
        while !cluster.is_whole() {
            assert_eq!(writers.stale(&server), 0, "the old primary was asked");
        }
        cluster.wait_until_whole();
    }
}

#[test]
fn without_synchronous_replication_a_failover_loses_what_was_acknowledged() {
    let Some(cluster) = Cluster::start(Replication::Asynchronous) else { return };
    let database = cluster.database();
    let store = Store::make_over(env!("CARGO_BIN_EXE_tenantry"), &database);
    let server = store.serve();
    let mut writers = Writers::over(&store, &server);
    let primary = cluster.primary();
    // The senders of the log stand still: what is acknowledged meanwhile is on one disk only.
    cluster.stop_senders(primary);
    let running = writers.start(&server);
    std::thread::sleep(Duration::from_secs(2));
    cluster.kill(primary);
    cluster.wait_for_another_primary(primary);
    std::thread::sleep(Duration::from_secs(1));
    running.stop(&mut writers);
    let lost = writers.lost(&database);
    println!("without synchronous replication {lost} acknowledged counts were lost");
    assert!(lost > 0, "the control has to lose something, or the test above shows nothing");
}
