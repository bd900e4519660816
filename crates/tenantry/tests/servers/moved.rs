//! A whole installation moved by the command line, which is killed again and again, to a database and back.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tenantry_testkit::postgres::{Database, put};
use tenantry_testkit::{Server, Store, basic};

use crate::PROGRAM;

/// Accounts of the installation: enough that a move takes some seconds.
const ACCOUNTS: i64 = 12_000;
/// How long the first run may work before it is killed, and how much longer each next one: so that in the end one is done.
const FIRST_KILL: Duration = Duration::from_millis(80);
const LATER_BY: Duration = Duration::from_millis(40);

/// Connections of the program to the database.
const CONNECTIONS: &str = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tenantry' AND datname = current_database()";
/// How long one may outlive its program.
const GONE_WITHIN: Duration = Duration::from_secs(10);

/// Copies of customer 2, with an event each, as the store itself would have written them.
pub(crate) fn fill(data: &Path) {
    let database = rusqlite::Connection::open(data.join("tenantry.db")).unwrap();
    let columns = "tenant_id, parent_id, ancestors, kind, hash, password_hash, call_in_pin, status, holds, activated_at, ended_at, created_at, updated_at, \
                   profile, search_text, allotments, name_folded";
    let event = "tenant_id, name, at, actor_id, credential, peer, claimed, dialect, request_id, changes";
    database
        .execute_batch(&format!(
            "BEGIN;
             CREATE TEMP TABLE ids AS WITH RECURSIVE n (id) AS (SELECT 3 UNION ALL SELECT id + 1 FROM n WHERE id < {ACCOUNTS}) SELECT id FROM n;
             INSERT INTO account (id, version, newest_event, {columns}) SELECT ids.id, 1, ids.id + 1000, {columns} FROM account, ids WHERE account.id = 2;
             INSERT INTO event (seq, account_id, version, {event}) SELECT ids.id + 1000, ids.id, 1, {event} FROM event, ids WHERE account_id = 2 AND version = 1;
             INSERT INTO search_waiting SELECT id FROM ids;
             UPDATE sequence SET next = {ACCOUNTS} + 1 WHERE name = 'account';
             UPDATE sequence SET next = {ACCOUNTS} + 1001 WHERE name = 'event';
             COMMIT"
        ))
        .unwrap();
}

/// What clients are answered, octet by octet.
pub(crate) fn answers(store: &Store, server: &Server) -> Vec<String> {
    let query = store.query();
    let targets = [2, 3, ACCOUNTS / 2, ACCOUNTS].map(|id| format!("/user/{id}?{query}"));
    targets.iter().map(|target| server.connect().unwrap().call("GET", target, "").unwrap().body).collect()
}

pub(crate) fn add(store: &Store, server: &Server, email: &str) -> i64 {
    let authorization = basic("1", &store.api_key);
    let headers = [("Authorization", &*authorization), ("Content-Type", "application/json")];
    let body = json!({"name": "Abc", "email": email, "status": "on"}).to_string();
    let answer = server.connect().unwrap().call_with("POST", "/api/2.0/customers", &headers, &body).unwrap();
    answer.json()["item"]["id"].as_i64().unwrap_or_else(|| panic!("{}", answer.body))
}

fn migrate(store: &Store, database: &Database, from: &str, to: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["migrate", "--from", from, "--to", to, "--data"]).arg(&store.data).env("TENANTRY_STORE", database.url());
    command
}

/// Runs a move and kills it, until it is done sooner than it is killed. Gives how often it was killed, and what it said in the end.
fn killed_until_done(database: &Database, mut command: Command) -> (u32, Output) {
    for kills in 0.. {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let patience = FIRST_KILL + LATER_BY * kills;
        let begun = Instant::now();
        while begun.elapsed() < patience && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        if child.try_wait().unwrap().is_some() {
            return (kills, child.wait_with_output().unwrap());
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // The database's side of its connection goes a moment later; until then the next run would be refused.
        let begun = Instant::now();
        while database.sql(CONNECTIONS) != "0" {
            assert!(begun.elapsed() < GONE_WITHIN, "a killed program's connection stays");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    unreachable!("each run may take longer than the one before")
}

fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn an_installation_that_was_moved_answers_the_same() {
    let Some(database) = Database::make().map(Arc::new) else { return };
    let store = Store::make(PROGRAM);
    let server = store.serve();
    assert_eq!(add(&store, &server, "a@example.org"), 2);
    server.stop();
    fill(&store.data);
    let server = store.serve();
    let before = answers(&store, &server);
    assert!(before.iter().all(|answer| answer.contains("\"organization\":\"Abc\"")), "{before:?}");
    server.stop();

    let (kills, output) = killed_until_done(&database, migrate(&store, &database, &format!("sqlite:{}", store.data.display()), "store"));
    assert!(kills > 2, "it was killed {kills} times only");
    let said = succeeded(&output);
    assert!(said.contains(&ACCOUNTS.to_string()) || said.contains(&(ACCOUNTS + 1).to_string()), "{said}");
    put(&store.data, &database);
    let server = store.serve();
    assert_eq!(answers(&store, &server), before);
    assert_eq!(add(&store, &server, "b@example.org"), ACCOUNTS + 1);
    server.stop();

    let back = store.beside().join("back");
    let (kills, output) = killed_until_done(&database, migrate(&store, &database, "store", &format!("sqlite:{}", back.display())));
    assert!(kills > 2, "it was killed {kills} times only");
    succeeded(&output);
    assert_eq!(std::fs::read(back.join("pepper.key")).unwrap(), std::fs::read(store.data.join("pepper.key")).unwrap());
    let store = store.moved_to(&back);
    let doctor = Command::new(PROGRAM).args(["doctor", "--data"]).arg(&store.data).output().unwrap();
    succeeded(&doctor);
    let server = store.serve();
    assert_eq!(answers(&store, &server), before);
    assert_eq!(add(&store, &server, "c@example.org"), ACCOUNTS + 2);
}
