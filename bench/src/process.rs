//! Servers as child processes: the real one, and the bare one that it is compared with.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use tenantry::Failure;

use crate::machine;

/// A start that takes longer than this has failed.
const START_PATIENCE: Duration = Duration::from_secs(60);
/// How often readiness is asked for.
const ASK_EVERY: Duration = Duration::from_millis(1);

/// A child that ends with its owner, however that ends.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // Without a goodbye: a start after this is one after a crash.
        if self.0.kill().and_then(|()| self.0.wait()).is_err() {
            crate::note("a server could not be stopped");
        }
    }
}

/// A server that listens; killed when dropped.
pub(crate) struct Server {
    child: Killed,
    /// Kept open: a server that cannot write its words would end.
    _words: BufReader<ChildStdout>,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// From the start of the process until `/readyz` said 200.
    pub(crate) ready_after: Duration,
}

impl Server {
    /// `tenantry serve` over a data directory, with default settings and nothing in its environment.
    pub(crate) fn tenantry(data: &Path) -> Result<Self, Failure> {
        let mut command = Command::new(beside_this("tenantry")?);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).current_dir(data);
        Self::start(command, data, "/readyz")
    }

    /// The bare server, answering a constant of this many octets.
    pub(crate) fn bare(octets: usize, directory: &Path) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bare", "--octets", &octets.to_string()]);
        Self::start(command, directory, "/user/1")
    }

    fn start(mut command: Command, directory: &Path, ready: &str) -> Result<Self, Failure> {
        let log = std::fs::File::create(directory.join("server.log"))?;
        let begun = Instant::now();
        let mut child = Killed(command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn()?);
        let stdout = child.0.stdout.take().ok_or_else(|| Failure("the server has no output".to_owned()))?;
        let mut words = BufReader::new(stdout);
        let address = loop {
            let mut line = String::new();
            if words.read_line(&mut line)? == 0 {
                let log = std::fs::read_to_string(directory.join("server.log")).unwrap_or_default();
                return Err(Failure(format!("the server ended at once: {log}")));
            }
            if let Some((_, address)) = line.trim().split_once("listening on http://") {
                break address.parse().map_err(|error| Failure(format!("{address}: {error}")))?;
            }
        };
        while get(address, ready).is_none_or(|answer| !answer.starts_with("HTTP/1.1 200")) {
            if begun.elapsed() > START_PATIENCE {
                return Err(Failure(format!("{ready} was not answered with 200")));
            }
            std::thread::sleep(ASK_EVERY);
        }
        Ok(Self { child, _words: words, address, ready_after: begun.elapsed() })
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.0.id()
    }

    /// Its resident memory, in MiB.
    pub(crate) fn resident_mib(&self) -> Result<f64, Failure> {
        machine::resident_mib(self.pid())
    }

    /// One call, on a connection of its own: the body of an answer with status 200.
    pub(crate) fn call(&self, target: &str) -> Result<serde_json::Value, Failure> {
        let answer = get(self.address, target).ok_or_else(|| Failure("the server does not answer".to_owned()))?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| Failure("an answer without a body".to_owned()))?;
        if !head.starts_with("HTTP/1.1 200") {
            return Err(Failure(format!("GET was answered: {answer}")));
        }
        Ok(serde_json::from_str(body)?)
    }
}

fn get(address: SocketAddr, target: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.write_all(format!("GET {target} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

/// A program that cargo built into the same directory.
fn beside_this(name: &str) -> Result<PathBuf, Failure> {
    let path = std::env::current_exe()?.with_file_name(name);
    if path.exists() {
        Ok(path)
    } else {
        Err(Failure(format!("{} is missing: cargo build --profile dist --package tenantry", path.display())))
    }
}

/// Builds the server beside this bench, when cargo started it: a run of one package builds no other package's binary.
pub(crate) fn build() -> Result<(), Failure> {
    let Some(cargo) = std::env::var_os("CARGO") else { return Ok(()) };
    let built = Command::new(cargo).args(["build", "--profile", "dist", "--quiet", "--package", "tenantry"]).status()?;
    if built.success() { Ok(()) } else { Err(Failure("the server could not be built".to_owned())) }
}
