//! The clients of `examples/wwwengine`, run as their users run them, against the real server. What each checks stands in its own file;
//! here only that it runs to its end, meets every status, and would notice a server that answers otherwise.

#![expect(clippy::expect_used, clippy::print_stderr, reason = "a test that cannot go on ends here, and says what it skips")]

use std::{
    path::Path,
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use interpreter::{BASH, Interpreter, NODE, PHP, PYTHON};
use tenantry_testkit::Store;

mod interpreter;

/// Longer than any client takes, short enough that a hanging one is noticed.
const CLIENT_LIMIT: Duration = Duration::from_secs(60);

/// What each client must have met: success, and every refusal of the dialect that a client can bring about by what it sends.
const STATUSES: [&str; 6] = ["200", "400", "401", "404", "409", "422"];

#[test]
fn curl() {
    leads_a_customer_through_its_life(&BASH, "curl.sh");
}

#[test]
fn php() {
    leads_a_customer_through_its_life(&PHP, "portal.php");
}

#[test]
fn python() {
    leads_a_customer_through_its_life(&PYTHON, "portal.py");
}

#[test]
fn node() {
    leads_a_customer_through_its_life(&NODE, "portal.mjs");
}

/// Whoever copies a client must learn of a server that does not answer as documented: here, one that knows another key.
#[test]
fn each_client_fails_when_an_answer_is_not_the_documented_one() {
    let store = Store::make(env!("CARGO_BIN_EXE_tenantry"));
    let server = store.serve();
    let wrong_key = "f".repeat(64);
    for (interpreter, script) in [(&BASH, "curl.sh"), (&PHP, "portal.php"), (&PYTHON, "portal.py"), (&NODE, "portal.mjs")] {
        let Some(program) = interpreter.find(script) else { continue };
        let output = run(program, script, &server.url(), &store, &wrong_key);
        assert!(!output.status.success(), "{script} did not notice that its first call was refused:\n{}", text_of(&output));
        assert!(!text_of(&output).contains(&wrong_key), "{script} printed the private key:\n{}", text_of(&output));
    }
}

fn leads_a_customer_through_its_life(interpreter: &Interpreter, script: &str) {
    let Some(program) = interpreter.find(script) else { return };
    let store = Store::make(env!("CARGO_BIN_EXE_tenantry"));
    let server = store.serve();
    let output = run(program, script, &server.url(), &store, &store.private_key);
    let log = text_of(&output);
    assert!(output.status.success(), "{script} ended with {}:\n{log}", output.status);
    for status in STATUSES {
        assert!(log.contains(&format!("ok  {status}  ")), "{script} met no {status}:\n{log}");
    }
    assert!(log.trim_end().ends_with("ok  200  the customer is deleted"), "{script} did not come to its end:\n{log}");
}

/// Runs a client to its end, which it must come to in time.
fn run(program: &str, script: &str, url: &str, store: &Store, private_key: &str) -> Output {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/wwwengine");
    let mut client = Command::new(program)
        .arg(examples.join(script))
        .env("TENANTRY_URL", url)
        .env("TENANTRY_ACCOUNT", store.account_id.to_string())
        .env("TENANTRY_PUBLIC_KEY", &store.public_key)
        .env("TENANTRY_PRIVATE_KEY", private_key)
        // Nothing stands between a client and a server on this machine, and no file may appear in the tree.
        .env("NO_PROXY", "127.0.0.1")
        .env("no_proxy", "127.0.0.1")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the probe has started the same program");
    let deadline = Instant::now() + CLIENT_LIMIT;
    // What a client prints fits the pipes, so that waiting first and reading afterwards cannot block it.
    while client.try_wait().expect("the client is our child").is_none() {
        if Instant::now() > deadline {
            client.kill().expect("the client is our child");
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    client.wait_with_output().expect("the client is our child")
}

fn text_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
