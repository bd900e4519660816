//! Finding what runs a client on this machine. What the client does is its own matter.

use std::process::{Command, Stdio};

/// A program that runs clients, under the names that it has on different machines.
pub(crate) struct Interpreter {
    /// What a person has to install: Debian's packages.
    pub(crate) packages: &'static str,
    /// In the order in which they are tried.
    pub(crate) programs: &'static [&'static str],
    /// Arguments that end with success only when the program has all that its client needs.
    pub(crate) probe: &'static [&'static str],
}

pub(crate) const BASH: Interpreter =
    Interpreter { packages: "bash curl", programs: &["bash"], probe: &["-c", "command -v curl && command -v sha256sum"] };

pub(crate) const PHP: Interpreter =
    Interpreter { packages: "php-cli php-curl", programs: &["php"], probe: &["-r", "exit(extension_loaded('curl') ? 0 : 1);"] };

/// A `python3` from elsewhere may stand on the PATH before Debian's, and lack its packages.
pub(crate) const PYTHON: Interpreter =
    Interpreter { packages: "python3-requests", programs: &["python3", "/usr/bin/python3"], probe: &["-c", "import requests"] };

pub(crate) const NODE: Interpreter =
    Interpreter { packages: "nodejs", programs: &["node", "nodejs"], probe: &["-e", "process.exit(typeof fetch === 'function' ? 0 : 1)"] };

impl Interpreter {
    /// The program to start. Where there is none, says on standard error that `client` is skipped.
    ///
    /// # Panics
    /// In CI, where a skip would hide a broken client.
    pub(crate) fn find(&self, client: &str) -> Option<&'static str> {
        let found = self.programs.iter().copied().find(|program| self.works_as(program));
        if found.is_none() {
            let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
            assert!(!in_ci, "{client} cannot run: install {}", self.packages);
            eprintln!("skipped: {client} (it needs {})", self.packages);
        }
        found
    }

    fn works_as(&self, program: &str) -> bool {
        let mut probe = Command::new(program);
        probe.args(self.probe).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        probe.status().is_ok_and(|status| status.success())
    }
}
