//! A full disk refuses writes and nothing else, and is forgotten once there is space.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use tenantry_testkit::Store;

use crate::writers::{End, database, sound, writers};
use crate::{PROGRAM, skip};

/// How soon writes must succeed after space came back.
const RECOVERY: Duration = Duration::from_secs(5);

/// A small file system in memory; unmounted when the test is done with it.
struct SmallDisk {
    directory: tempfile::TempDir,
}

impl SmallDisk {
    fn mount() -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=6m", "tmpfs"]).arg(directory.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self { directory })
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Fills the disk.
    fn fill(&self) -> PathBuf {
        let ballast = self.path().join("ballast");
        let mut size = 4096;
        let mut content = Vec::new();
        // Grows until nothing more fits; the last, partial write stays.
        while fs::write(&ballast, &content).is_ok() {
            content.resize(size, b'x');
            size += 64 * 1024;
        }
        ballast
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("--lazy").arg(self.path()).status();
        assert!(unmounted.is_ok(), "umount cannot be started");
    }
}

#[test]
fn a_full_disk_refuses_writes_and_recovers() {
    let Some(disk) = SmallDisk::mount() else { return skip("a tmpfs cannot be mounted: this needs root") };
    let store = Store::make_in(PROGRAM, &disk.path().join("data"));
    let server = store.serve();
    let mut ledger = writers(&store, &server, 1);
    let writer = &mut ledger[0];
    assert_eq!(writer.write(&store, &server, 20, 0), End::Done);
    let ballast = disk.fill();

    // The log may have a page left; then it is full.
    let End::Refused(status, body) = writer.write(&store, &server, 10_000, 0) else { panic!("the disk was never full") };
    assert_eq!(status, 503, "{body}");
    let mut connection = server.connect().unwrap();
    let own = format!("/user/{}?{}", store.account_id, store.query());
    let refused = connection.call("PUT", &own, r#"{"preferences":{"phoneNoType":"full"}}"#).unwrap();
    assert_eq!((refused.status, refused.head.to_lowercase().contains("retry-after: ")), (503, true), "{}", refused.body);
    assert!(refused.body.contains("nothing was written"), "{}", refused.body);
    assert_eq!(connection.call("GET", &own, "").unwrap().status, 200, "reads go on");
    assert_eq!(connection.call("GET", "/readyz", "").unwrap().status, 503);
    assert_eq!(connection.call("GET", "/healthz", "").unwrap().status, 200);

    fs::remove_file(ballast).unwrap();
    let freed = Instant::now();
    while writer.write(&store, &server, 1, 0) != End::Done {
        assert!(freed.elapsed() < RECOVERY, "writes were still refused {RECOVERY:?} after there was space");
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(connection.call("GET", "/readyz", "").unwrap().status, 200);
    server.kill();
    let server = store.serve();
    let database = database(&store.data);
    sound(&database, "integrity_check").unwrap();
    writer.check(&database).unwrap();
    drop(database);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_backup_to_a_full_disk_leaves_nothing_and_disturbs_nobody() {
    let Some(disk) = SmallDisk::mount() else { return skip("a tmpfs cannot be mounted: this needs root") };
    let store = Store::make(PROGRAM);
    let server = store.serve();
    let mut ledger = writers(&store, &server, 1);
    let writer = &mut ledger[0];
    assert_eq!(writer.write(&store, &server, 20, 0), End::Done);
    let ballast = disk.fill();
    let back_up =
        || Command::new(PROGRAM).args(["backup", "--data"]).arg(&store.data).arg("--to").arg(disk.path().join("backup")).output().unwrap();
    let output = back_up();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && (said.contains("full") || said.contains("No space left")), "{said}");
    let left: Vec<_> = fs::read_dir(disk.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["ballast"]);
    assert_eq!(writer.write(&store, &server, 20, 0), End::Done);

    fs::remove_file(ballast).unwrap();
    let output = back_up();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(server.stop(), Some(0));
}
