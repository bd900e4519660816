//! Three PostgreSQL servers under Patroni, which agree by etcd, on this machine's loopback (Debian packages).

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tenantry_testkit::postgres::Database;
use tenantry_testkit::private::{free_port, newest_bin, open_folder, open_to_all, unprivileged};

/// Patroni's times (https://patroni.readthedocs.io/en/latest/dynamic_configuration.html): how long a primary may be silent, and how often each looks.
const TTL_SECONDS: u64 = 20;
const LOOP_WAIT_SECONDS: u64 = 2;
const NODES: usize = 3;
const PASSWORD: &str = "only-on-loopback";
/// Lines of each node's log that are shown when a test fails.
const LINES_SHOWN: usize = 60;
/// How long a cluster has to stay whole before it is: two turns of Patroni's loop, and some.
const SETTLED: Duration = Duration::from_secs(2 * LOOP_WAIT_SECONDS + 1);
/// How long a cluster may take to form, or to become whole again.
const PATIENCE: Duration = Duration::from_secs(90);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replication {
    Synchronous,
    Asynchronous,
}

struct Node {
    postgres: u16,
    rest: u16,
    folder: PathBuf,
    patroni: Mutex<Option<Child>>,
}

pub(crate) struct Cluster {
    nodes: Vec<Node>,
    replication: Replication,
    etcd: Child,
    _folder: TempDir,
}

fn wait_for(what: &str, mut there: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !there() {
        assert!(begun.elapsed() < PATIENCE, "{what} took too long");
        std::thread::sleep(Duration::from_millis(100));
    }
}

impl Cluster {
    pub(crate) fn start(replication: Replication) -> Option<Self> {
        let is_there = |program: &str| Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
        if !["etcd", "patroni"].into_iter().all(is_there) {
            assert!(std::env::var_os("CI").is_none(), "etcd or patroni is missing");
            println!("skipped: etcd or patroni is missing");
            return None;
        }
        let folder = open_folder();
        let (client, peer) = (free_port(), free_port());
        let (client_url, peer_url) = (format!("http://127.0.0.1:{client}"), format!("http://127.0.0.1:{peer}"));
        let etcd = unprivileged("etcd", &folder.path().join("etcd.log"))
            // Patroni before 3.1 renews its lock unconditionally over etcd's newer interface: a primary that stood still may take it back from its successor,
            // and the cluster then throws away what was acknowledged in the meantime. Over the older one it compares first.
            .args(["--enable-v2", "--name", "e", "--data-dir"])
            .arg(folder.path().join("etcd"))
            .args(["--listen-client-urls", &client_url, "--advertise-client-urls", &client_url])
            .args([
                "--listen-peer-urls",
                &peer_url,
                "--initial-advertise-peer-urls",
                &peer_url,
                "--initial-cluster",
                &format!("e={peer_url}"),
            ])
            .spawn()
            .unwrap();
        wait_for("etcd", || TcpStream::connect(("127.0.0.1", client)).is_ok());
        let nodes = (0..NODES)
            .map(|number| {
                let own = folder.path().join(format!("n{number}"));
                fs::create_dir(&own).unwrap();
                open_to_all(&own);
                let node = Node { postgres: free_port(), rest: free_port(), folder: own, patroni: Mutex::new(None) };
                fs::write(node.folder.join("patroni.yml"), configuration(number, &node, client, replication)).unwrap();
                node
            })
            .collect();
        let cluster = Self { nodes, replication, etcd, _folder: folder };
        for number in 0..NODES {
            cluster.revive(number);
            // The first makes the cluster; the others follow it.
            wait_for("the first primary", || number > 0 || cluster.role(0) == Some("master".to_owned()));
        }
        cluster.wait_until_whole();
        Some(cluster)
    }

    /// A database in the cluster, reached through all nodes.
    pub(crate) fn database(&self) -> Arc<Database> {
        let hosts: Vec<String> = self.nodes.iter().map(|node| format!("127.0.0.1:{}", node.postgres)).collect();
        let of_psql = "target_session_attrs=read-write&connect_timeout=3";
        Arc::new(Database::at(&format!("postgres://tenantry:{PASSWORD}@{}/postgres?{of_psql}", hosts.join(","))))
    }

    /// Within what time Patroni notices that a primary is gone.
    pub(crate) fn noticed_within(&self) -> Duration {
        Duration::from_secs(TTL_SECONDS + LOOP_WAIT_SECONDS)
    }

    /// What Patroni says of a node.
    fn state(&self, number: usize) -> Option<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.nodes[number].rest)).ok()?;
        // A node that stands still accepts and says nothing.
        stream.set_read_timeout(Some(Duration::from_millis(500))).ok()?;
        stream.write_all(b"GET /patroni HTTP/1.0\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        serde_json::from_str(answer.split_once("\r\n\r\n")?.1).ok()
    }

    fn role(&self, number: usize) -> Option<String> {
        let state = self.state(number)?;
        (state["state"] == "running").then(|| state["role"].as_str().unwrap_or_default().to_owned())
    }

    pub(crate) fn primary(&self) -> usize {
        (0..NODES).find(|number| self.role(*number).as_deref() == Some("master")).unwrap()
    }

    pub(crate) fn wait_for_another_primary(&self, old: usize) -> usize {
        let others = || (0..NODES).filter(|number| *number != old).find(|number| self.role(*number).as_deref() == Some("master"));
        wait_for("another primary", || others().is_some());
        others().unwrap()
    }

    /// Waits until the cluster is whole and has stayed so for some turns of Patroni's loop: what a node says of the others is as old as its last turn.
    pub(crate) fn wait_until_whole(&self) {
        let mut since = None;
        wait_for("a whole cluster", || {
            since = if self.is_whole() { since.or_else(|| Some(Instant::now())) } else { None };
            since.is_some_and(|since: Instant| since.elapsed() > SETTLED)
        });
    }

    /// Whether one node is primary and the others follow it; in a synchronous cluster also, whether Patroni has noted who may take its place: before that
    /// nobody may, and it takes a turn of its loop or two after each failover.
    pub(crate) fn is_whole(&self) -> bool {
        let Some(primary) = (0..NODES).find(|number| self.role(*number).as_deref() == Some("master")) else { return false };
        let following = self.state(primary).map_or(0, |state| state["replication"].as_array().map_or(0, Vec::len));
        // A base backup is told among those that follow: each has to say of itself that it does, too.
        let standbys = (0..NODES).filter(|number| self.role(*number).as_deref() == Some("replica")).count();
        let is_synchronous = |number| self.state(number).is_some_and(|state| state["sync_standby"] == true);
        let successor = self.replication == Replication::Asynchronous || (0..NODES).any(is_synchronous);
        following == NODES - 1 && standbys == NODES - 1 && successor
    }

    /// The server's first process; `None` where none was started.
    fn postmaster(&self, number: usize) -> Option<String> {
        let file = fs::read_to_string(self.nodes[number].folder.join("data/postmaster.pid")).ok()?;
        file.lines().next().map(str::to_owned)
    }

    fn signal(&self, number: usize, signal: &str) {
        let send = |arguments: &[&str]| {
            let _none_left = Command::new("pkill").arg(format!("-{signal}")).args(arguments).status();
        };
        // Patroni first, so that it starts nothing again; then the server's processes. By groups and parents, and never by `kill` with a negative number,
        // which some versions take for everybody.
        if let Some(patroni) = self.nodes[number].patroni.lock().unwrap().as_ref() {
            send(&["-g", &patroni.id().to_string()]);
        }
        if let Some(postmaster) = self.postmaster(number) {
            send(&["-P", &postmaster]);
            let _none_left = Command::new("kill").args(["-s", signal, &postmaster]).stderr(Stdio::null()).status();
        }
    }

    pub(crate) fn kill(&self, number: usize) {
        self.signal(number, "KILL");
        if let Some(mut patroni) = self.nodes[number].patroni.lock().unwrap().take() {
            patroni.wait().unwrap();
        }
    }

    pub(crate) fn freeze(&self, number: usize) {
        self.signal(number, "STOP");
    }

    pub(crate) fn thaw(&self, number: usize) {
        self.signal(number, "CONT");
    }

    pub(crate) fn revive(&self, number: usize) {
        let node = &self.nodes[number];
        let patroni = unprivileged("patroni", &node.folder.join("log")).arg(node.folder.join("patroni.yml")).spawn().unwrap();
        *node.patroni.lock().unwrap() = Some(patroni);
    }

    /// Stops the processes of a primary that send its log to the standbys.
    pub(crate) fn stop_senders(&self, primary: usize) {
        let postmaster = self.postmaster(primary).unwrap();
        let found = Command::new("pkill").args(["-STOP", "-P", &postmaster, "-f", "walsender"]).status().unwrap();
        assert!(found.success(), "nobody sends the log");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for node in &self.nodes {
                println!("--- {}\n{}", node.folder.display(), last_lines(&node.folder.join("log")));
            }
        }
        for number in 0..NODES {
            if self.nodes[number].patroni.lock().is_ok_and(|patroni| patroni.is_some()) {
                self.thaw(number);
                self.kill(number);
            }
        }
        let _ended = self.etcd.kill();
        let _reaped = self.etcd.wait();
    }
}

fn configuration(number: usize, node: &Node, etcd: u16, replication: Replication) -> String {
    let synchronous = replication == Replication::Synchronous;
    let (rest, postgres, folder) = (node.rest, node.postgres, node.folder.display());
    let bin = newest_bin().unwrap();
    format!(
        "scope: tenantry
name: n{number}
restapi: {{listen: '127.0.0.1:{rest}', connect_address: '127.0.0.1:{rest}'}}
etcd: {{host: '127.0.0.1:{etcd}'}}
bootstrap:
  dcs:
    ttl: {TTL_SECONDS}
    loop_wait: {LOOP_WAIT_SECONDS}
    retry_timeout: 3
    maximum_lag_on_failover: 104857600
    synchronous_mode: {synchronous}
    synchronous_mode_strict: {synchronous}
    postgresql:
      use_pg_rewind: true
      parameters:
        max_connections: 200
        synchronous_commit: 'on'
        wal_log_hints: 'on'
        shared_buffers: '64MB'
        # How soon a standby asks again for the log after its primary went: with the five seconds of the default, a strict commit waits as long.
        wal_retrieve_retry_interval: '500ms'
  initdb: [{{encoding: UTF8}}, {{locale: C.UTF-8}}]
  pg_hba: ['local all all trust', 'host all all 127.0.0.1/32 scram-sha-256', 'host replication all 127.0.0.1/32 scram-sha-256']
postgresql:
  listen: '127.0.0.1:{postgres}'
  connect_address: '127.0.0.1:{postgres}'
  data_dir: '{folder}/data'
  bin_dir: '{}'
  pgpass: '{folder}/pgpass'
  authentication:
    superuser: {{username: tenantry, password: {PASSWORD}}}
    replication: {{username: replicator, password: {PASSWORD}}}
    rewind: {{username: rewinder, password: {PASSWORD}}}
  parameters: {{unix_socket_directories: '{folder}'}}
",
        bin.display()
    )
}

/// What a node said last.
fn last_lines(log: &Path) -> String {
    let said = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = said.lines().collect();
    lines[lines.len().saturating_sub(LINES_SHOWN)..].join("\n")
}
