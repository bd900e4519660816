//! What an SQLite result code means for a lane.

use rusqlite::ErrorCode;

use crate::StoreFault;

/// A fault of a statement before the commit: the transaction is rolled back, so nothing was written.
pub(super) fn statement(error: &rusqlite::Error) -> StoreFault {
    let cause = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreFault::Full(cause),
        Some(ErrorCode::OperationInterrupted) => StoreFault::TooSlow,
        Some(ErrorCode::ConstraintViolation) => StoreFault::Conflict(cause),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreFault::Corrupt(cause),
        _ => StoreFault::Unavailable(cause),
    }
}

/// A fault of the commit itself. Only a full disk and a busy file are known to have written nothing: the write stopped before the log's
/// commit frame. Everything else may be there after a restart.
pub(super) fn commit(error: &rusqlite::Error) -> StoreFault {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::ConstraintViolation) => statement(error),
        _ => StoreFault::Broken(error.to_string()),
    }
}

/// A fault of moving the log into the database. With a reader in the way or a full disk the log keeps everything, and it can be tried again.
pub(super) fn moving(error: &rusqlite::Error) -> StoreFault {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::DiskFull) => statement(error),
        _ => StoreFault::Broken(error.to_string()),
    }
}

impl crate::row::Row for rusqlite::Row<'_> {
    fn int(&self, index: usize) -> Result<Option<i64>, String> {
        self.get(index).map_err(|error| error.to_string())
    }

    fn text(&self, index: usize) -> Result<Option<&str>, String> {
        self.get_ref(index).map_err(|error| error.to_string())?.as_str_or_null().map_err(|error| error.to_string())
    }

    fn octets(&self, index: usize) -> Result<&[u8], String> {
        self.get_ref(index).map_err(|error| error.to_string())?.as_blob().map_err(|error| error.to_string())
    }
}
