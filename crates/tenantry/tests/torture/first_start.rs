//! What the first start says is on the disk before it is said: every octet, and the name of every file and directory that it made.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::PROGRAM;
use crate::trace::{self, STRACE, Step};

/// What a power cut could still take, at a moment of a process.
#[derive(Debug, Default)]
struct Unsure {
    names: BTreeSet<PathBuf>,
    contents: BTreeSet<PathBuf>,
}

impl Unsure {
    fn take_in(&mut self, step: &Step) {
        match step {
            Step::Create { file } => {
                self.names.insert(file.clone());
            }
            Step::Write { file, .. } | Step::Append { file } | Step::Truncate { file, .. } => {
                self.contents.insert(file.clone());
            }
            Step::Rename { from, to } => {
                self.names.remove(from);
                self.names.insert(to.clone());
                if self.contents.remove(from) {
                    self.contents.insert(to.clone());
                }
            }
            // A file that comes back holds what it held: the log of a database, which the database has taken in.
            Step::Remove { file } => {
                self.names.remove(file);
                self.contents.remove(file);
            }
            Step::SyncEnds { file, .. } => {
                self.contents.remove(file);
                self.names.retain(|name| name.parent() != Some(file));
            }
            Step::SyncBegins { .. } | Step::Acknowledge { .. } | Step::Print { .. } => {}
        }
        // The index of the log is made anew at every start.
        self.contents.retain(|file| !file.to_string_lossy().ends_with("-shm"));
    }
}

/// Checks that nothing was unsure when a text was printed that has this word in it.
fn sure_when_printed(steps: &[Step], word: &str) {
    let mut unsure = Unsure::default();
    let (mut made, mut printed) = (0, false);
    for step in steps {
        unsure.take_in(step);
        made += usize::from(matches!(step, Step::Create { .. }));
        if matches!(step, Step::Print { text } if text.contains(word)) {
            assert!(unsure.names.is_empty() && unsure.contents.is_empty(), "{word} was printed, and a power cut could take {unsure:?}");
            printed = true;
        }
    }
    assert!(made >= 6 && printed, "{made} files and directories were seen to be made, and {word} printed: {printed}");
}

fn strace(log: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(STRACE[0]);
    command.args(&STRACE[1..]).arg(log).arg(PROGRAM).args(arguments);
    command
}

#[test]
fn keys_that_init_prints_outlive_a_power_cut() {
    if !trace::there() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let (data, log) = (root.path().join("some/where/data"), root.path().join("log"));
    let output = strace(&log, &["init", "--json", "--data", data.to_str().unwrap()]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    sure_when_printed(&trace::read(&fs::read_to_string(&log).unwrap(), root.path()), "private_key");
}

#[test]
fn keys_that_the_first_start_prints_outlive_a_power_cut() {
    if !trace::there() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let (data, log) = (root.path().join("data"), root.path().join("log"));
    let mut command = strace(&log, &["serve", "--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"]);
    let mut server = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(server.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.into_iter().any(|line| line.starts_with("listening on")), "the server did not start");
    // strace ends with its child, and forwards nothing: the child is told.
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", server.id())).unwrap();
    let stopped = Command::new("kill").args(children.split_whitespace()).status().unwrap();
    assert!(stopped.success() && server.wait().unwrap().success());
    sure_when_printed(&trace::read(&fs::read_to_string(&log).unwrap(), root.path()), "curl -X POST");
}
