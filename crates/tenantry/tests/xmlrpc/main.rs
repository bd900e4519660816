//! Real XML-RPC clients, one of each language and a bare socket, against the real server: what each does and checks stands in its own script. Beside the server runs a
//! second one with the conformance methods of UserLand, over the same codec and the same listener.

#![expect(clippy::expect_used, clippy::print_stderr, reason = "a test that cannot go on ends here, and says what it skips")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use interpreter::{Interpreter, run_to_its_end, text_of};
use tenantry_testkit::Store;
use validator::Validator;

#[path = "../clients/interpreter.rs"]
mod interpreter;
mod socket;
mod validator;

/// Longer than any client takes (one compiles itself first), short enough that a hanging one is noticed.
const CLIENT_LIMIT: Duration = Duration::from_secs(90);

/// What each client must have done.
const STEPS: [&str; 9] = ["create", "get", "update", "list", "package", "fault", "credentials", "validator", "delete"];

const PYTHON: Interpreter =
    Interpreter { packages: "python3", programs: &["python3", "/usr/bin/python3"], probe: &["-c", "import xmlrpc.client"] };
const PHP: Interpreter = Interpreter {
    packages: "php-cli php-curl php-xmlrpc",
    programs: &["php"],
    probe: &["-r", "exit(extension_loaded('curl') && function_exists('xmlrpc_encode_request') ? 0 : 1);"],
};
const RUBY: Interpreter =
    Interpreter { packages: "ruby-xmlrpc", programs: &["ruby", "/usr/bin/ruby"], probe: &["-e", "require 'xmlrpc/client'"] };
const PERL: Interpreter =
    Interpreter { packages: "librpc-xml-perl", programs: &["perl", "/usr/bin/perl"], probe: &["-e", "use RPC::XML::Client"] };
const C: Interpreter = Interpreter {
    packages: "gcc libxmlrpc-core-c3-dev",
    programs: &["bash"],
    probe: &["-c", "echo '#include <xmlrpc-c/client.h>' | cc -fsyntax-only -x c -"],
};
const NODE: Interpreter = Interpreter { packages: "nodejs npm", programs: &["node", "nodejs"], probe: &["-e", "require('xmlrpc')"] };

#[test]
fn python() {
    takes_every_step(&PYTHON, "client.py");
}

#[test]
fn php() {
    takes_every_step(&PHP, "client.php");
}

#[test]
fn ruby() {
    takes_every_step(&RUBY, "client.rb");
}

#[test]
fn perl() {
    takes_every_step(&PERL, "client.pl");
}

#[test]
fn c() {
    takes_every_step(&C, "client.sh");
}

#[test]
fn node() {
    takes_every_step(&NODE, "client.mjs");
}

/// Where `.ci/needs` puts what comes from npm.
fn npm_folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("../npm/xmlrpc/node_modules")
}

fn takes_every_step(interpreter: &Interpreter, script: &str) {
    let Some(program) = interpreter.find(script, &[("NODE_PATH", &npm_folder())]) else { return };
    let store = Store::make(env!("CARGO_BIN_EXE_tenantry"));
    let server = store.serve();
    let validator = Validator::start();
    let output = run(program, script, &server.url(), &store, &validator.url());
    let log = text_of(&output);
    assert!(output.status.success(), "{script} ended with {}:\n{log}", output.status);
    for step in STEPS {
        assert!(log.contains(&format!("ok  {step}  ")), "{script} did not {step}:\n{log}");
    }
    assert!(log.trim_end().lines().last().is_some_and(|line| line.starts_with("ok  done")), "{script} did not come to its end:\n{log}");
    assert!(!log.contains(&store.api_key), "{script} printed the key:\n{log}");
}

/// Runs a client to its end, which it must come to in time.
fn run(program: &str, script: &str, url: &str, store: &Store, validator_url: &str) -> Output {
    let mut client = Command::new(program);
    client
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/xmlrpc").join(script))
        .env("TENANTRY_URL", url)
        .env("TENANTRY_USER", store.account_id.to_string())
        .env("TENANTRY_KEY", &store.api_key)
        .env("VALIDATOR_URL", validator_url)
        .env("NODE_PATH", npm_folder());
    run_to_its_end(&mut client, CLIENT_LIMIT)
}
