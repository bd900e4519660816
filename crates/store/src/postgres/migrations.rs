//! The schema, step by step. A step, once released, never changes; the newest number is the schema's version.

use tokio_postgres::Client;

use super::connect::{ROLE, Unreached};
use super::error::cause;
use super::twins;
use crate::OpenFault;

/// Every step, in order.
const STEPS: &[&str] = &[
    include_str!("migrations/0001_accounts.sql"),
    include_str!("migrations/0002_transfer.sql"),
    include_str!("migrations/0003_hold_end.sql"),
    include_str!("migrations/0004_idempotent_answer.sql"),
    include_str!("migrations/0005_account_value.sql"),
    include_str!("migrations/0006_account_by_created.sql"),
    include_str!("migrations/0007_twin_key.sql"),
    include_str!("migrations/0008_erase.sql"),
];
/// The step after which accounts get the keys of their twins.
const TWINS: i64 = 7;
/// The lock under which one server at a time changes the schema: "TNRY" as a number.
pub(super) const LOCK: i64 = 0x544E_5259;

/// Brings the database to the newest schema. Each step is one transaction under one lock: after a crash the database has either the old version or the new
/// one, and of many servers that start at once one does it.
pub(super) async fn migrate(client: &mut Client) -> Result<(), Unreached> {
    let known = STEPS.len() as i64;
    let found = version(client).await?;
    if found > known {
        return Err(Unreached::Unfit(OpenFault::SchemaTooNew { found, known }));
    }
    for version in found..known {
        step(client, version).await?;
    }
    Ok(())
}

/// Whether the database has the newest schema, without bringing it there.
pub(super) async fn require_newest(client: &Client) -> Result<(), Unreached> {
    let known = STEPS.len() as i64;
    match version(client).await? {
        found if found > known => Err(Unreached::Unfit(OpenFault::SchemaTooNew { found, known })),
        found if found < known => {
            let cause = format!(
                "the database has schema {found}, and this program wants {known}: use the program that serves it, or `tenantry migrate`"
            );
            Err(Unreached::Unfit(OpenFault::Postgres(cause)))
        }
        _ => Ok(()),
    }
}

/// From where an installation is being moved into the database, when not all of it is there.
pub(super) async fn half_moved(client: &Client) -> Result<Option<String>, Unreached> {
    Ok(client.query_opt("SELECT source FROM tenantry.transfer", &[]).await?.map(|row| row.get(0)))
}

/// The version of the schema; 0 where there is none.
async fn version(client: &Client) -> Result<i64, Unreached> {
    let there: bool = client.query_one("SELECT to_regclass('tenantry.schema_version') IS NOT NULL", &[]).await?.get(0);
    if !there {
        return Ok(0);
    }
    Ok(client.query_one("SELECT coalesce(max(version), 0) FROM tenantry.schema_version", &[]).await?.get(0))
}

/// Goes from a version to the next, unless another server just did.
async fn step(client: &mut Client, from: i64) -> Result<(), Unreached> {
    let fault = |error: tokio_postgres::Error| Unreached::Unfit(OpenFault::Postgres(advice(&error)));
    let transaction = client.transaction().await?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    if from == 0 {
        transaction.batch_execute(&first()).await.map_err(fault)?;
    }
    let now: i64 = transaction.query_one("SELECT coalesce(max(version), 0) FROM tenantry.schema_version", &[]).await?.get(0);
    if now == from {
        let sql = usize::try_from(from).ok().and_then(|index| STEPS.get(index)).copied().unwrap_or_default();
        tracing::info!(version = from + 1, "the database is brought to a newer schema");
        // sql: the step as it is
        transaction.batch_execute(&format!("SET LOCAL search_path = tenantry, public; {sql}")).await.map_err(fault)?;
        if from + 1 == TWINS {
            twins::fill(&transaction).await?;
        }
        transaction.execute("INSERT INTO tenantry.schema_version (version) VALUES ($1)", &[&(from + 1)]).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// What comes before any step: the role of the application, and the table of versions.
fn first() -> String {
    // sql: the role's name is a constant
    format!(
        "DO $$ BEGIN \
           IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN CREATE ROLE {ROLE} NOLOGIN; END IF; \
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$; \
         DO $$ BEGIN \
           IF NOT pg_has_role(current_user, '{ROLE}', 'MEMBER') THEN EXECUTE format('GRANT {ROLE} TO %I', current_user); END IF; \
         END $$; \
         CREATE SCHEMA IF NOT EXISTS tenantry; \
         CREATE TABLE IF NOT EXISTS tenantry.schema_version (version bigint PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
    )
}

/// What to do about a step that failed.
fn advice(error: &tokio_postgres::Error) -> String {
    let cause = cause(error);
    if error.code().is_some_and(|code| *code == tokio_postgres::error::SqlState::INSUFFICIENT_PRIVILEGE) {
        return format!(
            "the schema cannot be made: {cause}. The user of the address must own the database and have the role of the application; as an administrator: \
             CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO that user; ALTER DATABASE … OWNER TO that user"
        );
    }
    format!("the schema cannot be made: {cause}")
}
