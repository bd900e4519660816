//! `tenantry quota` and `tenantry key import --scheme basic`, with the server running and stopped.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tenantry_testkit::postgres::over;
use tenantry_testkit::{Store, basic};

use crate::harness::call;

fn tenantry(data: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenantry"));
    over(&mut command, data).args(arguments).arg("--data").arg(data).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that reads nothing may be gone before this is written.
    let _unread = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn refused(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn balances_are_moved_once_and_shown() {
    let store = Store::make(env!("CARGO_BIN_EXE_tenantry"));
    let server = store.serve();
    let body = br#"{"name":"A","email":"a@example.org","sms_quota":5}"#;
    let authorization = basic("1", &store.api_key);
    assert_eq!(call(server.address, "POST", "/api/2.0/customers", &[("Authorization", &authorization)], body).status, 201);
    let quota = |verb: &str, more: &[&str]| tenantry(&store.data, &[&["quota", verb, "--account", "2"], more].concat(), "");
    let grant = ["--channel", "sms", "--units", "10", "--reason", "invoice 7", "--key", "inv-7"];
    assert_eq!(printed(&quota("grant", &grant)), "15 units of sms are left\n");
    assert_eq!(printed(&quota("grant", &grant)), "15 units of sms are left (as before: nothing was moved)\n");
    assert_eq!(server.stop(), Some(0));
    let consume = |units: &str| quota("consume", &["--channel", "sms", "--units", units, "--reason", "sent"]);
    assert_eq!(printed(&consume("15")), "0 units of sms are left\n", "without a server, too");
    assert!(refused(&consume("1")).contains("0 are left"));
    for (more, why) in [
        (["--channel", "fax", "--units", "1", "--reason", "x"], "fax"),
        (["--channel", "sms", "--units", "2147483648", "--reason", "x"], "2147483647"),
        (["--channel", "sms", "--units", "1", "--reason", ""], "--reason"),
        (["--channel", "sms", "--units", "-1", "--reason", "x"], "2147483647"),
    ] {
        assert!(refused(&quota("grant", &more)).contains(why), "{more:?}");
    }
    let lines: Value = serde_json::from_str(&printed(&quota("show", &["--json"]))).unwrap();
    let said: Vec<_> =
        lines.as_array().unwrap().iter().map(|line| (line["kind"].as_str().unwrap(), line["amount"].as_i64().unwrap())).collect();
    assert_eq!(said, [("consume", -15), ("grant", 10), ("set", 5)]);
    assert!(printed(&quota("show", &[])).contains("invoice 7"));
    assert!(refused(&tenantry(&store.data, &["quota", "show", "--account", "9"], "")).contains("no such account"));
}

#[test]
fn a_key_of_the_old_system_is_taken_over_and_never_seen() {
    let store = Store::make(env!("CARGO_BIN_EXE_tenantry"));
    let server = store.serve();
    let import = |arguments: &[&str], input: &str| {
        tenantry(&store.data, &[&["key", "import", "--account", "1", "--scheme", "basic"], arguments].concat(), input)
    };
    let key = "0123456789abcdefghijABCDEFGHIJXY_42";
    let said = printed(&import(&[], &format!("{key}\n")));
    assert!(!said.contains(&key[..12]), "{said}");
    let get = |key: &str| call(server.address, "GET", "/api/2.0/customers", &[("Authorization", &basic("1", key))], b"").status;
    assert_eq!((get(key), get(&key[..32])), (200, 401));
    for input in ["", "short", "0123456789abcdefghijABCDEFGHIJ-Y"] {
        assert!(refused(&import(&[], input)).contains("32 letters and digits"), "{input:?}");
    }
    let neither = refused(&tenantry(&store.data, &["key", "import", "--account", "1"], ""));
    assert!(neither.contains("--public and --hash"), "{neither}");
    assert!(refused(&import(&["--public", "x"], key)).contains("standard input"));
    assert!(refused(&tenantry(&store.data, &["key", "import", "--account", "1", "--scheme", "bearer"], key)).contains("bearer"));
    assert!(printed(&tenantry(&store.data, &["key", "list", "--account", "1"], "")).contains("01234567"));
}
