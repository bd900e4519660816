//! What an SQLSTATE means for a lane (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::StoreFault;

/// A fault of a statement before the commit: the transaction is rolled back, so nothing was written.
pub(super) fn statement(error: &Error) -> StoreFault {
    let cause = cause(error);
    let Some(code) = error.code() else {
        return if error.is_closed() || is_io(error) { StoreFault::Unavailable(cause) } else { StoreFault::Corrupt(cause) };
    };
    match code.code() {
        // Serialization failure, deadlock, a lock that did not come, and every constraint: another writer was first.
        "40001" | "40P01" | "55P03" => StoreFault::Conflict(cause),
        // Division by zero: how an update says that an account is no longer in the version that was decided on. Nothing else divides.
        "22012" => StoreFault::Conflict("an account is no longer in the version that was decided on".to_owned()),
        code if code.starts_with("23") => StoreFault::Conflict(cause),
        "57014" => StoreFault::TooSlow,
        "53100" => StoreFault::Full(cause),
        // Data corrupted, index corrupted.
        "XX001" | "XX002" => StoreFault::Corrupt(cause),
        _ => StoreFault::Unavailable(cause),
    }
}

/// A fault of the commit itself. Only what says that the transaction was rolled back has written nothing; a connection that was lost, or that the server
/// ended, says nothing.
pub(super) fn commit(error: &Error) -> StoreFault {
    match error.code() {
        Some(code) if *code == SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN => StoreFault::Unknown(cause(error)),
        Some(code) if code.code().starts_with("40") || code.code().starts_with("23") => statement(error),
        _ => StoreFault::Unknown(cause(error)),
    }
}

/// What the server says, with what it says about it; else what went wrong on the way to it.
pub(crate) fn cause(error: &Error) -> String {
    match error.as_db_error() {
        Some(said) => {
            let detail = said.constraint().map(|constraint| format!(" ({constraint})")).unwrap_or_default();
            // The detail of a constraint holds the values: they are a customer's, and this is for the log.
            format!("{}: {}{detail}", said.code().code(), said.message())
        }
        None => std::error::Error::source(error).map_or_else(|| error.to_string(), |source| format!("{error}: {source}")),
    }
}

fn is_io(error: &Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
}
