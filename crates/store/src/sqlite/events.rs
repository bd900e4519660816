//! The history of an account: a chain, walked from its newest event back.

use rusqlite::{Connection, OptionalExtension, params};
use tenantry_domain::{AccountId, TenantId};

use super::error::statement;
use crate::row::{self, event_columns};
use crate::{EventList, EventMark, StoreFault};

/// A page of an account's history, the newest event first. Each step back is a look-up by the table's own key.
pub(crate) fn events(
    connection: &Connection,
    tenant_id: TenantId,
    account_id: AccountId,
    from: Option<EventMark>,
    limit: usize,
) -> Result<EventList, StoreFault> {
    const NEWEST: &str = "SELECT newest_event FROM account WHERE id = ?1 AND tenant_id = ?2";
    // Whatever mark was sent: of this account alone.
    const ONE: &str =
        concat!("SELECT ", event_columns!(), ", e.previous FROM event e WHERE e.seq = ?1 AND e.account_id = ?2 AND e.tenant_id = ?3");
    let fault = |error| statement(&error);
    let (id, tenant) = (account_id.get(), tenant_id.get());
    let mut next = match from {
        Some(EventMark(seq)) => Some(seq),
        None => {
            let mut newest = connection.prepare_cached(NEWEST).map_err(fault)?;
            newest.query_row(params![id, tenant], |row| row.get(0)).optional().map_err(fault)?.flatten()
        }
    };
    let mut one = connection.prepare_cached(ONE).map_err(fault)?;
    let mut events = Vec::new();
    while let Some(seq) = next.filter(|_| events.len() < limit) {
        let mut rows = one.query(params![seq, id, tenant]).map_err(fault)?;
        let Some(row) = rows.next().map_err(fault)? else { return Ok(EventList { events, next: None }) };
        events.push(row::past_event(row)?);
        next = row.get(11).map_err(fault)?;
    }
    Ok(EventList { events, next: next.map(EventMark) })
}
