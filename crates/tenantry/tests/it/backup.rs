//! Backups of a store that is written meanwhile, and what is restored of them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};
use tenantry_testkit::postgres::over;
use tenantry_testkit::{Connection, Server, Store, customer};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tenantry");
/// Writers at once.
const WRITERS: usize = 4;
/// Edits of each that are acknowledged before the backup begins.
const BEFORE: u64 = 10;
/// After how long the first restore is killed, and how much longer each next one may work: so that in the end one is done.
const FIRST_KILL: Duration = Duration::from_millis(1);
const LONGER_EACH_TIME: f64 = 1.08;
/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

fn tenantry(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    over(&mut command, data).args(arguments).arg("--data").arg(data).output().unwrap()
}

fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn refused(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn verify(backup: &Path) -> Output {
    Command::new(PROGRAM).args(["backup", "verify"]).arg(backup).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn add(store: &Store, connection: &mut Connection, email: &str) -> i64 {
    let answer = connection.call("POST", &format!("/user?{}", store.query()), &customer(store.account_id, email).to_string()).unwrap();
    answer.json()["response"]["id"].as_i64().unwrap_or_else(|| panic!("{}", answer.body))
}

/// A store with some customers and a server over it.
fn served() -> (Store, Server) {
    let store = Store::make(PROGRAM);
    let server = store.serve();
    add(&store, &mut server.connect().unwrap(), "a@example.org");
    (store, server)
}

/// A customer that counts up: what was sent of it, and what was acknowledged.
struct Counted {
    id: i64,
    sent: AtomicU64,
    acknowledged: AtomicU64,
}

impl Counted {
    fn count_up(&self, store: &Store, server: &Server, enough: &AtomicBool) {
        let (mut connection, target) = (server.connect().unwrap(), format!("/user/{}?{}", self.id, store.query()));
        while !enough.load(Ordering::SeqCst) {
            let count = self.sent.fetch_add(1, Ordering::SeqCst) + 1;
            let body = json!({"preferences": {"phoneNoType": format!("n{count}")}}).to_string();
            let answer = connection.call("PUT", &target, &body).unwrap();
            assert_eq!(answer.status, 200, "{}", answer.body);
            self.acknowledged.store(count, Ordering::SeqCst);
        }
    }

    fn found(&self, store: &Store, connection: &mut Connection) -> u64 {
        let answer = connection.call("GET", &format!("/user/{}?{}", self.id, store.query()), "").unwrap().json();
        let word = answer["response"]["preferences"]["phoneNoType"].as_str().unwrap_or_else(|| panic!("{answer}"));
        word.strip_prefix('n').unwrap().parse().unwrap()
    }
}

#[test]
fn a_backup_under_load_has_what_was_acknowledged_before_it_and_is_restored_whole() {
    let (store, server) = served();
    let mut connection = server.connect().unwrap();
    let counted: Vec<Counted> = (0..WRITERS)
        .map(|number| Counted {
            id: add(&store, &mut connection, &format!("w{number}@example.org")),
            sent: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
        })
        .collect();
    let backup = store.beside().join("backup");
    let enough = AtomicBool::new(false);
    let (before, after) = thread::scope(|scope| {
        for counted in &counted {
            let (store, server, enough) = (&store, &server, &enough);
            scope.spawn(move || counted.count_up(store, server, enough));
        }
        let begun = Instant::now();
        while counted.iter().any(|counted| counted.acknowledged.load(Ordering::SeqCst) < BEFORE) {
            assert!(begun.elapsed() < PATIENCE, "the writers write next to nothing");
            thread::sleep(Duration::from_millis(5));
        }
        let acknowledged = || counted.iter().map(|counted| counted.acknowledged.load(Ordering::SeqCst)).collect::<Vec<_>>();
        let before = acknowledged();
        let made = tenantry(&store.data, &["backup", "--to", text(&backup)]);
        let after: Vec<u64> = counted.iter().map(|counted| counted.sent.load(Ordering::SeqCst)).collect();
        let begun = Instant::now();
        // Writers that stood still while it was made would show nothing.
        while acknowledged().iter().zip(&after).any(|(now, then)| now <= then) {
            assert!(begun.elapsed() < PATIENCE, "writes do not go on");
            thread::sleep(Duration::from_millis(5));
        }
        enough.store(true, Ordering::SeqCst);
        succeeded(&made);
        (before, after)
    });
    assert_eq!(server.stop(), Some(0));
    succeeded(&verify(&backup));

    let data = store.beside().join("restored");
    let said = succeeded(&tenantry(&data, &["restore", "--from", text(&backup)]));
    assert!(said.contains("The next account is number 1000"), "{said}");
    succeeded(&tenantry(&data, &["doctor"]));
    assert_eq!(fs::read(data.join("pepper.key")).unwrap(), fs::read(store.data.join("pepper.key")).unwrap());
    let log = store.beside().join("log");
    // Its keys are those of the store that was backed up.
    let restored = store.moved_to(&data);
    let mut command = Command::new(PROGRAM);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data).stderr(fs::File::create(&log).unwrap());
    over(&mut command, &data);
    let server = Server::start(command);
    let mut connection = server.connect().unwrap();
    for (counted, (before, after)) in counted.iter().zip(before.iter().zip(after)) {
        let found = counted.found(&restored, &mut connection);
        assert!((*before..=after).contains(&found), "{before} was acknowledged before, {after} sent before its end, {found} is there");
    }
    assert!(add(&restored, &mut connection, "new@example.org") >= 100_000, "a number may come to mean somebody else");
    assert!(fs::read_to_string(log).unwrap().contains("restored from a backup"));
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_backup_of_a_stopped_store_is_its_owners_and_never_overwrites() {
    let (store, server) = served();
    assert_eq!(server.stop(), Some(0));
    let backup = store.beside().join("backup");
    let manifest: Value = serde_json::from_str(&succeeded(&tenantry(&store.data, &["backup", "--json", "--to", text(&backup)]))).unwrap();
    assert_eq!((&manifest["format"], &manifest["includes_pepper"]), (&json!(1), &json!(true)));
    let accounts = manifest["tables"].as_array().unwrap().iter().find(|table| table["name"] == "account").unwrap();
    assert_eq!(accounts["rows"], 3);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&backup), 0o700);
    let mut names: Vec<String> = fs::read_dir(&backup).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["SHA256SUMS", "manifest.json", "pepper.key", "tenantry.db"]);
    names.iter().for_each(|name| assert_eq!(mode(&backup.join(name)), 0o600, "{name}"));
    // Anybody can check it.
    let sums = Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(&backup).output().unwrap();
    succeeded(&sums);
    assert!(refused(&tenantry(&store.data, &["backup", "--to", text(&backup)])).contains("exists already"));
    succeeded(&verify(&backup));
    assert!(refused(&verify(store.beside())).contains("is no backup"));
}

#[test]
fn no_octet_of_a_backup_can_change_unnoticed() {
    let (store, server) = served();
    let backup = store.beside().join("backup");
    succeeded(&tenantry(&store.data, &["backup", "--to", text(&backup)]));
    assert_eq!(server.stop(), Some(0));
    for name in ["SHA256SUMS", "manifest.json", "pepper.key", "tenantry.db"] {
        let path = backup.join(name);
        let whole = fs::read(&path).unwrap();
        // The ends, and some between.
        for part in 0..=6 {
            let place = (whole.len() - 1) * part / 6;
            let mut flipped = whole.clone();
            flipped[place] ^= 0x20;
            fs::write(&path, &flipped).unwrap();
            let said = refused(&verify(&backup));
            assert!(said.contains("damaged"), "octet {place} of {name}: {said}");
        }
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        assert!(refused(&verify(&backup)).contains("damaged"), "{name} without its end");
        let data = store.beside().join("restored");
        assert!(refused(&tenantry(&data, &["restore", "--from", text(&backup)])).contains("damaged"), "{name}");
        assert!(!data.exists(), "nothing is made of a damaged backup");
        fs::write(&path, &whole).unwrap();
    }
    succeeded(&verify(&backup));
}

/// Changes a file of a backup, and has its checksums say so.
fn forge(backup: &Path, name: &str, octets: &[u8]) {
    fs::write(backup.join(name), octets).unwrap();
    let sum = |name: &str| {
        let sum = digest(&SHA256, &fs::read(backup.join(name)).unwrap());
        sum.as_ref().iter().map(|octet| format!("{octet:02x}")).collect::<String>()
    };
    let sums = ["tenantry.db", "manifest.json", "pepper.key"].map(|name| format!("{}  {name}\n", sum(name)));
    fs::write(backup.join("SHA256SUMS"), sums.concat()).unwrap();
}

#[test]
fn a_backup_is_held_against_its_manifest_and_its_histories() {
    let (store, server) = served();
    let backup = store.beside().join("backup");
    succeeded(&tenantry(&store.data, &["backup", "--to", text(&backup)]));
    assert_eq!(server.stop(), Some(0));
    let manifest = fs::read_to_string(backup.join("manifest.json")).unwrap();
    let value: Value = serde_json::from_str(&manifest).unwrap();
    let schema = value["schema_version"].as_i64().unwrap();
    let newer = manifest.replace(&format!("\"schema_version\": {schema}"), &format!("\"schema_version\": {}", schema + 1));
    forge(&backup, "manifest.json", newer.as_bytes());
    assert!(refused(&verify(&backup)).contains(&format!("schema {}", schema + 1)));
    forge(&backup, "manifest.json", manifest.replace("\"format\": 1", "\"format\": 2").as_bytes());
    assert!(refused(&verify(&backup)).contains("form 2"));
    forge(&backup, "manifest.json", manifest.replace("\"rows\": 3", "\"rows\": 4").as_bytes());
    assert!(refused(&verify(&backup)).contains("has not what manifest.json says"));
    forge(&backup, "manifest.json", manifest.as_bytes());
    succeeded(&verify(&backup));

    let database = rusqlite::Connection::open(backup.join("tenantry.db")).unwrap();
    database.execute("UPDATE account SET version = version + 1 WHERE id = 2", []).unwrap();
    database.close().unwrap();
    forge(&backup, "tenantry.db", &fs::read(backup.join("tenantry.db")).unwrap());
    assert!(refused(&verify(&backup)).contains("no gapless chain"));
}

#[test]
fn a_backup_is_restored_into_nothing_only() {
    let (store, server) = served();
    let backup = store.beside().join("backup");
    succeeded(&tenantry(&store.data, &["backup", "--to", text(&backup), "--without-pepper"]));
    assert_eq!(server.stop(), Some(0));
    let restore = |data: &Path, more: &[&str]| tenantry(data, &[&["restore", "--from", text(&backup)], more].concat());
    let own = store.data.join("pepper.key");
    let pepper = ["--pepper", text(&own)];
    // Over a database the data directory may have something: there it is the database that must be empty.
    let said = refused(&restore(&store.data, &pepper));
    assert!(said.contains("is not empty") || said.contains("has records already"), "{said}");
    succeeded(&tenantry(&store.data, &["doctor"]));
    let data = store.beside().join("restored");
    assert!(refused(&restore(&data, &[])).contains("kept apart"));
    let other = store.beside().join("other.key");
    fs::write(&other, [7; 32]).unwrap();
    assert!(refused(&restore(&data, &["--pepper", text(&other)])).contains("another installation's"));
    assert!(!data.exists());
    let said = succeeded(&restore(&data, &[&pepper[..], &["--skip-ids", "10"]].concat()));
    assert!(said.contains("The next account is number 1"), "{said}");
    let said = refused(&restore(&data, &pepper));
    assert!(said.contains("is not empty") || said.contains("has records already"), "{said}");
    let restored = store.moved_to(&data);
    let server = restored.serve();
    let id = add(&restored, &mut server.connect().unwrap(), "new@example.org");
    assert!((13..100_000).contains(&id), "{id}");
}

/// What a directory has, by name: what a restore left of itself.
fn entries(data: &Path) -> BTreeMap<String, PathBuf> {
    let Ok(entries) = fs::read_dir(data) else { return BTreeMap::new() };
    entries.map(Result::unwrap).map(|entry| (entry.file_name().into_string().unwrap(), entry.path())).collect()
}

/// What a server says that should not start; one that does is killed.
fn served_at_most(patience: Duration, data: &Path) -> Output {
    let mut command = Command::new(PROGRAM);
    over(&mut command, data).args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() && begun.elapsed() < patience {
        thread::sleep(Duration::from_millis(2));
    }
    let _ended_already = child.kill().is_err();
    child.wait_with_output().unwrap()
}

#[test]
fn no_server_starts_on_a_part_of_a_backup() {
    let (store, server) = served();
    let backup = store.beside().join("backup");
    succeeded(&tenantry(&store.data, &["backup", "--to", text(&backup)]));
    assert_eq!(server.stop(), Some(0));
    let data = store.beside().join("restored");
    let (mut kills, mut parts, mut patience) = (0, 0, FIRST_KILL);
    loop {
        let mut command = Command::new(PROGRAM);
        over(&mut command, &data).args(["restore", "--from", text(&backup), "--data", text(&data)]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(patience);
        patience = patience.mul_f64(LONGER_EACH_TIME);
        if child.try_wait().unwrap().is_some() {
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
        let left = entries(&data);
        if left.keys().any(|name| name.starts_with("restore-")) {
            parts += 1;
            let said = refused(&served_at_most(PATIENCE, &data));
            assert!(said.contains("was being restored"), "{said}");
        } else if !left.contains_key("restored.json") {
            assert!(!left.contains_key("tenantry.db"), "{left:?}");
        }
    }
    assert!(parts > 0, "it was killed {kills} times, and never in the middle");
    let said = tenantry(&data, &["restore", "--from", text(&backup)]);
    // A kill between the end of the work and the end of the process leaves a whole store.
    assert!(said.status.success() || refused(&said).contains("not empty") || refused(&said).contains("has records"), "{said:?}");
    succeeded(&tenantry(&data, &["doctor"]));
    let restored = store.moved_to(&data);
    let server = restored.serve();
    assert!(add(&restored, &mut server.connect().unwrap(), "new@example.org") >= 100_000);
}
