//! The data directory: who has it open, and where things are in it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::OpenFault;

/// A data directory that this process has locked. The lock ends with the process, however it ends.
pub struct Directory {
    path: PathBuf,
    _lock: File,
}

impl Directory {
    /// Makes the directory when there is none, readable by its owner only, and locks it.
    ///
    /// # Errors
    /// It cannot be made, or another process has it.
    pub fn open(path: &Path) -> Result<Self, OpenFault> {
        let io = |error| OpenFault::Io { path: path.to_owned(), error };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(io)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path.join("lock")).map_err(io)?;
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
        self.path.join("tenantry.db")
    }

    /// Makes the names in the directory durable: a file whose name is lost is a lost file.
    ///
    /// # Errors
    /// The flush failed.
    pub fn sync(&self) -> Result<(), OpenFault> {
        File::open(&self.path).and_then(|directory| directory.sync_all()).map_err(|error| OpenFault::Io { path: self.path.clone(), error })
    }
}
