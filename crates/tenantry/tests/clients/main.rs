//! The clients of `examples`, run as their users run them, against the real server. What each checks stands in its own file; here only that it runs to
//! its end, meets every status, and would notice a server that answers otherwise.

#![expect(clippy::expect_used, clippy::print_stderr, reason = "a test that cannot go on ends here, and says what it skips")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use interpreter::{Interpreter, run_to_its_end, text_of};
use tenantry_testkit::Store;

mod document;
mod interpreter;

/// Longer than any client takes, short enough that a hanging one is noticed.
const CLIENT_LIMIT: Duration = Duration::from_secs(60);

const BASH: Interpreter =
    Interpreter { packages: "bash curl", programs: &["bash"], probe: &["-c", "command -v curl && command -v sha256sum"] };

const PHP: Interpreter =
    Interpreter { packages: "php-cli php-curl", programs: &["php"], probe: &["-r", "exit(extension_loaded('curl') ? 0 : 1);"] };

/// A `python3` from elsewhere may stand on the PATH before Debian's, and lack its packages.
const PYTHON: Interpreter =
    Interpreter { packages: "python3-requests", programs: &["python3", "/usr/bin/python3"], probe: &["-c", "import requests"] };

const NODE: Interpreter =
    Interpreter { packages: "nodejs", programs: &["node", "nodejs"], probe: &["-e", "process.exit(typeof fetch === 'function' ? 0 : 1)"] };

/// A dialect's folder of examples, and what each client in it must have met: success, and every refusal that a client can bring about by what it sends.
struct Dialect {
    folder: &'static str,
    statuses: &'static [&'static str],
    clients: &'static [(&'static Interpreter, &'static str)],
}

const WWWENGINE: Dialect = Dialect {
    folder: "wwwengine",
    statuses: &["200", "400", "401", "404", "409", "422"],
    clients: &[(&BASH, "curl.sh"), (&PHP, "portal.php"), (&PYTHON, "portal.py"), (&NODE, "portal.mjs")],
};

const EVERLYTIC: Dialect = Dialect {
    folder: "everlytic",
    statuses: &["200", "201", "400", "401", "404", "409", "422"],
    clients: &[(&BASH, "curl.sh"), (&PHP, "portal.php"), (&PYTHON, "portal.py")],
};

#[test]
fn wwwengine_clients_lead_a_customer_through_its_life() {
    WWWENGINE.clients.iter().for_each(|(interpreter, script)| WWWENGINE.leads_a_customer_through_its_life(interpreter, script));
}

#[test]
fn everlytic_clients_lead_a_customer_through_its_life() {
    EVERLYTIC.clients.iter().for_each(|(interpreter, script)| EVERLYTIC.leads_a_customer_through_its_life(interpreter, script));
}

/// Whoever copies a client must learn of a server that does not answer as documented: here, one that knows another key.
#[test]
fn each_client_fails_when_an_answer_is_not_the_documented_one() {
    for dialect in [WWWENGINE, EVERLYTIC] {
        let mut store = Store::make(env!("CARGO_BIN_EXE_tenantry"));
        let server = store.serve();
        let wrong_key = "f".repeat(64);
        store.private_key.clone_from(&wrong_key);
        store.api_key = wrong_key[..32].to_owned();
        for (interpreter, script) in dialect.clients {
            let Some(program) = interpreter.find(script, &[]) else { continue };
            let output = dialect.run(program, script, &server.url(), &store);
            assert!(!output.status.success(), "{script} did not notice that its first call was refused:\n{}", text_of(&output));
            assert!(!text_of(&output).contains(&store.api_key), "{script} printed a key:\n{}", text_of(&output));
        }
    }
}

impl Dialect {
    fn leads_a_customer_through_its_life(&self, interpreter: &Interpreter, script: &str) {
        let Some(program) = interpreter.find(script, &[]) else { return };
        let store = Store::make(env!("CARGO_BIN_EXE_tenantry"));
        let server = store.serve();
        let output = self.run(program, script, &server.url(), &store);
        let log = text_of(&output);
        assert!(output.status.success(), "{script} ended with {}:\n{log}", output.status);
        for status in self.statuses {
            assert!(log.contains(&format!("ok  {status}  ")), "{script} met no {status}:\n{log}");
        }
        assert!(log.trim_end().ends_with("ok  200  the customer is deleted"), "{script} did not come to its end:\n{log}");
    }

    fn run(&self, program: &str, script: &str, url: &str, store: &Store) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(self.folder).join(script);
        run(program, &script, url, store, &[])
    }
}

/// Runs a client to its end, which it must come to in time.
fn run(program: &str, script: &PathBuf, url: &str, store: &Store, more: &[(&str, &str)]) -> Output {
    let mut client = Command::new(program);
    client
        .arg(script)
        .env("TENANTRY_URL", url)
        .env("TENANTRY_ACCOUNT", store.account_id.to_string())
        .env("TENANTRY_PUBLIC_KEY", &store.public_key)
        .env("TENANTRY_PRIVATE_KEY", &store.private_key)
        .env("TENANTRY_USER", store.account_id.to_string())
        .env("TENANTRY_KEY", &store.api_key)
        .envs(more.iter().copied());
    run_to_its_end(&mut client, CLIENT_LIMIT)
}
