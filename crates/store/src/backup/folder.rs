//! The folder of a backup: how it comes to stand under its name, and how it is told to be what was made.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_lc_rs::digest::{Context, SHA256, digest};
use serde::{Deserialize, Serialize};

use super::examine::examine;
use super::manifest::{FORMAT, Manifest};
use super::{BackupFault, BackupProgress, Making, Tell, at};
use crate::sqlite::migrations;
use crate::{Directory, OpenFault};

/// The checksums of all other files, in the form of `sha256sum`: it can be checked without this program.
pub(super) const SUMS: &str = "SHA256SUMS";
pub(super) const MANIFEST: &str = "manifest.json";
/// The pepper's name is that of the service that reads it.
pub(super) const PEPPER: &str = "pepper.key";
/// Octets that are read at a time.
const PIECE: usize = 1024 * 1024;
/// The longest list of checksums and manifest that is read, in octets: many times as long as any.
const TEXT_MAX_OCTETS: u64 = 1024 * 1024;

/// A backup that is whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// Its folder.
    pub path: PathBuf,
    /// What it says of itself.
    pub manifest: Manifest,
    /// The size of the database in octets.
    pub octets: u64,
}

/// A folder that is being filled, under another name than it shall have. Gone when it is not finished.
pub(super) struct Part {
    path: PathBuf,
    to: PathBuf,
    directory: Option<Directory>,
}

impl Part {
    /// Makes the folder, or takes over what a killed process left of one.
    pub(super) fn begin(to: &Path) -> Result<Self, BackupFault> {
        let Some(name) = to.file_name() else { return Err(BackupFault::Exists { path: to.to_owned() }) };
        match fs::symlink_metadata(to) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(at(to)(error)),
            Ok(_) => return Err(BackupFault::Exists { path: to.to_owned() }),
        }
        let mut part = name.to_owned();
        part.push(".part");
        let path = to.with_file_name(part);
        let directory = Directory::open(&path).map_err(|fault| match fault {
            OpenFault::InUse { .. } => BackupFault::UnderWay { path: to.to_owned() },
            other => other.into(),
        })?;
        clear(&path).map_err(at(&path))?;
        Ok(Self { path, to: to.to_owned(), directory: Some(directory) })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn database(&self) -> PathBuf {
        Directory::database_in(&self.path)
    }

    /// Takes the database of a directory inside, and removes that.
    pub(super) fn take(&self, inside: &Path) -> Result<(), BackupFault> {
        fs::rename(Directory::database_in(inside), self.database()).and_then(|()| fs::remove_dir_all(inside)).map_err(at(inside))
    }

    /// Looks the database over, writes all else, and gives the folder its name: all of it is on the disk then.
    pub(super) fn finish(mut self, making: &Making<'_>, engine: String, tell: Tell<'_>) -> Result<Backup, BackupFault> {
        let database = self.database();
        sync(&database)?;
        let contents = examine(&database, &self.to, making.stop, tell)?;
        let manifest = Manifest {
            format: FORMAT,
            program: making.program.to_owned(),
            engine,
            schema_version: contents.schema_version,
            taken_at: making.taken_at.to_string(),
            includes_pepper: making.includes_pepper,
            pepper_sha256: sum_of(making.pepper),
            next_ids: contents.next_ids,
            tables: contents.tables,
        };
        let written = serde_json::to_string_pretty(&manifest).map(|text| text + "\n");
        let written = written.map_err(|error| at(&self.path)(error.into()))?;
        write(&self.path.join(MANIFEST), written.as_bytes())?;
        if making.includes_pepper {
            write(&self.path.join(PEPPER), making.pepper)?;
        }
        let mut sums = String::new();
        for name in names(making.includes_pepper) {
            let sum = sum(&self.path.join(name), making.stop, tell)?;
            let _a_string_takes_all = writeln!(sums, "{sum}  {name}");
        }
        write(&self.path.join(SUMS), sums.as_bytes())?;
        let octets = fs::metadata(&database).map_err(at(&database))?.len();
        let named = || {
            fs::remove_file(self.path.join(Directory::LOCK))?;
            sync_names(&self.path)?;
            fs::rename(&self.path, &self.to)?;
            sync_names(above(&self.to))
        };
        named().map_err(at(&self.to))?;
        self.directory = None;
        Ok(Backup { path: self.to.clone(), manifest, octets })
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if self.directory.is_some()
            && let Err(error) = fs::remove_dir_all(&self.path)
        {
            tracing::warn!(path = %self.path.display(), %error, "a part of a backup could not be removed");
        }
    }
}

/// The files of a backup, in the order of their checksums.
fn names(includes_pepper: bool) -> impl Iterator<Item = &'static str> {
    ["tenantry.db", MANIFEST].into_iter().chain(includes_pepper.then_some(PEPPER))
}

/// Checks every octet of a backup against its checksums, and what is in it against its manifest.
///
/// # Errors
/// It is damaged, or was made by a newer program.
pub fn verify(folder: &Path, stop: &Arc<AtomicBool>, tell: Tell<'_>) -> Result<Backup, BackupFault> {
    let damaged = |what: String| BackupFault::Damaged { path: folder.to_owned(), what };
    let sums = sums(folder)?;
    let includes_pepper = sums.lines().count() == names(true).count();
    for (line, name) in sums.lines().zip(names(includes_pepper)) {
        let path = folder.join(name);
        if !path.is_file() {
            return Err(damaged(format!("{name} is missing")));
        }
        if line != format!("{}  {name}", sum(&path, stop, tell)?) {
            return Err(damaged(format!("{name} is not what {SUMS} says")));
        }
    }
    if sums.lines().count() != names(includes_pepper).count() || !sums.ends_with('\n') {
        return Err(damaged(format!("{SUMS} is not what it was")));
    }
    let database = Directory::database_in(folder);
    for ending in ["-wal", "-journal"] {
        let beside = folder.join(format!("tenantry.db{ending}"));
        if beside.exists() {
            return Err(damaged(format!("{} is no part of it", beside.display())));
        }
    }
    let manifest = manifest(folder)?;
    if manifest.includes_pepper != includes_pepper {
        return Err(damaged(format!("{MANIFEST} and {SUMS} differ on {PEPPER}")));
    }
    let contents = examine(&database, folder, stop, tell)?;
    if (contents.schema_version, &contents.next_ids, &contents.tables) != (manifest.schema_version, &manifest.next_ids, &manifest.tables) {
        return Err(damaged(format!("the database has not what {MANIFEST} says")));
    }
    let octets = fs::metadata(&database).map_err(at(&database))?.len();
    Ok(Backup { path: folder.to_owned(), manifest, octets })
}

/// The checksums of a backup, as they stand in its folder.
pub(super) fn sums(folder: &Path) -> Result<String, BackupFault> {
    let path = folder.join(SUMS);
    if !path.is_file() {
        return Err(BackupFault::Nothing { path: folder.to_owned() });
    }
    text(&path, folder)
}

fn manifest(folder: &Path) -> Result<Manifest, BackupFault> {
    let read = text(&folder.join(MANIFEST), folder)?;
    // A newer form need not have the same fields.
    let format = serde_json::from_str::<serde_json::Value>(&read).ok().and_then(|value| value["format"].as_i64());
    if let Some(found) = format.filter(|format| *format > FORMAT) {
        return Err(BackupFault::TooNew { what: "form", found, known: FORMAT });
    }
    let manifest: Manifest = serde_json::from_str(&read)
        .map_err(|error| BackupFault::Damaged { path: folder.to_owned(), what: format!("{MANIFEST} cannot be read: {error}") })?;
    let known = migrations::STEPS.len() as i64;
    if manifest.schema_version > known {
        return Err(BackupFault::TooNew { what: "schema", found: manifest.schema_version, known });
    }
    Ok(manifest)
}

fn text(path: &Path, folder: &Path) -> Result<String, BackupFault> {
    let mut octets = Vec::new();
    File::open(path).and_then(|file| file.take(TEXT_MAX_OCTETS).read_to_end(&mut octets)).map_err(at(path))?;
    String::from_utf8(octets).map_err(|_| BackupFault::Damaged { path: folder.to_owned(), what: format!("{} is no text", path.display()) })
}

/// The SHA-256 of some octets, in hexadecimal digits.
pub(super) fn sum_of(octets: &[u8]) -> String {
    hex(digest(&SHA256, octets).as_ref())
}

/// The SHA-256 of a file.
fn sum(path: &Path, stop: &Arc<AtomicBool>, tell: Tell<'_>) -> Result<String, BackupFault> {
    read_through(path, stop, tell, "reading", |_| Ok(()))
}

/// Copies a file, and gives the SHA-256 of what was written.
pub(super) fn copy(from: &Path, to: &Path, stop: &Arc<AtomicBool>, tell: Tell<'_>) -> Result<String, BackupFault> {
    let mut file = new(to)?;
    let sum = read_through(from, stop, tell, "copying", |piece| file.write_all(piece).map_err(at(to)))?;
    file.sync_all().map_err(at(to))?;
    Ok(sum)
}

fn read_through(
    path: &Path,
    stop: &Arc<AtomicBool>,
    tell: Tell<'_>,
    what: &str,
    mut take: impl FnMut(&[u8]) -> Result<(), BackupFault>,
) -> Result<String, BackupFault> {
    let mut file = File::open(path).map_err(at(path))?;
    let total = file.metadata().map_err(at(path))?.len().div_ceil(PIECE as u64);
    let mut piece = vec![0; PIECE];
    let mut context = Context::new(&SHA256);
    for done in 0.. {
        if stop.load(Ordering::Relaxed) {
            return Err(BackupFault::Stopped);
        }
        let read = file.read(&mut piece).map_err(at(path))?;
        if read == 0 {
            break;
        }
        context.update(&piece[..read]);
        take(&piece[..read])?;
        if total > 1 {
            tell(BackupProgress { doing: what.to_owned(), unit: "MiB".to_owned(), done, total });
        }
    }
    Ok(hex(context.finish().as_ref()))
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut digits, octet| {
        let _a_string_takes_all = write!(digits, "{octet:02x}");
        digits
    })
}

/// Makes a file for its owner only.
fn new(path: &Path) -> Result<File, BackupFault> {
    fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path).map_err(at(path))
}

/// Writes a new file, and has it on the disk; its name is the directory's matter.
pub(super) fn write(path: &Path, octets: &[u8]) -> Result<(), BackupFault> {
    let mut file = new(path)?;
    file.write_all(octets).and_then(|()| file.sync_all()).map_err(at(path))
}

fn sync(path: &Path) -> Result<(), BackupFault> {
    File::open(path).and_then(|file| file.sync_all()).map_err(at(path))
}

pub(super) fn sync_names(directory: &Path) -> std::io::Result<()> {
    File::open(directory)?.sync_all()
}

/// The directory that a name is in.
fn above(path: &Path) -> &Path {
    path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Empties a directory, but for its lock.
fn clear(directory: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else if entry.file_name() != Directory::LOCK {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
