//! A flush that fails: nothing is acknowledged on top of it, writes are fenced, reads go on, and a restart recovers. The fault is put under the
//! unmodified program by libfiu, which stands between it and the C library.

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tenantry_testkit::{Server, Store};

use crate::writers::{End, database, sound, writers};
use crate::{PROGRAM, skip};

/// EIO, as errno has it.
const EIO: u32 = 5;
/// How soon the server must have stopped taking writes.
const FENCED_WITHIN: Duration = Duration::from_secs(1);

/// Turns a point of failure on or off.
fn control(server: &Server, base: &str, command: &str) {
    let controlled = Command::new("fiu-ctrl").args(["-f", base, "-c", command, &server.pid.to_string()]).output().unwrap();
    assert!(controlled.status.success(), "{}", String::from_utf8_lossy(&controlled.stderr));
}

fn failing(points: &[&str], environment: &[(&str, &str)]) {
    if Command::new("fiu-run").arg("-h").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        return skip("libfiu is not installed (Debian: fiu-utils)");
    }
    let store = Store::make(PROGRAM);
    let base = store.beside().join("fiu").display().to_string();
    let server = store.serve_under(&["fiu-run", "-x", "-f", &base], environment);
    let mut ledger = writers(&store, &server, 4);
    for writer in &mut ledger {
        assert_eq!(writer.write(&store, &server, 20, 0), End::Done);
    }
    for point in points {
        control(&server, &base, &format!("enable name={point},failinfo={EIO}"));
    }
    let broken = Instant::now();
    let ends: Vec<End> = thread::scope(|scope| {
        let turns: Vec<_> = ledger
            .iter_mut()
            .map(|writer| {
                let (store, server) = (&store, &server);
                scope.spawn(move || writer.write(store, server, 1_000, 0))
            })
            .collect();
        turns.into_iter().map(|turn| turn.join().unwrap()).collect()
    });
    assert!(broken.elapsed() < FENCED_WITHIN, "the server took {:?} to refuse", broken.elapsed());
    assert!(ends.iter().all(|end| matches!(end, End::Refused(503, _))), "{ends:?}");
    assert!(ends.iter().any(|end| matches!(end, End::Refused(_, body) if body.contains("outcome is unknown"))), "{ends:?}");

    // The disk works again; the server must not believe it before a restart.
    for point in points {
        control(&server, &base, &format!("disable name={point}"));
    }
    let mut connection = server.connect().unwrap();
    let own = format!("/user/{}?{}", store.account_id, store.query());
    let refused = connection.call("PUT", &own, r#"{"preferences":{"phoneNoType":"fenced"}}"#).unwrap();
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert!(refused.body.contains("nothing was written"), "{}", refused.body);
    assert_eq!(connection.call("GET", &own, "").unwrap().status, 200, "reads go on");
    assert_eq!(connection.call("GET", "/readyz", "").unwrap().status, 503);

    drop(server);
    let server = store.serve();
    let database = database(&store.data);
    sound(&database, "integrity_check").unwrap();
    for writer in &mut ledger {
        writer.check(&database).unwrap();
        assert_eq!(writer.write(&store, &server, 5, 0), End::Done, "a restart recovers");
    }
}

#[test]
fn a_failed_flush_is_never_acknowledged() {
    // Which of the two SQLite calls depends on how it was built.
    failing(&["posix/io/sync/fdatasync", "posix/io/sync/fsync"], &[]);
}

/// With so few pages in the log it is moved all the time, so that moves fail as well as commits.
#[test]
fn a_failed_move_of_the_log_loses_nothing() {
    let moved_often = [("TENANTRY_TEST_CHECKPOINT_PAGES", "20")];
    failing(&["posix/io/sync/fdatasync", "posix/io/sync/fsync"], &moved_often);
    failing(&["posix/io/rw/pwrite"], &moved_often);
}

#[test]
fn a_failed_write_of_the_log_is_never_acknowledged() {
    failing(&["posix/io/rw/pwrite"], &[]);
}
