//! What requests with a key were answered.

use rusqlite::{Connection, params};
use tenantry_domain::TenantId;
use tenantry_domain::idempotency::{Digest, IdempotentAnswer};

use super::error::statement;
use crate::StoreFault;
use crate::row::{self, forgotten_at_most, idempotent_answer_columns};

/// What the request with a key was answered.
pub(super) fn idempotent_answer(
    connection: &Connection,
    tenant_id: TenantId,
    key: &Digest,
) -> Result<Option<IdempotentAnswer>, StoreFault> {
    const ONE: &str = concat!("SELECT ", idempotent_answer_columns!(), " FROM idempotent_answer WHERE tenant_id = ?1 AND key = ?2");
    let mut query = connection.prepare_cached(ONE).map_err(|error| statement(&error))?;
    let mut rows = query.query(params![tenant_id.get(), key]).map_err(|error| statement(&error))?;
    rows.next().map_err(|error| statement(&error))?.map(row::idempotent_answer).transpose()
}

/// Keeps answers. With each some that are no longer kept are forgotten, so that the table does not grow for ever.
pub(super) fn save_idempotent_answers(connection: &Connection, answers: &[IdempotentAnswer]) -> rusqlite::Result<()> {
    const KEEP: &str = "INSERT OR REPLACE INTO idempotent_answer (tenant_id, key, fingerprint, account_id, answer, expires_at) \
                        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    const FORGET: &str = "DELETE FROM idempotent_answer WHERE tenant_id = ?1 AND key IN \
                          (SELECT key FROM idempotent_answer WHERE tenant_id = ?1 AND expires_at <= ?2 ORDER BY expires_at LIMIT ?3)";
    for answer in answers {
        connection.prepare_cached(KEEP)?.execute(params![
            answer.tenant_id.get(),
            answer.request.key,
            answer.request.fingerprint,
            answer.account_id.get(),
            answer.answer,
            answer.expires_at.micros(),
        ])?;
        let since = answer.kept_since().micros();
        connection.prepare_cached(FORGET)?.execute(params![answer.tenant_id.get(), since, forgotten_at_most(1)])?;
    }
    Ok(())
}
