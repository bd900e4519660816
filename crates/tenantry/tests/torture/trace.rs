//! What a server did to its files and sockets, from `strace`: the unmodified program, seen from outside.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::skip;
use crate::writers::marked;

/// One thing that the server did, in order.
#[derive(Debug)]
pub(crate) enum Step {
    /// Octets were written to a file.
    Write { file: PathBuf, offset: u64, octets: Vec<u8> },
    /// Octets were written where a file's position stood.
    Append { file: PathBuf },
    /// A file was cut or grown to a length.
    Truncate { file: PathBuf, length: u64 },
    /// A file or directory was made.
    Create { file: PathBuf },
    /// A file was given another name.
    Rename { from: PathBuf, to: PathBuf },
    /// A file's name was removed.
    Remove { file: PathBuf },
    /// A thread began to flush a file, or a directory's names.
    SyncBegins { thread: String, file: PathBuf },
    /// It has done so: what was there when it began is on the disk.
    SyncEnds { thread: String, file: PathBuf },
    /// An edit was acknowledged: its writer and count.
    Acknowledge { writer: usize, count: u64 },
    /// Text was printed.
    Print { text: String },
}

/// `strace`, with the system calls that are followed; a question mark stands before those that not every processor has. The log's path comes next.
pub(crate) const STRACE: [&str; 10] = [
    "strace",
    "-f",
    "-xx",
    "-s",
    "1000000",
    "-e",
    "trace=openat,close,pwrite64,pwritev,write,writev,sendto,sendmsg,fdatasync,fsync,ftruncate,?unlink,unlinkat,?rename,renameat,renameat2,?mkdir,\
     mkdirat",
    "-e",
    "signal=none",
    "-o",
];

/// Whether `strace` is there; says so when it is not.
pub(crate) fn there() -> bool {
    let there = Command::new("strace").arg("-V").output().is_ok();
    if !there {
        skip("strace is not installed");
    }
    there
}

/// Reads what `strace` wrote of a process: what it did to a directory and all in it.
pub(crate) fn read(log: &str, directory: &Path) -> Vec<Step> {
    let mut reader = Reader { directory: directory.to_owned(), files: HashMap::new(), unfinished: HashMap::new(), steps: Vec::new() };
    for line in log.lines() {
        reader.line(line);
    }
    reader.steps
}

struct Reader {
    directory: PathBuf,
    /// The file behind each descriptor.
    files: HashMap<u64, PathBuf>,
    /// The first halves of calls that other threads' calls came into, by thread.
    unfinished: HashMap<String, String>,
    steps: Vec<Step>,
}

impl Reader {
    fn line(&mut self, line: &str) {
        let Some((thread, rest)) = line.split_once(' ') else { return };
        let rest = rest.trim_start();
        if let Some(half) = rest.strip_suffix(" <unfinished ...>") {
            // An answer may be read by its client as soon as the call begins.
            self.acknowledgement(half);
            self.sync_begins(thread, half);
            self.unfinished.insert(thread.to_owned(), half.to_owned());
        } else if let Some((_, other)) = rest.strip_prefix("<... ").and_then(|rest| rest.split_once(" resumed>")) {
            let whole = self.unfinished.remove(thread).unwrap_or_default() + other;
            self.call(thread, &whole);
        } else {
            self.acknowledgement(rest);
            self.sync_begins(thread, rest);
            self.call(thread, rest);
        }
    }

    /// Other threads may write while one flushes: what they write then need not reach the disk.
    fn sync_begins(&mut self, thread: &str, call: &str) {
        let Some(arguments) = call.strip_prefix("fsync(").or_else(|| call.strip_prefix("fdatasync(")) else { return };
        if let Some(file) = descriptor(arguments).and_then(|descriptor| self.files.get(&descriptor).cloned()) {
            self.steps.push(Step::SyncBegins { thread: thread.to_owned(), file });
        }
    }

    fn acknowledgement(&mut self, call: &str) {
        if ["write(", "writev(", "sendto(", "sendmsg("].iter().any(|name| call.starts_with(name)) {
            let text = String::from_utf8_lossy(&quoted(call).concat()).into_owned();
            if text.starts_with("HTTP/1.1 200")
                && let Some((writer, count)) = marked(&text)
            {
                self.steps.push(Step::Acknowledge { writer, count });
            }
        }
    }

    fn call(&mut self, thread: &str, call: &str) {
        let Some((name, arguments)) = call.split_once('(') else { return };
        let Some(result) = call.rsplit_once(" = ").and_then(|(_, result)| result.split(' ').next()?.parse::<i64>().ok()) else { return };
        if result < 0 {
            return;
        }
        let descriptor = || descriptor(arguments);
        let file = descriptor().and_then(|descriptor| self.files.get(&descriptor).cloned());
        match name {
            "openat" => self.open(arguments, result.unsigned_abs()),
            "close" => drop(descriptor().and_then(|descriptor| self.files.remove(&descriptor))),
            "pwrite64" => {
                if let (Some(file), Some(offset)) = (file, last_number(arguments)) {
                    let octets = quoted(arguments).concat();
                    assert_eq!(octets.len() as i64, result, "a short write, or a log cut short");
                    self.steps.push(Step::Write { file, offset, octets });
                }
            }
            "ftruncate" => {
                if let (Some(file), Some(length)) = (file, last_number(arguments)) {
                    self.steps.push(Step::Truncate { file, length });
                }
            }
            "fsync" | "fdatasync" => self.steps.extend(file.map(|file| Step::SyncEnds { thread: thread.to_owned(), file })),
            "write" if descriptor() == Some(1) => {
                self.steps.push(Step::Print { text: String::from_utf8_lossy(&quoted(arguments).concat()).into_owned() });
            }
            "write" => {
                if let Some(file) = file {
                    self.steps.push(Step::Append { file });
                }
            }
            "unlink" | "unlinkat" => self.steps.extend(self.path(arguments).map(|file| Step::Remove { file })),
            "mkdir" | "mkdirat" => self.steps.extend(self.path(arguments).map(|file| Step::Create { file })),
            "rename" | "renameat" | "renameat2" => {
                if let [from, to] = &self.paths(arguments)[..] {
                    self.steps.push(Step::Rename { from: from.clone(), to: to.clone() });
                }
            }
            "pwritev" | "writev" => assert!(file.is_none(), "the server does what this reader does not follow: {name}"),
            _ => {}
        }
    }

    fn open(&mut self, arguments: &str, descriptor: u64) {
        let Some(file) = self.path(arguments) else { return };
        if arguments.contains("O_CREAT") {
            self.steps.push(Step::Create { file: file.clone() });
        }
        self.files.insert(descriptor, file);
    }

    /// The path in a call, when it is the directory's or lies in it.
    fn path(&self, arguments: &str) -> Option<PathBuf> {
        self.paths(arguments).into_iter().next()
    }

    /// The paths in a call that are the directory's or lie in it.
    fn paths(&self, arguments: &str) -> Vec<PathBuf> {
        let paths = quoted(arguments).into_iter().filter_map(|path| Some(PathBuf::from(String::from_utf8(path).ok()?)));
        paths.filter(|path| path.starts_with(&self.directory)).collect()
    }
}

/// The descriptor that a call is about.
fn descriptor(arguments: &str) -> Option<u64> {
    arguments.split([',', ')', ' ']).next()?.trim().parse().ok()
}

/// The octets between each pair of quotation marks, all of which `-xx` writes as `\x..`.
fn quoted(text: &str) -> Vec<Vec<u8>> {
    text.split('"').skip(1).step_by(2).map(|piece| unescape(piece.as_bytes())).collect()
}

fn unescape(piece: &[u8]) -> Vec<u8> {
    let digit = |octet: u8| char::from(octet).to_digit(16).unwrap_or(0) as u8;
    piece.chunks_exact(4).map(|octet| digit(octet[2]) * 16 + digit(octet[3])).collect()
}

fn last_number(arguments: &str) -> Option<u64> {
    // Short calls are padded before their result.
    let (arguments, _result) = arguments.rsplit_once(" = ")?;
    arguments.trim_end().strip_suffix(')')?.rsplit_once(", ")?.1.parse().ok()
}
