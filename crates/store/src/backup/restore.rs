//! Restoring: a backup becomes an installation, in an empty data directory or in a database.
//!
//! Everything is made ready in a folder inside the data directory: `restore-part` while it is filled, `restore-whole` once all of it is there and on the disk.
//! Only then is anything put in place. No server starts on a directory that has either, and the same command begins anew or goes on.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use tenantry_domain::Timestamp;
use tenantry_domain::id::ACCOUNT_ID_MAX;

use super::folder::{self, PEPPER, SUMS, sync_names, verify};
use super::{Backup, BackupFault, BackupProgress, Manifest, Tell, at, of};
use crate::sqlite::{migrations, open};
use crate::{Directory, OpenFault, Options, Place, PostgresOptions, Transfer, TransferFault};

/// Numbers of accounts and packages that are passed over unless something else is said: one for each second of a day, and some. Who was answered after the
/// backup was made holds such numbers, and they must never come to mean somebody else.
pub const SKIPPED_IDS: i64 = 100_000;
/// Events that are passed over for each of these: a record is changed more often than it is added.
const EVENTS_PER_ID: i64 = 100;

/// What a restored installation remembers of it, in its data directory.
const NOTE: &str = "restored.json";
/// What a directory may have that is to be restored into: the lock, and what a file system's root has.
const NOTHING: [&str; 4] = [Directory::LOCK, Directory::RESTORE_PART, Directory::RESTORE_WHOLE, "lost+found"];

/// That an installation was restored, and from what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// The instant of the backup, in RFC 3339: what was acknowledged after it is lost.
    pub taken_at: String,
    /// When it was restored.
    pub restored_at: String,
    /// Numbers of accounts and packages that were passed over.
    pub skipped_ids: i64,
}

impl Restored {
    /// What a data directory remembers; `None` where nothing was restored into it.
    ///
    /// # Errors
    /// The note cannot be read.
    pub fn of_directory(data: &Path) -> std::io::Result<Option<Self>> {
        match fs::read(data.join(NOTE)) {
            Ok(octets) => Ok(Some(serde_json::from_slice(&octets)?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A backup that is to be restored.
#[derive(Debug, Clone, Copy)]
pub struct Restoring<'a> {
    /// The backup's folder.
    pub from: &'a Path,
    /// The data directory: empty, unless the records go to a database.
    pub data: &'a Path,
    /// The database that the records go to; `None`: the data directory.
    pub postgres: Option<&'a PostgresOptions>,
    /// The pepper, where the backup has none.
    pub pepper: Option<&'a [u8]>,
    /// Numbers of accounts and packages to pass over.
    pub skip_ids: i64,
    /// The time.
    pub now: Timestamp,
    /// Ends it when it is set, while nothing was put in place.
    pub stop: &'a Arc<AtomicBool>,
}

impl Restoring<'_> {
    /// Restores, or goes on with what an earlier run began.
    ///
    /// # Errors
    /// The backup is damaged or too new, or the target is not empty or cannot be written. Nothing that a server would start on is there then.
    pub async fn run(&self, tell: Tell<'_>) -> Result<(Backup, Restored), BackupFault> {
        let backup = verify(self.from, self.stop, tell)?;
        let pepper = self.pepper(&backup.manifest)?;
        let directory = Directory::open_unfinished(self.data)?;
        let whole = self.data.join(Directory::RESTORE_WHOLE);
        if whole.exists() {
            if folder::sums(&whole)? != folder::sums(self.from)? {
                return Err(BackupFault::OfAnother { path: whole });
            }
        } else {
            self.check_target(&pepper)?;
            self.make_ready(&backup, &pepper, tell)?;
        }
        // A run that was killed may have put it in place already.
        let note =
            [&*whole, self.data].into_iter().find_map(|place| Restored::of_directory(place).transpose()).transpose().map_err(at(&whole))?;
        let restored = note.unwrap_or_else(|| self.note(&backup.manifest));
        match self.postgres {
            None => self.put_in_place(&[PEPPER, NOTE, "tenantry.db"])?,
            Some(postgres) => {
                // The pepper first: a server must never find the records without it.
                self.put_in_place(&[PEPPER])?;
                self.carry(postgres, &whole, tell).await?;
                self.put_in_place(&[NOTE])?;
            }
        }
        self.remove(&whole)?;
        drop(directory);
        Ok((backup, restored))
    }

    /// The pepper under which the backup's PINs were digested.
    fn pepper(&self, manifest: &Manifest) -> Result<Vec<u8>, BackupFault> {
        let path = self.from.join(PEPPER);
        let pepper = match self.pepper {
            Some(given) => given.to_vec(),
            None if manifest.includes_pepper => fs::read(&path).map_err(at(&path))?,
            None => {
                let cause = "the backup has no pepper.key, which was kept apart: name it with --pepper FILE";
                return Err(BackupFault::Pepper(cause.to_owned()));
            }
        };
        if folder::sum_of(&pepper) == manifest.pepper_sha256 {
            Ok(pepper)
        } else {
            Err(BackupFault::Pepper("the pepper that was given is another installation's: no call-in PIN could be checked".to_owned()))
        }
    }

    fn check_target(&self, pepper: &[u8]) -> Result<(), BackupFault> {
        for entry in fs::read_dir(self.data).map_err(at(self.data))? {
            let name = entry.map_err(at(self.data))?.file_name();
            let is_ours = self.postgres.is_some() && name == OsStr::new(PEPPER);
            if is_ours && fs::read(self.data.join(PEPPER)).map_err(at(self.data))? != pepper {
                let cause = "the data directory has the pepper of another installation; name one without";
                return Err(BackupFault::Pepper(cause.to_owned()));
            }
            let may_be = is_ours || NOTHING.iter().any(|nothing| name == *nothing);
            // The database has the records: whatever else is in the directory is not looked at.
            if !may_be && self.postgres.is_none() {
                return Err(BackupFault::NotEmpty { path: self.data.to_owned(), entry: name.to_string_lossy().into_owned() });
            }
        }
        Ok(())
    }

    /// Fills the folder, from the beginning, and says that it is whole.
    fn make_ready(&self, backup: &Backup, pepper: &[u8], tell: Tell<'_>) -> Result<(), BackupFault> {
        let part = self.data.join(Directory::RESTORE_PART);
        match fs::remove_dir_all(&part) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(at(&part)(error)),
            _ => {}
        }
        let inside = Directory::open(&part)?;
        // From here on no server starts here.
        sync_names(self.data).map_err(at(self.data))?;
        let sums = folder::sums(self.from)?;
        let copied = folder::copy(&Directory::database_in(self.from), &inside.database(), self.stop, tell)?;
        if !sums.starts_with(&copied) {
            return Err(BackupFault::Damaged { path: self.from.to_owned(), what: "the database changed while it was copied".to_owned() });
        }
        self.bring_up_to_date(&inside)?;
        folder::write(&part.join(PEPPER), pepper)?;
        let note = serde_json::to_vec_pretty(&self.note(&backup.manifest)).map_err(|error| at(&part)(error.into()))?;
        folder::write(&part.join(NOTE), &note)?;
        folder::write(&part.join(SUMS), sums.as_bytes())?;
        let named = || {
            fs::remove_file(part.join(Directory::LOCK))?;
            sync_names(&part)?;
            fs::rename(&part, self.data.join(Directory::RESTORE_WHOLE))?;
            sync_names(self.data)
        };
        named().map_err(at(&part))
    }

    /// What has to be done to the database before a server may see it: whatever else was promised about records that the backup is older than has its
    /// place here, too.
    fn bring_up_to_date(&self, inside: &Directory) -> Result<(), BackupFault> {
        let path = inside.database();
        let mut connection = open::writer(inside, &Options::default())?;
        migrations::migrate(&mut connection, inside)?;
        if let Some(source) = migrations::half_moved(&connection).map_err(of(&path))? {
            return Err(OpenFault::HalfMoved { source }.into());
        }
        for (name, times) in [("account", 1), ("package", 1), ("event", EVENTS_PER_ID)] {
            skip(&connection, name, self.skip_ids.saturating_mul(times))
                .map_err(of(&path))?
                .ok_or(BackupFault::NoIds { name: name.to_owned() })?;
        }
        // One file, and all of it on the disk: the log goes with the last connection.
        connection.pragma_update(None, "journal_mode", "DELETE").map_err(of(&path))?;
        connection.close().map_err(|(_, error)| of(&path)(error))?;
        fs::File::open(&path).and_then(|file| file.sync_all()).map_err(at(&path))
    }

    fn note(&self, manifest: &Manifest) -> Restored {
        Restored { taken_at: manifest.taken_at.clone(), restored_at: self.now.to_string(), skipped_ids: self.skip_ids }
    }

    /// Gives files the names that a server looks for. Those that have them already were given them by a run that was killed.
    fn put_in_place(&self, names: &[&str]) -> Result<(), BackupFault> {
        let whole = self.data.join(Directory::RESTORE_WHOLE);
        for name in names {
            match fs::rename(whole.join(name), self.data.join(name)) {
                Err(error) if error.kind() == ErrorKind::NotFound && self.data.join(name).exists() => {}
                Err(error) => return Err(at(&whole.join(name))(error)),
                Ok(()) => {}
            }
        }
        sync_names(self.data).map_err(at(self.data))
    }

    async fn carry(&self, postgres: &PostgresOptions, whole: &Path, tell: Tell<'_>) -> Result<(), BackupFault> {
        let (from, to) = (Place::Sqlite(whole.to_owned()), Place::Postgres(Box::new(postgres.clone())));
        let moved = Transfer::new(&from, &to, self.now.micros()).run(|progress| {
            let doing = format!("{} {}", progress.stage.doing(), progress.table);
            tell(BackupProgress { doing, unit: "rows".to_owned(), done: progress.done, total: progress.total });
        });
        match moved.await {
            Ok(_) => Ok(()),
            Err(fault) => {
                if matches!(fault, TransferFault::NotEmpty { .. }) {
                    // Nothing was begun there, so nothing is to be finished here.
                    self.remove(whole)?;
                }
                Err(fault.into())
            }
        }
    }

    fn remove(&self, whole: &Path) -> Result<(), BackupFault> {
        fs::remove_dir_all(whole).and_then(|()| sync_names(self.data)).map_err(at(whole))
    }
}

/// Passes over numbers; `None` where none would be left.
fn skip(connection: &Connection, name: &str, by: i64) -> rusqlite::Result<Option<()>> {
    let sql = "UPDATE sequence SET next = next + ?2 WHERE name = ?1 AND next + ?2 < ?3";
    let changed = connection.execute(sql, params![name, by, ACCOUNT_ID_MAX])?;
    Ok((changed == 1).then_some(()))
}

/// Whether a data directory has a part of a backup that was being restored into it.
pub(crate) fn unfinished(data: &Path) -> Option<PathBuf> {
    [Directory::RESTORE_PART, Directory::RESTORE_WHOLE].into_iter().map(|name| data.join(name)).find(|path| path.exists())
}
