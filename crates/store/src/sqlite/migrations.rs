//! The schema, step by step. A step, once released, never changes; the newest number is the schema's version.

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use tenantry_domain::search::name_folded;

use crate::twins::of_columns;
use crate::{Directory, OpenFault};

/// Marks the file as Tenantry's, for `file` and for people (https://sqlite.org/pragma.html#pragma_application_id): "TNRY".
const APPLICATION_ID: i64 = 0x544E_5259;
/// Every step, in order.
pub(crate) const STEPS: &[&str] = &[
    include_str!("migrations/0001_accounts.sql"),
    include_str!("migrations/0002_history_chain.sql"),
    include_str!("migrations/0003_search_waiting.sql"),
    include_str!("migrations/0004_packages_and_quotas.sql"),
    include_str!("migrations/0005_transfer.sql"),
    include_str!("migrations/0006_hold_end.sql"),
    include_str!("migrations/0007_idempotent_answer.sql"),
    include_str!("migrations/0008_account_value.sql"),
    include_str!("migrations/0009_account_by_created.sql"),
    include_str!("migrations/0010_twin_key.sql"),
    include_str!("migrations/0011_leftovers.sql"),
];

/// Brings the file to the newest schema. Each step is one transaction: after a crash the file has either the old version or the new one.
pub(crate) fn migrate(connection: &mut Connection, directory: &Directory) -> Result<(), OpenFault> {
    let path = directory.database();
    let fault = |error| OpenFault::Database { path: path.clone(), error };
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(fault)?;
    create_functions(connection).map_err(fault)?;
    let known = STEPS.len() as i64;
    if found > known {
        return Err(OpenFault::TooNew { path, found, known });
    }
    for (version, step) in (1..).zip(STEPS).skip(usize::try_from(found).unwrap_or(0)) {
        if found > 0 {
            tracing::info!(version, "the store is brought to a newer schema; over a million customers this takes some seconds");
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
        transaction.execute_batch(step).map_err(fault)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(fault)?;
        transaction.pragma_update(None, "user_version", version).map_err(fault)?;
        transaction.commit().map_err(fault)?;
    }
    Ok(())
}

/// From where an installation is being moved into the file, when not all of it is there.
pub(crate) fn half_moved(connection: &Connection) -> rusqlite::Result<Option<String>> {
    connection.query_row("SELECT source FROM transfer", [], |row| row.get(0)).optional()
}

/// The newest schema, empty, in memory.
#[cfg(test)]
pub(crate) fn newest_schema() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    create_functions(&connection).unwrap();
    STEPS.iter().try_for_each(|step| connection.execute_batch(step)).unwrap();
    connection
}

/// What steps need that only the domain can tell.
fn create_functions(connection: &Connection) -> rusqlite::Result<()> {
    connection.create_scalar_function("profile_name_folded", 2, FunctionFlags::SQLITE_UTF8, profile_name_folded)?;
    connection.create_scalar_function("account_twin_keys", 4, FunctionFlags::SQLITE_UTF8, account_twin_keys)
}

/// What a customer's twins would have in common with it, as a JSON list.
fn account_twin_keys(context: &mut Context<'_>) -> rusqlite::Result<String> {
    let (id, status, email, profile): (_, String, _, String) = (context.get(0)?, context.get(1)?, context.get(2)?, context.get(3)?);
    let keys = of_columns(id, &status, email, &profile);
    serde_json::to_string(&keys).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

/// The name by which a record is put in order.
///
/// A row that cannot be read fails whoever asks for it, and is named then; it must not keep all others from being brought along.
fn profile_name_folded(context: &mut Context<'_>) -> rusqlite::Result<String> {
    match serde_json::from_str(context.get_raw(1).as_str()?) {
        Ok(profile) => Ok(name_folded(&profile)),
        Err(error) => {
            let id: i64 = context.get(0)?;
            tracing::warn!(id, %error, "table account, column profile: this row cannot be read; it comes first in lists by name");
            Ok(String::new())
        }
    }
}

#[cfg(test)]
mod tests;
