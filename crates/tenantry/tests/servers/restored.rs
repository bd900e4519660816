//! Backups that are restored to the other engine, and servers and commands that are killed while one is made.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tenantry_testkit::postgres::{Database, put};
use tenantry_testkit::{Server, Store};

use crate::PROGRAM;
use crate::moved::{add, answers, fill};

/// How often it is tried to be faster than a backup.
const TRIES: u32 = 20;
/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

fn command(data: &Path, database: Option<&Database>, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).arg("--data").arg(data).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(database) = database {
        command.env("TENANTRY_STORE", database.url());
    }
    command
}

fn succeeded(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn run(data: &Path, database: Option<&Database>, arguments: &[&str]) {
    succeeded(&command(data, database, arguments).output().unwrap());
}

/// A store of some thousand accounts with a server over it.
fn served() -> (Store, Server) {
    let store = Store::make(PROGRAM);
    let server = store.serve();
    assert_eq!(add(&store, &server, "a@example.org"), 2);
    server.stop();
    fill(&store.data);
    let server = store.serve();
    (store, server)
}

#[test]
fn a_backup_of_either_engine_is_restored_to_the_other() {
    let Some(database) = Database::make().map(Arc::new) else { return };
    let (store, server) = served();
    let before = answers(&store, &server);
    let backup = |name: &str| store.beside().join(name).to_str().unwrap().to_owned();
    run(&store.data, None, &["backup", "--to", &backup("one")]);
    server.stop();

    let over = store.beside().join("over");
    run(&over, Some(&database), &["restore", "--from", &backup("one")]);
    put(&over, &database);
    let query = store.query();
    let moved = store.one_more(&database);
    assert_eq!(std::fs::read(moved.data.join("pepper.key")).unwrap(), std::fs::read(over.join("pepper.key")).unwrap());
    let server = moved.serve();
    assert_eq!(answers(&moved, &server), before);
    let id = add(&moved, &server, "b@example.org");
    assert!(id > 100_000, "{id}");
    // The servers go on meanwhile.
    run(&over, Some(&database), &["backup", "--to", &backup("two")]);
    server.stop();

    let back = store.beside().join("back");
    run(&back, None, &["restore", "--from", &backup("two")]);
    run(&back, None, &["doctor"]);
    let store = store.moved_to(&back);
    assert_eq!(store.query(), query);
    let server = store.serve();
    assert_eq!(answers(&store, &server), before);
    let next = add(&store, &server, "c@example.org");
    assert!(next > id + 100_000, "{next} after {id}");
}

/// Waits until something is so.
fn until(what: &str, so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_backup_whose_server_or_command_is_killed_does_not_stand_under_its_name() {
    let (store, server) = served();
    let (to, part) = (store.beside().join("backup"), store.beside().join("backup.part"));
    let arguments = ["backup", "--to", to.to_str().unwrap()];

    // Each of these may come too late on a fast machine, when the backup is whole already: then it is tried again.
    let begin = || {
        let _none = std::fs::remove_dir_all(&to).is_err();
        let child = command(&store.data, None, &arguments).spawn().unwrap();
        until("the backup did not begin", || part.join("tenantry.db").exists() || to.exists());
        child
    };

    // The command goes: the server stops making it, and leaves nothing.
    let stopped = (0..TRIES).any(|_| {
        let mut child = begin();
        child.kill().unwrap();
        child.wait().unwrap();
        until("the server went on for nobody", || !part.exists());
        !to.exists()
    });
    assert!(stopped, "the server made each backup for nobody");

    // The server goes: the command says so, and the next one clears up.
    let mut server = Some(server);
    let killed = (0..TRIES).any(|_| {
        let child = begin();
        server.take().unwrap().kill();
        let output = child.wait_with_output().unwrap();
        server = Some(store.serve());
        assert!(!output.status.success() || to.exists(), "what is told is so");
        part.exists()
    });
    assert!(killed, "it was killed too late each time");

    // The server is asked to stop: it does not wait for the backup's end.
    let said = (0..TRIES).find_map(|_| {
        let child = begin();
        assert_eq!(server.take().unwrap().stop(), Some(0));
        let output = child.wait_with_output().unwrap();
        server = Some(store.serve());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (!output.status.success() && said.contains("stopped")).then_some(said)
    });
    assert!(said.is_some(), "no backup was stopped");
    assert!(!to.exists() && !part.exists());
    server.take().unwrap().stop();

    let server = store.serve();
    run(&store.data, None, &arguments);
    assert!(to.exists() && !part.exists());
    succeeded(&Command::new(PROGRAM).args(["backup", "verify"]).arg(&to).output().unwrap());
    server.stop();
}
