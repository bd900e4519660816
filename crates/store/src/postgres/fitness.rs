//! Asking a server whether it keeps what it acknowledges, and whether the policies bind us.

use tokio_postgres::Client;

use super::connect::{ROLE, Unreached};
use crate::OpenFault;

/// The oldest server: the newest Debian's.
const SERVER_MIN_VERSION: i64 = 150_000;

/// Whether what the server acknowledges is kept, and what it is asked for is understood.
pub(super) async fn check(client: &Client) -> Result<(), Unreached> {
    const ASK: &str = "SELECT current_setting('server_version_num')::bigint, current_setting('server_encoding'), current_setting('fsync'), \
                       current_setting('full_page_writes'), current_setting('synchronous_commit'), current_setting('synchronous_standby_names')";
    let row = client.query_one(ASK, &[]).await?;
    let version: i64 = row.get(0);
    let setting = |index: usize| row.get::<_, String>(index);
    let unfit = |setting: &'static str, found: String| Err(Unreached::Unfit(OpenFault::NotDurable { setting, found }));
    if version < SERVER_MIN_VERSION {
        return Err(Unreached::Unfit(OpenFault::Postgres(format!("the server's version is {version}; it must be 15 or newer"))));
    }
    if setting(1) != "UTF8" {
        return Err(Unreached::Unfit(OpenFault::Postgres(format!("the database's encoding is {}; make one in UTF8", setting(1)))));
    }
    if setting(2) != "on" {
        return unfit("fsync", setting(2));
    }
    if setting(3) != "on" {
        return unfit("full_page_writes", setting(3));
    }
    // https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-SYNCHRONOUS-COMMIT: with standbys, `local` and `remote_write` promise less than
    // that a standby's disk has it; without, both are the same as `on`.
    let (commit, has_standbys) = (setting(4), !setting(5).is_empty());
    let durable =
        matches!(commit.as_str(), "on" | "remote_apply") || (!has_standbys && matches!(commit.as_str(), "local" | "remote_write"));
    if durable { Ok(()) } else { unfit("synchronous_commit", commit) }
}

/// Whether the policies hold for whom we are.
pub(super) async fn check_role(client: &Client) -> Result<(), Unreached> {
    const ASK: &str = "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_class WHERE relowner = r.oid AND relnamespace = 'tenantry'::regnamespace) \
                       FROM pg_roles r WHERE rolname = current_user";
    let passes_by: bool = client.query_one(ASK, &[]).await?.get(0);
    if passes_by {
        let cause = format!("the role {ROLE} owns tables or passes row-level security by; take that from it");
        return Err(Unreached::Unfit(OpenFault::Postgres(cause)));
    }
    Ok(())
}

/// Whether the tables may be spread over other servers.
pub(super) async fn has_citus(client: &Client) -> Result<bool, Unreached> {
    const ASK: &str = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')";
    Ok(client.query_one(ASK, &[]).await?.get(0))
}

/// The timeline that a primary writes; 0 where the server does not say: one that is like PostgreSQL may know of none.
pub(super) async fn timeline(client: &Client) -> u32 {
    const ASK: &str = "SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)";
    let said = client.query_one(ASK, &[]).await.ok().and_then(|row| row.try_get::<_, String>(0).ok());
    said.and_then(|digits| u32::from_str_radix(&digits, 16).ok()).unwrap_or(0)
}
