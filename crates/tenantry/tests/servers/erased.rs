//! An erased customer is nowhere on the disk, and stays erased when an older backup is restored.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tenantry_testkit::{Server, Store, basic};

use crate::PROGRAM;

/// Pieces of what was kept of the customer, as they would stand anywhere.
const CANARY: [&str; 4] = ["zyxcanary", "2233445566", "4417 beyond the hills", "zyx-external"];
/// How long the leftovers of deleted values may stay in files.
const GONE_WITHIN: Duration = Duration::from_secs(30);

/// The files below a folder in which a piece of the canary stands.
fn files_with_canary(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(files_with_canary(&entry.path()));
        } else if entry.file_type().unwrap().is_file() {
            let octets = fs::read(entry.path()).unwrap().to_ascii_lowercase();
            for piece in CANARY {
                if octets.windows(piece.len()).any(|window| window == piece.as_bytes()) {
                    found.push(format!("{}: {piece}", entry.file_name().display()));
                }
            }
        }
    }
    found
}

/// Whether a piece of a word that only the canary has stands in the index of search, of whatever row.
fn is_indexed(data: &Path) -> bool {
    let database = rusqlite::Connection::open(data.join("tenantry.db")).unwrap();
    database.execute_batch("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, account_search, row)").unwrap();
    database.query_row("SELECT EXISTS (SELECT 1 FROM vocabulary WHERE term = 'zyx')", [], |row| row.get(0)).unwrap()
}

struct Caller<'a>(&'a Server, String);

impl Caller<'_> {
    fn call(&self, method: &str, path: &str, key: &str, body: &Value) -> Value {
        let mut headers = vec![("Authorization", &*self.1), ("Content-Type", "application/json")];
        headers.extend((method == "POST").then_some(("Idempotency-Key", key)));
        let answer = self.0.connect().unwrap().call_with(method, path, &headers, &body.to_string()).unwrap();
        assert!((200..300).contains(&answer.status), "{path}: {} {}", answer.status, answer.body);
        answer.json()
    }
}

/// A server that logs all that it can into a file.
fn serve(store: &Store, log: &Path) -> Server {
    let script = format!("exec \"$@\" 2>>{}", log.display());
    let environment = [("TENANTRY_LOG_LEVEL", "trace"), ("TENANTRY_ACCESS_LOG", "true")];
    store.serve_under(&["sh", "-c", &script, "sh"], &environment)
}

fn run(arguments: &[&str]) {
    let output = Command::new(PROGRAM).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn canary() -> Value {
    json!({
        "first_name": "Zyxcanary", "organization": "Zyxcanary Ltd", "email": "zyxcanary@example.org", "external_id": "zyx-external",
        "street": ["4417 Beyond the Hills"], "voice": {"number": "+91.2233445566"}, "password": "zyxcanary secret", "call_in_pin": "2233445566",
        "tags": ["zyxcanary"], "contacts": [{"roles": ["billing"], "email": "zyxcanary@example.com"}], "auto_signup": true,
    })
}

#[test]
fn an_erased_customer_is_nowhere_on_the_disk_and_in_no_restored_backup() {
    let store = Store::make(PROGRAM);
    let logs = store.beside().join("logs");
    fs::create_dir(&logs).unwrap();
    let log = logs.join("log");
    let server = serve(&store, &log);
    let caller = Caller(&server, basic("1", &store.api_key));
    let id = caller.call("POST", "/v1/customers", "one", &canary())["id"].as_i64().unwrap();
    // Others, so that pages and pieces of the index are shared.
    for number in 0..300 {
        caller.call("POST", "/v1/customers", &format!("n{number}"), &json!({"organization": format!("Other {number}"), "city": "Pune"}));
    }
    caller.call("PATCH", &format!("/v1/customers/{id}"), "", &json!({"city": "Zyxcanaryville"}));
    caller.call("POST", &format!("/v1/customers/{id}/suspend"), "two", &json!({"reason": "zyxcanary owes"}));
    assert_ne!(files_with_canary(&store.data), Vec::<String>::new(), "without the erasure it is found");
    let backup = store.beside().join("backup");
    run(&["backup", "--to", backup.to_str().unwrap(), "--data", store.data.to_str().unwrap()]);

    caller.call("POST", &format!("/v1/customers/{id}/erase"), "three", &json!({}));
    let begun = Instant::now();
    while files_with_canary(&store.data) != Vec::<String>::new() {
        assert!(begun.elapsed() < GONE_WITHIN, "{:?}", files_with_canary(&store.data));
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(files_with_canary(&logs), Vec::<String>::new());
    assert!(fs::metadata(&log).unwrap().len() > 10_000, "the log has a line for each request");
    server.stop();
    assert_eq!(files_with_canary(&store.data), Vec::<String>::new());
    assert!(!is_indexed(&store.data), "the index of search has forgotten its words, too");
    run(&["doctor", "--data", store.data.to_str().unwrap()]);

    // An older backup has it again, unless it is told who was erased since.
    let list = store.data.join("erasures.jsonl");
    let restored = |name: &str, more: &[&str]| {
        let target = store.beside().join(name);
        run(&[&["restore", "--from", backup.to_str().unwrap(), "--data", target.to_str().unwrap()], more].concat());
        target
    };
    let without = restored("without", &[]);
    assert_ne!(files_with_canary(&without), Vec::<String>::new());
    assert!(is_indexed(&without));
    let with = restored("with", &["--erasures", list.to_str().unwrap()]);
    assert_eq!(files_with_canary(&with), Vec::<String>::new());
    let store = store.moved_to(&with);
    let server = store.serve();
    let caller = Caller(&server, basic("1", &store.api_key));
    let record = caller.call("GET", &format!("/v1/customers/{id}"), "", &json!({}));
    assert_eq!((&record["organization"], record["erased_at"].is_string()), (&Value::Null, true));
    assert!(fs::read_to_string(with.join("erasures.jsonl")).unwrap().contains(&format!("\"account_id\":{id},")), "the list goes on");
}
