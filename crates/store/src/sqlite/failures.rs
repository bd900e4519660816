//! Budgets of failed authentications, so that a restart does not fill them.

use rusqlite::{Connection, params};

use super::error::statement;
use crate::{FailureBudget, StoreFault};

/// Those that are not full yet.
pub(crate) fn failure_budgets(connection: &Connection) -> Result<Vec<FailureBudget>, StoreFault> {
    let mut query = connection.prepare("SELECT bucket, full_at FROM failure_budget").map_err(|error| statement(&error))?;
    let rows = query
        .query_map([], |row| Ok(FailureBudget { bucket: row.get(0)?, full_at: row.get(1)?, taken: 0 }))
        .map_err(|error| statement(&error))?;
    rows.collect::<Result<_, _>>().map_err(|error| statement(&error))
}

/// Writes those that changed, and forgets those that are full at this time.
pub(super) fn save_failure_budgets(connection: &Connection, changed: &[FailureBudget], now: i64) -> rusqlite::Result<()> {
    const UPSERT: &str =
        "INSERT INTO failure_budget (bucket, full_at) VALUES (?1, ?2) ON CONFLICT (bucket) DO UPDATE SET full_at = excluded.full_at";
    for budget in changed {
        connection.prepare_cached(UPSERT)?.execute(params![budget.bucket, budget.full_at])?;
    }
    connection.prepare_cached("DELETE FROM failure_budget WHERE full_at <= ?1")?.execute([now]).map(drop)
}
