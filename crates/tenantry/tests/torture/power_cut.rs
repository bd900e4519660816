//! A power cut at any moment: the disk has what was synced, and of the rest any part, torn at any sector. Each image that this can leave is opened.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use tenantry_testkit::Store;

use crate::trace::{self, STRACE, Step, read};
use crate::writers::{Writer, database, sound, writers};
use crate::{Dice, PROGRAM, repeats};

/// Octets that a disk writes whole or not at all.
const SECTOR: usize = 512;
/// Writers and their edits: some thousand steps, with several moves of the log into the database among them.
const WRITERS: usize = 4;
const EDITS: u64 = 150;
/// Pages after which the log is moved, instead of thousands: that is when both files are written.
const MOVED_OFTEN: (&str, &str) = ("TENANTRY_TEST_CHECKPOINT_PAGES", "60");
/// One in so many images is opened by the program first, as after a power cut; the others by SQLite alone, which is faster.
const PROGRAM_EVERY: usize = 10;

#[test]
fn no_acknowledged_write_is_lost_by_a_power_cut() {
    let Some(found) = crash("full") else { return };
    eprintln!("synchronous=FULL: {found:?}");
    assert!(found.checkpoints > 3, "the log was hardly ever moved, so that was not shown");
    assert_eq!((found.lost, found.corrupt), (0, 0));
}

/// The same with the guard taken away: a test that passes then shows nothing.
#[test]
fn the_power_cut_would_be_noticed() {
    let Some(found) = crash("normal") else { return };
    eprintln!("synchronous=NORMAL: {found:?}");
    assert!(found.lost > 0, "writes acknowledged before they were synced went unnoticed");
}

/// A flush failed, the system kept what it could not write in memory as if it had, and the server was started anew: what is acknowledged from then on must
/// not stand behind the hole that a power cut leaves.
#[test]
fn nothing_is_acknowledged_behind_a_log_that_never_reached_the_disk() {
    if !trace::there() {
        return;
    }
    let mut dice = Dice::new();
    let store = Store::make(PROGRAM);
    let mut ledger = {
        let server = store.serve();
        let mut ledger = writers(&store, &server, WRITERS);
        for writer in &mut ledger {
            writer.write(&store, &server, 10, 0);
        }
        server.kill();
        ledger
    };
    let mut on_disk = files(&store.data);
    let log = on_disk.get_mut(&store.data.join("tenantry.db-wal")).unwrap();
    let reached = log.len() / 2;
    log[reached..].fill(0);
    let found = cut_while_writing(&store, &mut ledger, on_disk, &[], &mut dice);
    eprintln!("behind a hole: {found:?}");
    assert_eq!((found.lost, found.corrupt), (0, 0));
}

/// What the images showed.
#[derive(Debug, Default)]
struct Found {
    images: usize,
    lost: usize,
    corrupt: usize,
    checkpoints: usize,
}

fn crash(synchronous: &str) -> Option<Found> {
    if !trace::there() {
        return None;
    }
    let mut dice = Dice::new();
    let store = Store::make(PROGRAM);
    let mut ledger = {
        let server = store.serve();
        let ledger = writers(&store, &server, WRITERS);
        assert_eq!(server.stop(), Some(0));
        ledger
    };
    let before = files(&store.data);
    Some(cut_while_writing(&store, &mut ledger, before, &[("TENANTRY_TEST_SYNCHRONOUS", synchronous), MOVED_OFTEN], &mut dice))
}

/// Runs a server over the store while its writers write, and opens what a power cut at any moment would leave of a disk that has this before.
fn cut_while_writing(
    store: &Store,
    ledger: &mut [Writer],
    before: BTreeMap<PathBuf, Vec<u8>>,
    environment: &[(&str, &str)],
    dice: &mut Dice,
) -> Found {
    let log = store.beside().join("strace.log");
    let wrapper: Vec<&str> = STRACE.into_iter().chain([log.to_str().unwrap()]).collect();
    let server = store.serve_under(&wrapper, environment);
    thread::scope(|scope| {
        for writer in ledger.iter_mut() {
            let (store, server) = (&store, &server);
            scope.spawn(move || writer.write(store, server, EDITS, 0));
        }
    });
    server.kill();
    let steps = read(&fs::read_to_string(&log).unwrap(), &store.data);
    let acknowledged = steps.iter().filter(|step| matches!(step, Step::Acknowledge { .. })).count();
    assert_eq!(acknowledged as u64, EDITS * WRITERS as u64, "not every acknowledgement was seen");
    examine(&store.data, before, &steps, ledger, dice)
}

fn files(data: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    ["tenantry.db", "tenantry.db-wal"]
        .iter()
        .map(|name| data.join(name))
        .filter_map(|path| Some((path.clone(), fs::read(&path).ok()?)))
        .collect()
}

/// The disk as the steps leave it: what is sure, and what may or may not be there.
struct Disk {
    data: PathBuf,
    synced: BTreeMap<PathBuf, Vec<u8>>,
    /// What was written since, each with its number.
    pending: BTreeMap<PathBuf, Vec<(u64, Change)>>,
    /// How much was written in all.
    written: u64,
    /// What was written before a thread began to flush a file.
    flushing: HashMap<(String, PathBuf), u64>,
    /// Files whose names may still be lost.
    unsure_names: Vec<PathBuf>,
    acknowledged: HashMap<usize, u64>,
}

#[derive(Clone)]
enum Change {
    Write(u64, Vec<u8>),
    Length(u64),
}

/// Opens images at random steps, on two threads.
fn examine(data: &Path, before: BTreeMap<PathBuf, Vec<u8>>, steps: &[Step], ledger: &[Writer], dice: &mut Dice) -> Found {
    let count = repeats(1_000).max(1_000);
    let mut chosen = vec![0_usize; steps.len()];
    for _ in 0..count {
        chosen[usize::try_from(dice.below(steps.len() as u64)).unwrap()] += 1;
    }
    let mut disk = Disk {
        data: data.to_owned(),
        synced: before,
        pending: BTreeMap::new(),
        written: 0,
        flushing: HashMap::new(),
        unsure_names: Vec::new(),
        acknowledged: HashMap::new(),
    };
    let mut found = Found::default();
    let (images, waiting) = std::sync::mpsc::sync_channel::<(BTreeMap<PathBuf, Vec<u8>>, HashMap<usize, u64>)>(4);
    let waiting = std::sync::Mutex::new(waiting);
    let verdicts = thread::scope(|scope| {
        let openers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut found = Found::default();
                    while let Ok((image, acknowledged)) = { waiting.lock().unwrap().recv() } {
                        found.judge(data, &image, &acknowledged, ledger);
                    }
                    found
                })
            })
            .collect();
        for (step, times) in steps.iter().zip(chosen) {
            found.checkpoints += usize::from(disk.apply(step));
            for _ in 0..times {
                images.send((disk.image(dice), disk.acknowledged.clone())).unwrap();
            }
        }
        drop(images);
        openers.into_iter().map(|opener| opener.join().unwrap()).collect::<Vec<_>>()
    });
    for verdict in verdicts {
        found.images += verdict.images;
        found.lost += verdict.lost;
        found.corrupt += verdict.corrupt;
    }
    found
}

impl Disk {
    /// Takes a step in. Says whether it made the database file itself durable: the end of a move of the log.
    fn apply(&mut self, step: &Step) -> bool {
        match step {
            Step::Write { file, offset, octets } => self.change(file, Change::Write(*offset, octets.clone())),
            Step::Truncate { file, length } => self.change(file, Change::Length(*length)),
            Step::Create { file } => {
                if !self.synced.contains_key(file) && !self.pending.contains_key(file) {
                    self.unsure_names.push(file.clone());
                    self.synced.insert(file.clone(), Vec::new());
                }
            }
            Step::Remove { file } => {
                self.synced.remove(file);
                self.pending.remove(file);
            }
            Step::SyncBegins { thread, file } => {
                self.flushing.insert((thread.clone(), file.clone()), self.written);
            }
            Step::SyncEnds { file, .. } if *file == self.data => self.unsure_names.clear(),
            Step::SyncEnds { thread, file } => {
                let covered = self.flushing.remove(&(thread.clone(), file.clone())).unwrap();
                let content = self.synced.entry(file.clone()).or_default();
                let pending = self.pending.entry(file.clone()).or_default();
                let later = pending.partition_point(|(number, _)| *number <= covered);
                pending.drain(..later).for_each(|(_, change)| change.apply(content));
                return file.ends_with("tenantry.db");
            }
            Step::Acknowledge { writer, count } => {
                self.acknowledged.insert(*writer, *count);
            }
            Step::Print { .. } => {}
            Step::Append { file } | Step::Rename { from: file, .. } => panic!("{} is not written as a database is", file.display()),
        }
        false
    }

    fn change(&mut self, file: &Path, change: Change) {
        self.written += 1;
        self.pending.entry(file.to_owned()).or_default().push((self.written, change));
    }

    /// One of the images that a power cut could leave now.
    fn image(&self, dice: &mut Dice) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut image = self.synced.clone();
        for (file, changes) in &self.pending {
            let content = image.entry(file.clone()).or_default();
            for (_, change) in changes {
                match (dice.below(10), change) {
                    (0..4, _) => {}
                    (4..6, Change::Write(offset, octets)) if octets.len() > SECTOR => {
                        let sectors = 1 + dice.below((octets.len() / SECTOR) as u64);
                        let torn = &octets[..usize::try_from(sectors).unwrap() * SECTOR.min(octets.len())];
                        Change::Write(*offset, torn.to_vec()).apply(content);
                    }
                    _ => change.apply(content),
                }
            }
        }
        for file in &self.unsure_names {
            if dice.below(2) == 0 {
                image.remove(file);
            }
        }
        image.retain(|file, _| file.to_string_lossy().contains("tenantry.db") && !file.to_string_lossy().ends_with("-shm"));
        image
    }
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        let place = |number: u64| usize::try_from(number).unwrap();
        match self {
            Self::Length(length) => content.resize(place(*length), 0),
            Self::Write(offset, octets) => {
                let (start, end) = (place(*offset), place(*offset) + octets.len());
                if content.len() < end {
                    content.resize(end, 0);
                }
                content[start..end].copy_from_slice(octets);
            }
        }
    }
}

impl Found {
    /// Opens an image and holds it against what was acknowledged.
    fn judge(&mut self, data: &Path, image: &BTreeMap<PathBuf, Vec<u8>>, acknowledged: &HashMap<usize, u64>, ledger: &[Writer]) {
        let in_memory = Path::new("/dev/shm");
        let directory = if in_memory.is_dir() { tempfile::tempdir_in(in_memory) } else { tempfile::tempdir() }.unwrap();
        for (file, content) in image {
            fs::write(directory.path().join(file.file_name().unwrap()), content).unwrap();
        }
        self.images += 1;
        if self.images.is_multiple_of(PROGRAM_EVERY) {
            fs::copy(data.join("pepper.key"), directory.path().join("pepper.key")).unwrap();
            let listed = Command::new(PROGRAM).args(["key", "list", "--data"]).arg(directory.path()).output().unwrap();
            if !listed.status.success() {
                self.corrupt += 1;
                eprintln!("the program cannot open it: {}", String::from_utf8_lossy(&listed.stderr));
                return;
            }
        }
        let database = database(directory.path());
        if let Err(fault) = sound(&database, "integrity_check") {
            self.corrupt += 1;
            eprintln!("corrupt: {fault}");
            return;
        }
        let lost = ledger.iter().any(|writer| {
            let wanted = acknowledged.get(&writer.number()).copied().unwrap_or(0);
            writer.count_in(&database).map_or(true, |found| found < wanted)
        });
        self.lost += usize::from(lost);
    }
}
