//! A PostgreSQL server of a test's own, whose settings it may change: in a temporary folder, on a free port of this machine, as a user without privileges.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::postgres::Database;

/// A server; stopped when it is dropped.
pub struct PrivateServer {
    folder: TempDir,
    port: u16,
}

/// A port of loopback that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port of loopback").port()
}

/// The programs of the newest PostgreSQL that is installed.
pub fn newest_bin() -> Option<PathBuf> {
    let installed = fs::read_dir("/usr/lib/postgresql").ok()?;
    let newest = installed.filter_map(|entry| entry.ok()?.file_name().into_string().ok()?.parse::<u32>().ok()).max()?;
    Some(Path::new("/usr/lib/postgresql").join(newest.to_string()).join("bin"))
}

/// A program as a user without privileges, in a group of processes of its own: PostgreSQL refuses to run as root.
pub fn unprivileged(program: impl AsRef<Path>, log: &Path) -> Command {
    let program = program.as_ref();
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    let log = fs::File::options().create(true).append(true).open(log).expect("a log");
    let errors = log.try_clone().expect("a log");
    command.stdin(Stdio::null()).stdout(log).stderr(errors).process_group(0);
    command
}

/// A folder that anybody may write to, for programs that run as another user.
pub fn open_folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary directory");
    open_to_all(folder.path());
    folder
}

/// Lets anybody write into a folder.
pub fn open_to_all(folder: &Path) {
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o777)).expect("the folder's mode is ours");
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0)
}

impl PrivateServer {
    /// Starts a server with these lines in its configuration; they may use `{folder}`, where `certificate.pem` and `key.pem` of `127.0.0.1` are. `None` where
    /// PostgreSQL is missing; in CI it is there, or the test fails.
    pub fn start(settings: &str) -> Option<Self> {
        if newest_bin().is_none() {
            assert!(std::env::var_os("CI").is_none(), "PostgreSQL is missing");
            return None;
        }
        let server = Self { folder: open_folder(), port: free_port() };
        server.make_certificate();
        server.run("initdb", &["-D", "data", "-U", "tenantry", "-E", "UTF8", "--locale=C.UTF-8", "--auth=trust"]);
        let own = "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\n";
        let settings = settings.replace("{folder}", &server.folder.path().display().to_string());
        let configuration = server.folder.path().join("data/postgresql.auto.conf");
        fs::write(&configuration, [own, &settings].concat()).expect("the server's configuration");
        if is_root() {
            // What it is changed by later belongs to the server's user.
            let status = Command::new("chown").arg("postgres").arg(&configuration).status().expect("chown starts");
            assert!(status.success(), "the configuration is the server's");
        }
        server.start_again();
        Some(server)
    }

    /// A standby of this server, which follows it until it is promoted.
    pub fn standby(&self) -> Self {
        let standby = Self { folder: open_folder(), port: free_port() };
        let port = self.port.to_string();
        standby.run("pg_basebackup", &["-h", "127.0.0.1", "-p", &port, "-U", "tenantry", "-D", "data", "-R", "-X", "stream", "-c", "fast"]);
        standby.start_again();
        standby
    }

    /// Makes a standby a primary, which begins a new timeline.
    pub fn promote(&self) {
        self.run("pg_ctl", &["-D", "data", "-w", "promote"]);
    }

    /// Ends it as the end of its machine would.
    pub fn stop(&self) {
        self.run("pg_ctl", &["-D", "data", "-m", "immediate", "stop"]);
    }

    /// Starts it again as it was.
    pub fn start_again(&self) {
        self.run("pg_ctl", &["-D", "data", "-l", "server.log", "-o", &format!("-p {}", self.port), "-w", "start"]);
    }

    /// Runs a program of PostgreSQL's in the server's folder, to its good end.
    fn run(&self, name: &str, arguments: &[&str]) {
        let program = newest_bin().expect("PostgreSQL is installed").join(name);
        self.run_program(&program, arguments);
    }

    fn run_program(&self, program: &Path, arguments: &[&str]) {
        let (folder, log) = (self.folder.path(), self.folder.path().join("log"));
        let status = unprivileged(program, &log).current_dir(folder).args(arguments).status().expect("the program starts");
        assert!(status.success(), "{}: {}", program.display(), fs::read_to_string(&log).unwrap_or_default());
    }

    fn make_certificate(&self) {
        #[rustfmt::skip]
        let arguments = [
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=tenantry", "-keyout", "key.pem", "-out", "certificate.pem",
            "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE",
        ];
        self.run_program(Path::new("openssl"), &arguments);
    }

    /// Its first database.
    pub fn database(&self) -> Database {
        Database::at(&self.url())
    }

    /// The address of its first database.
    pub fn url(&self) -> String {
        format!("postgres://tenantry@{}/postgres", self.host())
    }

    /// Its host and port.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The certificate that it shows, which vouches for itself.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        let stop = newest_bin().map(|bin| {
            let mut stop = unprivileged(bin.join("pg_ctl"), &self.folder.path().join("log"));
            stop.current_dir(self.folder.path()).args(["-D", "data", "-m", "immediate", "stop"]).status()
        });
        drop(stop);
    }
}
