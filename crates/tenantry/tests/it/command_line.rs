//! The program itself, as scripts and people start it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tenantry_domain::AccountId;
use tenantry_service::signature_hash;
use tenantry_testkit::postgres::{of, over};
use tenantry_testkit::{Server, basic};

use crate::harness::{EXAMPLE_ADD, call};

/// The documents' own key and hash.
const PUBLIC: &str = "38f9c45022de9ccd105545423b77e950af7dbc5eb31660d6bf1160431513f5ae";
const HASH: &str = "1ca9b5502935824ea5674e3d8f69663e3dcd077fab85b3810aadcf2ae3fda5d7";
/// An edit, as a body.
const EDIT: &[u8] = br#"{"preferences":{"phoneNoType":"home"}}"#;

fn tenantry(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenantry"));
    over(&mut command, data).current_dir(data.parent().unwrap()).args(arguments).arg("--data").arg(data).output().unwrap()
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn refused(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Starts a server over this data.
fn serve(data: &Path, arguments: &[&str], log: Stdio) -> Server {
    serve_at("127.0.0.1:0", data, arguments, log)
}

fn serve_at(listen: &str, data: &Path, arguments: &[&str], log: Stdio) -> Server {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenantry"));
    command.args(["serve", "--listen", listen, "--data"]).arg(data).args(arguments).current_dir(data.parent().unwrap()).stderr(log);
    over(&mut command, data);
    Server::start(command)
}

#[test]
fn a_store_is_made_once_and_its_keys_sign() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let made: Value = serde_json::from_str(&stdout(&tenantry(&data, &["init", "--json"]))).unwrap();
    assert_eq!(made["account_id"], 1);
    assert_eq!(made["api_key"].as_str().unwrap().len(), 32);
    assert!(refused(&tenantry(&data, &["init", "--json"])).contains("holds a store already"));
    let server = serve(&data, &[], Stdio::null());
    assert_eq!(server.greeting, "", "keys are shown once");
    let (public, private) = (made["public_key"].as_str().unwrap(), made["private_key"].as_str().unwrap());
    let hash = signature_hash(private, AccountId::try_from(1).unwrap(), public);
    let answer = call(server.address, "POST", &format!("/user?actingUserID=1&auth={public}&hash={hash}"), &[], EXAMPLE_ADD.as_bytes());
    assert_eq!(answer.body, r#"{"resultCode":1,"message":"Changes saved","response":{"id":2}}"#);
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(call(server.address, "GET", path, &[], b"").status, 200, "{path}");
    }
    assert_eq!(call(server.address, "GET", "/metrics", &[("X-Forwarded-For", "127.0.0.1")], b"").status, 404);
    assert_eq!(server.stop(), Some(0));
    assert!(stdout(&tenantry(&data, &["doctor"])).contains("integrity"));
}

#[test]
fn only_the_owner_can_open_what_is_in_the_directory() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    // Somebody made it before, open to all.
    std::fs::create_dir(&data).unwrap();
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).unwrap();
    let _server = serve(&data, &[], Stdio::null());
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&data).unwrap().map(Result::unwrap) {
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.file_name());
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    let embedded = ["tenantry.db", "tenantry.db-shm", "tenantry.db-wal"];
    let expected = [&["control.sock", "lock", "pepper.key"][..], if of(&data).is_some() { &[] } else { &embedded }].concat();
    assert_eq!(names, expected);
}

#[test]
fn a_running_server_takes_commands_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let server = serve(&data, &[], Stdio::null());
    let get = || call(server.address, "GET", &format!("/user/1?actingUserID=1&auth={PUBLIC}&hash={HASH}"), &[], b"").status;
    assert_eq!(get(), 401);
    stdout(&tenantry(&data, &["key", "import", "--account", "1", "--public", PUBLIC, "--hash", HASH]));
    assert_eq!(get(), 200);
    let keys: Value = serde_json::from_str(&stdout(&tenantry(&data, &["key", "list", "--json"]))).unwrap();
    assert_eq!(keys.as_array().unwrap().len(), 4);
    assert!(!keys.to_string().contains(HASH));
    assert!(refused(&tenantry(&data, &["key", "import", "--account", "1", "--public", PUBLIC, "--hash", HASH])).contains("public"));
    stdout(&tenantry(&data, &["key", "revoke", "--account", "1", "--public", &PUBLIC[..8]]));
    assert_eq!(get(), 401);
    assert!(
        refused(&tenantry(&data, &["key", "import", "--account", "777", "--public", PUBLIC, "--hash", HASH])).contains("no such account")
    );
    let added: Value = serde_json::from_str(&stdout(&tenantry(&data, &["provider", "add", "--name", "Branch", "--json"]))).unwrap();
    assert_eq!(added["account_id"], 2);
    assert!(refused(&tenantry(&data, &["doctor"])).contains("stop the server first"));
}

#[test]
fn the_first_start_prints_calls_that_work() {
    let directory = tempfile::tempdir().unwrap();
    let server = serve(&directory.path().join("data"), &[], Stdio::null());
    let calls: Vec<&str> = server.greeting.lines().filter(|line| line.starts_with("curl ")).collect();
    assert_eq!(calls.len(), 5, "{}", server.greeting);
    // Three in the dialect of old, two over /v1: one that creates, and one that finds what both made.
    for (line, begins) in calls.into_iter().zip([
        r#"{"resultCode":1,"#,
        r#"{"resultCode":1,"#,
        r#"{"resultCode":1,"#,
        r#"{"id":3,"#,
        r#"{"customers":[{"id":2,"#,
    ]) {
        let output = Command::new("sh").args(["-c", line]).output().unwrap();
        let answer = String::from_utf8(output.stdout).unwrap();
        assert!(answer.starts_with(begins), "{line}: {answer}");
    }
}

#[test]
fn without_a_public_url_links_lead_to_the_listener_and_the_log_says_whom_that_helps() {
    for (listen, arguments, host, is_warned) in [
        ("127.0.0.1:0", &[][..], "127.0.0.1", false),
        ("0.0.0.0:0", &["--insecure-http"], "localhost", true),
        ("0.0.0.0:0", &["--insecure-http", "--public-url", "https://accounts.example.org"], "", false),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        let made: Value = serde_json::from_str(&stdout(&tenantry(&data, &["init", "--json"]))).unwrap();
        let log_file = directory.path().join("log");
        let server = serve_at(listen, &data, arguments, std::fs::File::create(&log_file).unwrap().into());
        let authorization = basic("1", made["api_key"].as_str().unwrap());
        let answer = call(server.address, "GET", "/api/2.0/customers/1", &[("Authorization", &authorization)], b"").json();
        let root =
            if host.is_empty() { "https://accounts.example.org".to_owned() } else { format!("http://{host}:{}", server.address.port()) };
        assert_eq!(answer["links"][0]["href"], format!("{root}/api/2.0/customers/1"), "{arguments:?}");
        assert_eq!(server.stop(), Some(0));
        let log = std::fs::read_to_string(log_file).unwrap();
        assert_eq!(log.contains("public_url is not set"), is_warned, "{log}");
    }
}

#[test]
fn faulty_settings_are_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    for (arguments, name) in [
        (&["serve", "--listen", "localhost"][..], "listen"),
        (&["serve", "--listen", "0.0.0.0:0"], "insecure_http"),
        (&["serve", "--log-format", "xml"], "log_format"),
        (&["serve", "--trusted-proxies", "10.0.0.0/99"], "trusted_proxies"),
        (&["serve", "--tls-key", "x.pem"], "tls_certificate"),
        (&["serve", "--tls-certificate", "none.pem", "--tls-key", "none.pem", "--listen", "127.0.0.1:0"], "none.pem"),
    ] {
        let message = refused(&tenantry(&data, arguments));
        assert!(message.contains(name), "{arguments:?}: {message}");
    }
    std::fs::write(directory.path().join("tenantry.toml"), "lisen = \"x\"").unwrap();
    assert!(refused(&tenantry(&data, &["init"])).contains("lisen"));
}

#[test]
fn no_log_holds_a_secret_even_at_its_most_talkative() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let made: Value = serde_json::from_str(&stdout(&tenantry(&data, &["init", "--json"]))).unwrap();
    let (public, private) = (made["public_key"].as_str().unwrap(), made["private_key"].as_str().unwrap());
    let hash = signature_hash(private, AccountId::try_from(1).unwrap(), public);
    let log_file = directory.path().join("log");
    let log = std::fs::File::create(&log_file).unwrap();
    let server = serve(&data, &["--log-level", "trace", "--access-log", "--log-format", "json"], log.into());
    let signed = format!("actingUserID=1&auth={public}&hash={hash}");
    let wrong_hash = [if hash.starts_with('a') { "b" } else { "a" }, &hash[1..]].concat();
    let wrong = format!("actingUserID=1&auth={public}&hash={wrong_hash}");
    let (api_key, wrong_key) = (made["api_key"].as_str().unwrap(), "hunter2hunter2hunter2hunter2hun2");
    for (method, path, body, status) in [
        ("POST", format!("/user?{signed}"), EXAMPLE_ADD, 200),
        ("POST", format!("/user?{signed}"), EXAMPLE_ADD, 409),
        ("PUT", format!("/user/2?{signed}"), r#"{"password":"abc@path6re","contactInfo":{"callInPin":"987654"}}"#, 200),
        ("PUT", format!("/user/2?{signed}"), r#"{"password":"abc@path6re""#, 400),
        ("GET", format!("/user/2?{wrong}"), "", 401),
        ("GET", format!("/user/2?x={hash}"), "", 401),
        ("GET", format!("/user/%0a%1b2?{signed}"), "", 404),
        ("GET", format!("/nothing?{signed}"), "", 404),
        ("GET", format!("/user/{private}"), "", 401),
    ] {
        assert_eq!(call(server.address, method, &path, &[], body.as_bytes()).status, status, "{method} {path}");
    }
    let xml = "<methodCall><methodName>GetCustomer</methodName><params><param><value><int>2</int></value></param></params></methodCall>";
    for (method, path, authorization, body, status) in [
        ("PUT", "/api/2.0/customers/2", basic("1", api_key), r#"{"email":"x","password":"abc@path6re"}"#, 422),
        ("PUT", "/api/2.0/customers/2", basic("1", api_key), r#"{"email":"abc.xyz@abc.org""#, 400),
        ("POST", "/api/2.0/xmlrpc", basic("1", api_key), xml, 200),
        ("GET", "/api/2.0/customers/2", basic("a@example.org", wrong_key), "", 401),
        ("POST", "/api/2.0/xmlrpc", basic("a@example.org", wrong_key), xml, 401),
    ] {
        let answer = call(server.address, method, path, &[("Authorization", &authorization)], body.as_bytes());
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
    }
    let refused = call(server.address, "GET", &format!("/user/2?{wrong}"), &[], b"");
    let request_id = refused.head.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap();
    assert_eq!(server.stop(), Some(0));
    let log = std::fs::read_to_string(&log_file).unwrap();
    let reason = log.lines().find(|line| line.contains("wrong hash") && line.contains(request_id));
    assert!(reason.is_some(), "the log tells by the request's id why it was refused: {log}");
    for line in log.lines() {
        let entry: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(entry["level"].is_string());
    }
    assert!(log.contains("\"path\":\"/user/2\"") && log.contains(&public[..8]), "there is an access log: {log}");
    for secret in [
        private,
        &hash,
        &wrong_hash,
        public,
        api_key,
        wrong_key,
        &basic("1", api_key)[6..],
        &basic("a@example.org", wrong_key)[6..],
        "abc@path6re",
        "987654",
        "abc.xyz@abc.org",
    ] {
        assert!(!log.contains(secret), "the log holds {secret}");
    }
}

/// Writes a fresh certificate for this machine, and its key.
fn certificate(directory: &Path) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(directory.join("chain.pem"), made.cert.pem()).unwrap();
    std::fs::write(directory.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
}

#[test]
fn a_certificate_is_read_again_on_sighup_and_a_faulty_one_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    certificate(directory.path());
    let arguments = ["--tls-certificate", "chain.pem", "--tls-key", "key.pem"];
    let server = serve(&directory.path().join("data"), &arguments, Stdio::null());
    let (port, chain) = (server.address.port(), directory.path().join("chain.pem"));
    let trusted = |chain: &Path| {
        let url = format!("https://localhost:{port}/healthz");
        let to = format!("localhost:{port}:127.0.0.1");
        let curl = Command::new("curl")
            .args(["-sS", "--fail", "--noproxy", "*", "--resolve", &to, "--cacert"])
            .arg(chain)
            .arg(url)
            .output()
            .unwrap();
        curl.status.success()
    };
    let hang_up = || {
        server.signal("HUP");
        std::thread::sleep(std::time::Duration::from_millis(300));
    };
    assert!(trusted(&chain));
    let old = directory.path().join("old.pem");
    std::fs::copy(&chain, &old).unwrap();
    certificate(directory.path());
    assert!(!trusted(&chain), "not before the signal");
    hang_up();
    assert!(trusted(&chain) && !trusted(&old));
    let new = directory.path().join("new.pem");
    std::fs::rename(&chain, &new).unwrap();
    std::fs::write(&chain, "no certificate").unwrap();
    hang_up();
    assert!(trusted(&new), "the old one stays when the new one is faulty");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_first_start_that_cannot_serve_makes_no_keys() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert!(refused(&tenantry(&data, &["serve", "--listen", &address])).contains("cannot listen on"));
    let tls = ["serve", "--listen", "127.0.0.1:0", "--tls-certificate", "none.pem", "--tls-key", "none.pem"];
    assert!(refused(&tenantry(&data, &tls)).contains("none.pem"));
    let server = serve(&data, &[], Stdio::null());
    assert!(server.greeting.contains("private key"), "the start that can serve shows them: {}", server.greeting);
}

#[test]
fn a_key_that_was_imported_with_a_wrong_hash_can_be_imported_again() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    stdout(&tenantry(&data, &["init"]));
    let import = |hash: &str| tenantry(&data, &["key", "import", "--account", "1", "--public", PUBLIC, "--hash", hash, "--scope", "read"]);
    stdout(&import(&"0".repeat(64)));
    assert!(refused(&import(HASH)).contains("revoke that first"));
    stdout(&tenantry(&data, &["key", "revoke", "--account", "1", "--public", PUBLIC]));
    stdout(&import(HASH));
    let server = serve(&data, &[], Stdio::null());
    let query = format!("actingUserID=1&auth={PUBLIC}&hash={HASH}");
    assert_eq!(call(server.address, "GET", &format!("/user/1?{query}"), &[], b"").status, 200);
    assert_eq!(call(server.address, "PUT", &format!("/user/1?{query}"), &[], EDIT).status, 403, "with the bounds of the new import");
}

#[test]
fn what_a_flag_leaves_open_is_not_taken_for_everything() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    stdout(&tenantry(&data, &["init"]));
    for flag in ["--scope", "--allow"] {
        for nothing in ["", ",", " "] {
            assert!(refused(&tenantry(&data, &["key", "issue", "--account", "1", flag, nothing])).contains(flag), "{flag} {nothing:?}");
        }
    }
}

#[test]
fn commands_at_once_wait_for_each_other() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    stdout(&tenantry(&data, &["init"]));
    let issued: Vec<Output> = std::thread::scope(|scope| {
        let issuing: Vec<_> = (0..6).map(|_| scope.spawn(|| tenantry(&data, &["key", "issue", "--account", "1"]))).collect();
        issuing.into_iter().map(|one| one.join().unwrap()).collect()
    });
    issued.iter().for_each(|output| drop(stdout(output)));
}

#[test]
fn settings_that_would_open_or_break_something_are_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    for (flag, value, named) in [
        ("--log-level", "warning", "log_level"),
        ("--log-level", "", "log_level"),
        ("--log-level", "info,=debug", "log_level"),
        ("--listen", "localhost", "listen"),
        ("--trusted-proxies", "10.0.0.0/33", "trusted_proxies"),
    ] {
        let message = refused(&tenantry(&data, &["serve", flag, value]));
        assert!(message.contains(&format!("setting {named} (from {flag})")), "{message}");
    }
    for (name, value) in
        [("MAX_CONNECTIONS", "0"), ("MAX_CONNECTIONS", "4000000000000000000"), ("HASHING_THREADS", "100000"), ("RECORD_CACHE_MIB", "x")]
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenantry"));
        let output = command.args(["serve", "--data"]).arg(&data).env(format!("TENANTRY_{name}"), value).output().unwrap();
        let message = refused(&output);
        assert!(message.contains(&format!("TENANTRY_{name}")) && message.contains(&name.to_lowercase()), "{message}");
    }
    assert!(!data.exists(), "nothing was made");
}

#[test]
fn a_move_that_cannot_be_is_refused_before_anything_is_made() {
    let directory = tempfile::tempdir().unwrap();
    let (data, target) = (directory.path().join("data"), directory.path().join("target"));
    stdout(&tenantry(&data, &["init"]));
    assert!(stdout(&tenantry(&data, &["migrate"])).contains("the newest that this program knows"));
    let (here, there) = (format!("sqlite:{}", data.display()), format!("sqlite:{}", target.display()));
    for (arguments, why) in [
        (vec!["migrate", "--from", &*here], "--to <PLACE>"),
        (vec!["migrate", "--from", &*here, "--to", "elsewhere"], "a place is sqlite:DIR, postgres://… or store"),
        (
            vec!["migrate", "--from", &*here, "--to", "postgres://u:secret@db.example.org/db"],
            "without TLS the password would cross the network",
        ),
        (vec!["migrate", "--from", &*here, "--to", &*here], "the two places are the same"),
        (vec!["migrate", "--from", &*there, "--to", &*here], "there is no installation in sqlite:"),
        (vec!["migrate", "--from", &*here, "--to", &*there, "--distribute"], "cannot be used with"),
    ] {
        let message = refused(&tenantry(&data, &arguments));
        assert!(message.contains(why) && !message.contains("secret"), "{arguments:?}: {message}");
    }
    assert!(!target.exists(), "nothing was made");
    if of(&data).is_some() {
        return;
    }
    let message = refused(&tenantry(&data, &["migrate", "--distribute"]));
    assert!(message.contains("set `store` to the coordinator"), "{message}");
    std::fs::create_dir(&target).unwrap();
    std::fs::write(target.join("pepper.key"), [7; 32]).unwrap();
    let message = refused(&tenantry(&data, &["migrate", "--from", &here, "--to", &there]));
    assert!(message.contains("is another installation's"), "{message}");
    std::fs::remove_dir_all(&target).unwrap();
    let said = stdout(&tenantry(&data, &["migrate", "--from", &here, "--to", &there]));
    assert!(said.contains("checksum of both ends") && said.contains("tenantry serve --data"), "{said}");
    assert!(stdout(&tenantry(&target, &["doctor"])).contains("integrity"));
}

#[test]
fn a_doctor_says_what_is_wrong_with_a_damaged_file() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    stdout(&tenantry(&data, &["init"]));
    if of(&data).is_some() {
        // A database server's files are its own.
        return;
    }
    let file = data.join("tenantry.db");
    let mut octets = std::fs::read(&file).unwrap();
    // The first page stays whole, so that the file opens; the next ones are torn.
    octets[4_200..40_000].fill(0x5a);
    std::fs::write(&file, octets).unwrap();
    let output = tenantry(&data, &["doctor"]);
    assert!(!output.status.success());
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains("integrity") || said.contains("malformed"), "{said}");
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    assert!(refused(&tenantry(Path::new("/proc/none"), &["init"])).contains("/proc/none"));
}

#[test]
fn what_was_revoked_stays_so_when_the_server_is_killed_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    stdout(&tenantry(&data, &["init"]));
    stdout(&tenantry(&data, &["key", "import", "--account", "1", "--public", PUBLIC, "--hash", HASH]));
    let status =
        |server: &Server| call(server.address, "GET", &format!("/user/1?actingUserID=1&auth={PUBLIC}&hash={HASH}"), &[], b"").status;
    let server = serve(&data, &[], Stdio::null());
    assert_eq!(status(&server), 200);
    stdout(&tenantry(&data, &["key", "revoke", "--account", "1", "--public", PUBLIC]));
    server.kill();
    assert_eq!(status(&serve(&data, &[], Stdio::null())), 401);
}
