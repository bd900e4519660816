//! Stores and the servers over them, each server a process of its own.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Value;
use tempfile::TempDir;

use crate::Connection;
use crate::postgres::{Database, over, put};

/// A store that `tenantry init` made, with its first provider's keys.
pub struct Store {
    program: PathBuf,
    /// The data directory.
    pub data: PathBuf,
    /// The provider's account.
    pub account_id: i64,
    /// The public part of its key pair.
    pub public_key: String,
    /// The private part.
    pub private_key: String,
    /// Its secret key for HTTP Basic.
    pub api_key: String,
    directory: Option<TempDir>,
}

impl Store {
    /// Makes a store in a temporary directory that goes when the store does.
    pub fn make(program: impl AsRef<Path>) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let store = Self::make_in(program, &directory.path().join("data"));
        Self { directory: Some(directory), ..store }
    }

    /// Makes a store in this directory.
    pub fn make_in(program: impl AsRef<Path>, data: &Path) -> Self {
        let mut command = Command::new(program.as_ref());
        let output = over(&mut command, data).args(["init", "--json", "--data"]).arg(data).output().expect("the program starts");
        assert!(output.status.success(), "init failed: {}", String::from_utf8_lossy(&output.stderr));
        let made: Value = serde_json::from_slice(&output.stdout).expect("init prints JSON");
        let text = |name: &str| made[name].as_str().expect("init prints keys").to_owned();
        Self {
            program: program.as_ref().to_owned(),
            data: data.to_owned(),
            account_id: made["account_id"].as_i64().expect("init prints the account"),
            public_key: text("public_key"),
            private_key: text("private_key"),
            api_key: text("api_key"),
            directory: None,
        }
    }

    /// The same store for one more server: a data directory of its own, with the same pepper. Only over a database server.
    pub fn one_more(&self, database: &Arc<Database>) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let data = directory.path().join("data");
        std::fs::create_dir(&data).expect("a directory");
        std::fs::copy(self.data.join("pepper.key"), data.join("pepper.key")).expect("the pepper is copied");
        put(&data, database);
        Self {
            program: self.program.clone(),
            data,
            account_id: self.account_id,
            public_key: self.public_key.clone(),
            private_key: self.private_key.clone(),
            api_key: self.api_key.clone(),
            directory: Some(directory),
        }
    }

    /// Makes a store in a database, for a server with a data directory of its own.
    pub fn make_over(program: impl AsRef<Path>, database: &Arc<Database>) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let data = directory.path().join("data");
        put(&data, database);
        let store = Self::make_in(program, &data);
        Self { directory: Some(directory), ..store }
    }

    /// The same store after it was moved to another data directory.
    #[must_use]
    pub fn moved_to(self, data: &Path) -> Self {
        Self { data: data.to_owned(), ..self }
    }

    /// The query that signs this provider's calls.
    pub fn query(&self) -> String {
        let query = format!("actingUserID={}&auth={}", self.account_id, self.public_key);
        let hash = digest(&SHA256, format!("{}{query}", self.private_key).as_bytes());
        let hash: String = hash.as_ref().iter().map(|octet| format!("{octet:02x}")).collect();
        format!("{query}&hash={hash}")
    }

    /// Starts a server over the store and waits until it listens.
    pub fn serve(&self) -> Server {
        self.serve_under::<&str>(&[], &[])
    }

    /// Starts a server under another program (a tracer, say), with more environment.
    pub fn serve_under<S: AsRef<OsStr>>(&self, wrapper: &[S], environment: &[(&str, &str)]) -> Server {
        let mut command = match wrapper.split_first() {
            Some((program, arguments)) => {
                let mut command = Command::new(program);
                command.args(arguments).arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&self.data).envs(environment.iter().copied());
        over(&mut command, &self.data).stderr(Stdio::null());
        Server::start(command)
    }

    /// The directory around the data, for what a test keeps beside it.
    pub fn beside(&self) -> &Path {
        self.directory.as_ref().map_or(&self.data, |directory| directory.path())
    }
}

/// The process that a wrapper started, or the wrapper itself where it became the server.
fn server_below(wrapper: u32) -> u32 {
    let children = std::fs::read_to_string(format!("/proc/{wrapper}/task/{wrapper}/children")).unwrap_or_default();
    children.split_whitespace().next().and_then(|pid| pid.parse().ok()).unwrap_or(wrapper)
}

/// A server in a process of its own; killed when it is dropped.
pub struct Server {
    child: Child,
    /// The server's process, below its wrapper when it has one.
    pub pid: u32,
    /// Where it listens.
    pub address: SocketAddr,
    /// What it printed before it listened.
    pub greeting: String,
}

impl Server {
    /// Starts a command that is a server, or becomes one, and waits until it listens.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut greeting = String::new();
        let lines = BufReader::new(child.stdout.take().expect("standard output is piped")).lines();
        for line in lines.map(|line| line.expect("standard output is text")) {
            if let Some((_, address)) = line.strip_prefix("listening on ").and_then(|url| url.split_once("://")) {
                let pid = server_below(child.id());
                return Self { child, pid, address: address.parse().expect("an address"), greeting };
            }
            greeting.push_str(&line);
            greeting.push('\n');
        }
        panic!("the server ended before it listened: {:?}, {greeting}", child.wait());
    }

    /// Where it listens, as clients write it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A connection to it.
    pub fn connect(&self) -> std::io::Result<Connection> {
        Connection::open(self.address)
    }

    /// Sends a signal, by its name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.pid.to_string()]).stderr(Stdio::null()).status();
        assert!(sent.is_ok(), "kill cannot be started");
    }

    /// Kills it as a power cut would end it, but for the page cache, and waits for its end.
    pub fn kill(mut self) {
        self.signal("KILL");
        self.child.wait().expect("the server is our child");
    }

    /// Asks it to stop, waits for its end, and gives its exit code.
    pub fn stop(mut self) -> Option<i32> {
        self.signal("TERM");
        self.child.wait().expect("the server is our child").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // Below a wrapper the server is not our child. A machine without `kill` leaves it; an assertion here would abort the other tests.
            let _no_kill = Command::new("kill").args(["-KILL", &self.pid.to_string()]).stderr(Stdio::null()).status().is_err();
            let _ended_already = self.child.kill().is_err();
            let _reaped = self.child.wait().is_err();
        }
    }
}
