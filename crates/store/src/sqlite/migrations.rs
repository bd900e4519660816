//! The schema, step by step. A step, once released, never changes; the newest number is the schema's version.

use rusqlite::{Connection, TransactionBehavior};

use super::{Directory, OpenFault};

/// Marks the file as Tenantry's, for `file` and for people (https://sqlite.org/pragma.html#pragma_application_id): "TNRY".
const APPLICATION_ID: i64 = 0x544E_5259;
/// Every step, in order.
const STEPS: &[&str] = &[include_str!("migrations/0001_accounts.sql")];

/// Brings the file to the newest schema. Each step is one transaction: after a crash the file has either the old version or the new one.
pub(super) fn migrate(connection: &mut Connection, directory: &Directory) -> Result<(), OpenFault> {
    let path = directory.database();
    let fault = |error| OpenFault::Database { path: path.clone(), error };
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(fault)?;
    let known = STEPS.len() as i64;
    if found > known {
        return Err(OpenFault::TooNew { path, found, known });
    }
    for (version, step) in (1..).zip(STEPS).skip(usize::try_from(found).unwrap_or(0)) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
        transaction.execute_batch(step).map_err(fault)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(fault)?;
        transaction.pragma_update(None, "user_version", version).map_err(fault)?;
        transaction.commit().map_err(fault)?;
    }
    Ok(())
}
