//! Finding what runs a client on this machine. What the client does is its own matter.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A program that runs clients, under the names that it has on different machines.
pub(crate) struct Interpreter {
    /// What a person has to install: Debian's packages.
    pub(crate) packages: &'static str,
    /// In the order in which they are tried.
    pub(crate) programs: &'static [&'static str],
    /// Arguments that end with success only when the program has all that its client needs.
    pub(crate) probe: &'static [&'static str],
}

impl Interpreter {
    /// The program to start, which finds its libraries by this environment. Where there is none, says on standard error that `client` is skipped.
    ///
    /// # Panics
    /// In CI, where a skip would hide a broken client.
    pub(crate) fn find(&self, client: &str, environment: &[(&str, &Path)]) -> Option<&'static str> {
        let found = self.programs.iter().copied().find(|program| self.works_as(program, environment));
        if found.is_none() {
            let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
            assert!(!in_ci, "{client} cannot run: install {}", self.packages);
            eprintln!("skipped: {client} (it needs {})", self.packages);
        }
        found
    }

    fn works_as(&self, program: &str, environment: &[(&str, &Path)]) -> bool {
        let mut probe = Command::new(program);
        probe.args(self.probe).envs(environment.iter().copied()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        probe.status().is_ok_and(|status| status.success())
    }
}

/// Runs a client to its end, which it must come to in time.
pub(crate) fn run_to_its_end(client: &mut Command, limit: Duration) -> Output {
    let mut client = client
        // Nothing stands between a client and a server on this machine, and no file may appear in the tree.
        .env("NO_PROXY", "127.0.0.1")
        .env("no_proxy", "127.0.0.1")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the probe has started the same program");
    let deadline = Instant::now() + limit;
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

/// What a client printed, on both ways.
pub(crate) fn text_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
