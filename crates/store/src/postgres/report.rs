//! The store's health, from PostgreSQL.

use tokio_postgres::Row;

use super::session::{Ask, values};
use crate::{Integrity, StoreFault, StoreReport};

/// The numbers, in the order in which they are read. An account's balances are its allotments' quotas; a ledger says the same. A history has an event for each version.
const NUMBERS: &str = "SELECT (SELECT coalesce(max(version), 0) FROM schema_version), (SELECT count(*) FROM account), (SELECT count(*) FROM api_key), \
    (SELECT count(*) FROM event), (SELECT count(*) FROM (SELECT a.id FROM account a CROSS JOIN unnest(ARRAY['email', 'sms', 'transactions']) AS c (channel) \
    WHERE (a.allotments <> '{}' OR EXISTS (SELECT FROM quota_entry e WHERE e.tenant_id = a.tenant_id AND e.account_id = a.id)) \
    AND coalesce((a.allotments::json -> c.channel ->> 'quota')::bigint, 0) <> coalesce((SELECT sum(q.amount) FROM quota_entry q \
    WHERE q.tenant_id = a.tenant_id AND q.account_id = a.id AND q.channel = c.channel), 0) GROUP BY a.id) unbalanced), \
    pg_database_size(current_database()), current_setting('server_version'), current_setting('data_checksums'), \
    (SELECT count(*) FROM account a LEFT JOIN (SELECT tenant_id, account_id, count(*) AS events, max(version) AS newest FROM event GROUP BY tenant_id, account_id) e \
    ON e.tenant_id = a.tenant_id AND e.account_id = a.id WHERE e.events IS DISTINCT FROM a.version OR e.newest IS DISTINCT FROM a.version)";

/// The statement.
pub(super) fn ask() -> Ask<'static> {
    Ask::new(NUMBERS, values![])
}

/// What came back of it. Whether the server's files are whole is for its own tools to say (pg_amcheck, data checksums).
pub(super) fn report(rows: &[Vec<Row>]) -> Result<StoreReport, StoreFault> {
    let row = rows.first().and_then(|rows| rows.first()).ok_or_else(|| StoreFault::Unavailable("no row came back".to_owned()))?;
    let number = |index: usize| row.try_get::<_, i64>(index).map_err(|error| super::error::statement(&error));
    let text = |index: usize| row.try_get::<_, String>(index).map_err(|error| super::error::statement(&error));
    Ok(StoreReport {
        engine: format!("PostgreSQL {}", text(6)?),
        schema_version: number(0)?,
        integrity: Integrity::Elsewhere(format!("looked after by the database server; its data checksums are {}", text(7)?)),
        accounts: number(1)?,
        keys: number(2)?,
        events: number(3)?,
        unbalanced: number(4)?,
        octets: number(5)?,
        torn: number(8)?,
    })
}
