//! The data directory: who has it open, and where things are in it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::{OpenFault, backup};

/// A data directory that this process has locked. The lock ends with the process, however it ends.
pub struct Directory {
    path: PathBuf,
    _lock: File,
}

impl Directory {
    /// The file that is locked.
    pub(crate) const LOCK: &'static str = "lock";
    /// Where a backup is made ready that is being restored.
    pub(crate) const RESTORE_PART: &'static str = "restore-part";
    /// The same, when all of it is there.
    pub(crate) const RESTORE_WHOLE: &'static str = "restore-whole";

    /// Makes the directory when there is none, readable by its owner only, and locks it. Its own name is durable then.
    ///
    /// # Errors
    /// It cannot be made, another process has it, or a backup was being restored into it.
    pub fn open(path: &Path) -> Result<Self, OpenFault> {
        let directory = Self::open_unfinished(path)?;
        // Behind the lock: nobody begins to restore meanwhile.
        match backup::unfinished(path) {
            Some(path) => Err(OpenFault::HalfRestored { path }),
            None => Ok(directory),
        }
    }

    /// The same, whether or not a backup was being restored into it: for whoever goes on with that.
    pub(crate) fn open_unfinished(path: &Path) -> Result<Self, OpenFault> {
        let io = |error| OpenFault::Io { path: path.to_owned(), error };
        make(path).map_err(io)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path.join(Self::LOCK)).map_err(io)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(OpenFault::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(error)) => Err(io(error)),
        }
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        Self::database_in(&self.path)
    }

    /// The database file of a data directory that need not be there.
    pub fn database_in(path: &Path) -> PathBuf {
        path.join("tenantry.db")
    }

    /// The database's log.
    pub(super) fn log(&self) -> PathBuf {
        self.path.join("tenantry.db-wal")
    }

    /// Makes the names in the directory durable: a file whose name is lost is a lost file.
    ///
    /// # Errors
    /// The flush failed.
    pub fn sync(&self) -> Result<(), OpenFault> {
        sync_names(&self.path).map_err(|error| OpenFault::Io { path: self.path.clone(), error })
    }
}

/// Makes a directory and those above it that are missing. The name of each is durable before anything is put into it.
fn make(path: &Path) -> io::Result<()> {
    let above = match path.parent() {
        Some(above) if above.as_os_str().is_empty() => Path::new("."),
        Some(above) => above,
        None => return Ok(()),
    };
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => sync_names(above),
        Err(error) if error.kind() == ErrorKind::NotFound && !above.exists() => {
            make(above)?;
            make(path)
        }
        // Whoever made it may have been killed before the name was durable. Where another made it, its names need not be ours to read.
        Err(_) if path.is_dir() => match sync_names(above) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
            synced => synced,
        },
        Err(error) => Err(error),
    }
}

fn sync_names(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
