//! The program as a client of a running server: `tenantry customer` and `profile`, as people and scripts start them.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tenantry_domain::key::Scopes;
use tenantry_service::NewKey;

use crate::harness::Site;
use crate::v1::caller::Bearer;

/// A shell that calls one server.
struct Shell {
    directory: tempfile::TempDir,
    caller: Bearer,
}

impl Shell {
    fn new(caller: Bearer) -> Self {
        Self { directory: tempfile::tempdir().unwrap(), caller }
    }

    fn url(&self) -> String {
        format!("http://{}", self.caller.address)
    }

    fn profiles(&self) -> PathBuf {
        self.directory.path().join("profiles.toml")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenantry"));
        command.args(arguments).env_clear().env("TENANTRY_PROFILE_FILE", self.profiles()).stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command with the server and the key in the environment, and this on standard input.
    fn run_with(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command(arguments);
        finished(command.env("TENANTRY_URL", self.url()).env("TENANTRY_KEY", &self.caller.key), input)
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) -> String {
        let output = self.run_with(arguments, "");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command that does not do what it should, and gives its exit code and what it said.
    fn refused(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run_with(arguments, "");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!said.contains(&self.caller.key), "{said}");
        (output.status.code().unwrap(), said)
    }
}

fn finished(command: &mut Command, input: &str) -> Output {
    let mut child = command.spawn().unwrap();
    // One that reads nothing may be gone already.
    let _unread = child.stdin.take().unwrap().write_all(input.as_bytes()).is_err();
    child.wait_with_output().unwrap()
}

#[test]
fn a_customer_is_led_through_its_life_from_the_shell() {
    let site = Site::start();
    let shell = Shell::new(site.bearer(1));
    let made = shell.run(&[
        "customer",
        "add",
        "--first-name",
        "Zoë",
        "--last-name",
        "Łuk",
        "--phone",
        "+91.2222554254",
        "--set",
        "tags=vip",
        "--json",
    ]);
    let made: Value = serde_json::from_str(&made).unwrap();
    let id = made["id"].to_string();
    assert_eq!((&made["first_name"], &made["voice"]["e164"], &made["tags"]), (&json!("Zoë"), &json!("+912222554254"), &json!(["vip"])));
    for verb in
        [&["activate", &id][..], &["suspend", &id, "--owner", "billing", "--reason", "invoice 7"], &["resume", &id, "--owner", "billing"]]
    {
        shell.run(&[&["customer"], verb].concat());
    }
    shell.run(&["customer", "edit", &id, "--city", "Pune", "--set", "voice.extension=7", "--set", "tags="]);
    let record: Value = serde_json::from_str(&shell.run(&["customer", "get", &id, "--json"])).unwrap();
    assert_eq!(
        (&record["status"], &record["city"], &record["voice"]["extension"], &record["tags"]),
        (&json!("active"), &json!("Pune"), &json!("7"), &json!([]))
    );
    let found = shell.run(&["customer", "search", "łuk", "2255"]);
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(lines[0], "id\tstatus\tname\torganization\temail\texternal_id\tcountry\tupdated_at");
    assert!(lines[1].starts_with(&format!("{id}\tactive\tZoë Łuk\t")) && lines.len() == 2, "{found}");
    shell.run(&["customer", "delete", &id]);
    shell.run(&["customer", "restore", &id]);
    let output = shell.run_with(&["customer", "add", "--email", "a@example.org", "--password-stdin", "--json"], "correct horse\n");
    let made: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(made["has_password"], true);
}

#[test]
fn lists_follow_the_pages_of_the_server() {
    let site = Site::start();
    let caller = site.bearer(1);
    for number in 0..405 {
        caller.create(&json!({"organization": format!("O{number}")}));
    }
    let shell = Shell::new(caller);
    let all = shell.run(&["customer", "list", "--all", "--json"]);
    let names: Vec<Value> = all.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["organization"].clone()).collect();
    assert_eq!(names, (0..405).map(|number| json!(format!("O{number}"))).collect::<Vec<_>>());
    let output = shell.run_with(&["customer", "list", "--limit", "3"], "");
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 4);
    assert!(String::from_utf8_lossy(&output.stderr).contains("there are more"));
}

#[test]
fn what_went_wrong_has_a_line_and_an_exit_code_of_its_own() {
    let site = Site::start();
    let shell = Shell::new(site.bearer(1));
    let (code, said) = shell.refused(&["customer", "add", "--email", "nobody", "--country-code", "xx"]);
    assert!(code == 1 && said.contains("email") && said.contains("country_code"), "{code} {said}");
    assert_eq!(shell.refused(&["customer", "get", "999"]).0, 3);
    shell.run(&["customer", "add", "--email", "a@example.org"]);
    assert_eq!(shell.refused(&["customer", "add", "--email", "a@example.org"]).0, 5);
    assert_eq!(shell.refused(&["customer", "edit", "2", "--city", "Pune", "--if-version", "9"]).0, 5);
    assert_eq!(shell.refused(&["customer", "edit", "2"]).0, 2);
    let reader = Shell::new(site.bearer_with(1, NewKey { scopes: Scopes::parse("read").unwrap(), ..NewKey::default() }));
    assert_eq!(reader.refused(&["customer", "add", "--email", "b@example.org"]).0, 4);
    let stranger = Shell::new(Bearer { key: "tnt_live_nobody".to_owned(), address: shell.caller.address });
    assert_eq!(stranger.refused(&["customer", "list"]).0, 4);
    let (code, said) = shell.refused(&["customer", "list", "--key", "x"]);
    assert!(code == 2 && said.contains("never taken from the command line"), "{code} {said}");
    let nowhere = Shell::new(Bearer { key: shell.caller.key, address: "127.0.0.1:1".parse().unwrap() });
    assert_eq!(nowhere.refused(&["customer", "list"]).0, 6);
}

#[test]
fn a_profile_keeps_the_server_and_the_key_for_its_owner_alone() {
    let site = Site::start();
    let shell = Shell::new(site.bearer(1));
    let add = |name: &str, key: &str| finished(&mut shell.command(&["profile", "add", name, "--url", &shell.url()]), key);
    assert_eq!(add("default", "tnt_live_wrong\n").status.code(), Some(4), "a key that is not let in is not kept");
    assert!(!shell.profiles().exists());
    let added = add("default", &format!("{}\n", shell.caller.key));
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    assert_eq!(std::fs::metadata(shell.profiles()).unwrap().permissions().mode() & 0o777, 0o600);
    let by_profile = |arguments: &[&str]| finished(&mut shell.command(arguments), "");
    assert!(by_profile(&["customer", "list"]).status.success());
    let listed = String::from_utf8(by_profile(&["profile", "list"]).stdout).unwrap();
    assert!(listed.contains(&shell.url()) && !listed.contains(&shell.caller.key), "{listed}");
    std::fs::set_permissions(shell.profiles(), std::fs::Permissions::from_mode(0o644)).unwrap();
    let refused = by_profile(&["customer", "list"]);
    assert!(refused.status.code() == Some(2) && String::from_utf8_lossy(&refused.stderr).contains("chmod 600"));
}

#[test]
fn shells_complete_its_commands() {
    let shell = Shell::new(Bearer { key: String::new(), address: "127.0.0.1:1".parse().unwrap() });
    for name in ["bash", "zsh", "fish"] {
        let output = finished(&mut shell.command(&["completions", name]), "");
        assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("suspend"), "{name}");
    }
}
