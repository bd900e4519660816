//! Backups: a folder with the whole installation as of one instant, made while it is served, and looked over before it stands under its name.
//!
//! Whatever engine the installation is on, its backup is the embedded engine's one file, so that it can be restored to either. What a folder is made of is in
//! `folder.rs`; `pages.rs` and the move's machinery are the two ways to get the file; `examine.rs` looks it over; `restore.rs` is the way back.

mod examine;
mod folder;
mod manifest;
mod pages;
mod restore;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};
use tenantry_domain::Timestamp;

use crate::postgres::PostgresOptions;
use crate::{Directory, OpenFault, TransferFault, transfer};
use folder::Part;

pub use folder::{Backup, verify};
pub use manifest::{Manifest, TableLine};
pub(crate) use restore::unfinished;
pub use restore::{Restored, Restoring, SKIPPED_IDS};

/// How far something is, told again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupProgress {
    /// What is being done, such as `copying`.
    pub doing: String,
    /// What is counted.
    pub unit: String,
    /// How many are done.
    pub done: u64,
    /// How many there are; 0: nobody knows.
    pub total: u64,
}

/// Whoever is told how far it is.
pub type Tell<'a> = &'a mut dyn FnMut(BackupProgress);

/// A backup that is to be made.
#[derive(Debug, Clone, Copy)]
pub struct Making<'a> {
    /// The folder's name; there must be nothing of this name yet.
    pub to: &'a Path,
    /// The secret under which call-in PINs were digested.
    pub pepper: &'a [u8],
    /// Whether the backup has it, too; else only what it can be told by.
    pub includes_pepper: bool,
    /// The time.
    pub taken_at: Timestamp,
    /// The program's version.
    pub program: &'a str,
    /// Ends the making when it is set.
    pub stop: &'a Arc<AtomicBool>,
}

impl Making<'_> {
    fn go_on(&self) -> Result<(), BackupFault> {
        if self.stop.load(Ordering::Relaxed) { Err(BackupFault::Stopped) } else { Ok(()) }
    }

    /// Of a store that this process has open. Blocks.
    pub(crate) fn of_directory(&self, directory: &Directory, tell: Tell<'_>) -> Result<Backup, BackupFault> {
        let part = Part::begin(self.to)?;
        pages::copy(directory, &part.database(), self, tell)?;
        part.finish(self, format!("SQLite {}", rusqlite::version()), tell)
    }

    /// Of a database, beside the servers that use it: everything in one snapshot.
    ///
    /// # Errors
    /// The database cannot be read, its tables are spread over nodes that know no common instant, or the folder cannot be written.
    pub async fn of_database(&self, postgres: &PostgresOptions, tell: Tell<'_>) -> Result<Backup, BackupFault> {
        let part = Part::begin(self.to)?;
        let copy = part.path().join("copy");
        let engine = transfer::snapshot(postgres, &copy, self.taken_at.micros(), |progress| {
            let doing = format!("{} {}", progress.stage.doing(), progress.table);
            tell(BackupProgress { doing, unit: "rows".to_owned(), done: progress.done, total: progress.total });
        })
        .await?;
        pages::settle(&Directory::database_in(&copy))?;
        part.take(&copy)?;
        part.finish(self, engine, tell)
    }
}

/// Why there is no backup, or nothing was restored.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
pub enum BackupFault {
    /// A file or folder cannot be used.
    Io { path: PathBuf, error: std::io::Error },
    /// A database cannot be used.
    Database { path: PathBuf, error: rusqlite::Error },
    /// A store cannot be used.
    Open(OpenFault),
    /// Rows were not carried over.
    Transfer(Box<TransferFault>),
    /// There is something of this name.
    Exists { path: PathBuf },
    /// Another is being made there.
    UnderWay { path: PathBuf },
    /// It was told to stop. Nothing stays of it.
    Stopped,
    /// The store that is to be copied is not the embedded engine's.
    Elsewhere,
    /// There is no backup.
    Nothing { path: PathBuf },
    /// The backup is not what was made.
    Damaged { path: PathBuf, what: String },
    /// A newer program made the backup.
    TooNew { what: &'static str, found: i64, known: i64 },
    /// The backup has no pepper, and none was given; or another was.
    Pepper(String),
    /// The target has something already.
    NotEmpty { path: PathBuf, entry: String },
    /// Another backup was being restored there.
    OfAnother { path: PathBuf },
    /// No number is left behind those that are skipped.
    NoIds { name: String },
}

impl fmt::Display for BackupFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, error } => write!(f, "{} cannot be used: {error}", path.display()),
            Self::Database { path, error } => write!(f, "{} cannot be used: {error}", path.display()),
            Self::Open(fault) => fault.fmt(f),
            Self::Transfer(fault) => fault.fmt(f),
            Self::Exists { path } => write!(f, "{} exists already; a backup never overwrites anything", path.display()),
            Self::UnderWay { path } => write!(f, "another backup to {} is under way", path.display()),
            Self::Stopped => f.write_str("the backup was stopped; nothing stays of it"),
            Self::Elsewhere => {
                f.write_str("the records are in a database server: a backup of it is made by the command itself, with the setting `store`")
            }
            Self::Nothing { path } => write!(f, "{} is no backup: it has no {}", path.display(), folder::SUMS),
            Self::Damaged { path, what } => write!(f, "{} is damaged: {what}. Take another backup; nothing was changed", path.display()),
            Self::TooNew { what, found, known } => {
                write!(f, "the backup has {what} {found}, and this program knows {what}s up to {known}; use the newer program that made it")
            }
            Self::Pepper(cause) => f.write_str(cause),
            Self::NotEmpty { path, entry } => {
                write!(f, "{} is not empty: it has {entry}. Name a directory that is empty, or move this one away", path.display())
            }
            Self::OfAnother { path } => write!(
                f,
                "another backup was being restored here: finish that with the same `tenantry restore`, or remove {} to give it up",
                path.display()
            ),
            Self::NoIds { name } => write!(f, "no {name} number would be left; skip fewer with --skip-ids"),
        }
    }
}

impl std::error::Error for BackupFault {}

impl From<OpenFault> for BackupFault {
    fn from(fault: OpenFault) -> Self {
        Self::Open(fault)
    }
}

impl From<TransferFault> for BackupFault {
    fn from(fault: TransferFault) -> Self {
        Self::Transfer(Box::new(fault))
    }
}

/// Names the file in a fault.
fn at(path: &Path) -> impl Fn(std::io::Error) -> BackupFault {
    let path = path.to_owned();
    move |error| BackupFault::Io { path: path.clone(), error }
}

/// Names the database in a fault.
fn of(path: &Path) -> impl Fn(rusqlite::Error) -> BackupFault {
    let path = path.to_owned();
    move |error| BackupFault::Database { path: path.clone(), error }
}

/// Without a count.
fn doing(what: &str) -> BackupProgress {
    BackupProgress { doing: what.to_owned(), unit: "rows".to_owned(), done: 0, total: 0 }
}
