//! Every statement with a fixed text. Each names the tenant as `tenant_id = $1`, in every table that has tenants: Citus sends it to one shard, and the
//! policies of the schema hide nothing that it asks for. What is appended gives a row back (RETURNING 1): else Citus would copy it to the shard, which is not
//! done under policies. Those of the operator, and the one that finds out who calls, do not: they stand last.

use crate::row::{account_columns, event_columns, idempotent_answer_columns, key_columns, package_columns, quota_entry_columns};

/// Accounts by their ids.
pub(super) const ACCOUNTS: &str = concat!("SELECT ", account_columns!(), " FROM account a WHERE a.tenant_id = $1 AND a.id = ANY ($2)");
/// The same, to be changed by nobody else. In rising order: two servers that lock the same accounts do it in the same order.
pub(super) const ACCOUNTS_LOCKED: &str =
    concat!("SELECT ", account_columns!(), " FROM account a WHERE a.tenant_id = $1 AND a.id = ANY ($2) ORDER BY a.id FOR NO KEY UPDATE");
/// The same, to stay as they are while somebody is put below them.
pub(super) const ACCOUNTS_TO_STAND_BELOW: &str =
    concat!("SELECT ", account_columns!(), " FROM account a WHERE a.tenant_id = $1 AND a.id = ANY ($2) ORDER BY a.id FOR SHARE");

/// Numbers for new accounts.
pub(super) const NEXT_ACCOUNT_IDS: &str = "SELECT nextval('account_id') FROM generate_series(1, $1::bigint)";
/// Numbers for new packages.
pub(super) const NEXT_PACKAGE_IDS: &str = "SELECT nextval('package_id') FROM generate_series(1, $1::bigint)";

/// Who has these addresses.
pub(super) const EMAIL_OWNERS: &str =
    "SELECT email_folded, id FROM account WHERE tenant_id = $1 AND email_folded = ANY ($2) AND status <> 'deleted'";
/// Who has these external ids.
pub(super) const EXTERNAL_ID_OWNERS: &str =
    "SELECT external_id, id FROM account WHERE tenant_id = $1 AND external_id = ANY ($2) AND status <> 'deleted'";

/// Who has these values, which may be one account's alone.
pub(super) const VALUE_OWNERS: &str = "SELECT name, value, account_id FROM account_value WHERE tenant_id = $1 \
    AND (name, value) IN (SELECT * FROM unnest($2::text[], $3::text[])) AND is_unique = 1";

/// Packages by id. Whoever gives one to an account keeps it from being deleted meanwhile.
pub(super) const PACKAGES_BY_ID: &str =
    concat!("SELECT ", package_columns!(), " FROM package WHERE tenant_id = $1 AND id = ANY ($2) ORDER BY id FOR SHARE");
/// Packages by identifier, likewise.
pub(super) const PACKAGES_BY_IDENTIFIER: &str = concat!(
    "SELECT ",
    package_columns!(),
    " FROM package WHERE tenant_id = $1 AND identifier = ANY ($2) AND status <> 'deleted' ORDER BY id FOR SHARE"
);
/// The packages of providers, to be changed.
pub(super) const PACKAGES_OF: &str = concat!(
    "SELECT ",
    package_columns!(),
    " FROM package WHERE tenant_id = $1 AND provider_id = ANY ($2) AND status <> 'deleted' ORDER BY id FOR NO KEY UPDATE"
);
/// How many live accounts have each package, up to a number.
pub(super) const LIVE_HOLDERS: &str = "SELECT p.id, (SELECT count(*) FROM (SELECT FROM package_holder h JOIN account a ON a.tenant_id = h.tenant_id \
    AND a.id = h.account_id WHERE h.tenant_id = $1 AND h.package_id = p.id AND a.tenant_id = $1 AND a.status <> 'deleted' LIMIT $3) counted) \
    FROM unnest($2::bigint[]) AS p (id)";

/// Moves of quotas by account and key.
pub(super) const QUOTA_ENTRIES_BY_KEY: &str = concat!(
    "SELECT ",
    quota_entry_columns!(),
    " FROM quota_entry WHERE tenant_id = $1 AND (account_id, idempotency_key) IN (SELECT * FROM unnest($2::bigint[], $3::text[]))"
);
/// The newest lines of a ledger.
pub(super) const NEWEST_QUOTA_ENTRIES: &str = concat!(
    "SELECT ",
    quota_entry_columns!(),
    " FROM quota_entry WHERE tenant_id = $1 AND account_id = $2 ORDER BY version DESC, channel LIMIT $3"
);

/// A page of one balance's ledger, the newest line first.
pub(super) const LEDGER: &str = concat!(
    "SELECT ",
    quota_entry_columns!(),
    " FROM quota_entry WHERE tenant_id = $1 AND account_id = $2 AND version < $3 AND channel = $4 ORDER BY version DESC LIMIT $5"
);
/// A page of an account's history, the newest event first.
pub(super) const EVENTS: &str = concat!(
    "SELECT ",
    event_columns!(),
    " FROM event e WHERE e.tenant_id = $1 AND e.account_id = $2 AND e.version < $3 ORDER BY e.version DESC LIMIT $4"
);

/// The keys of accounts.
pub(super) const KEYS_OF: &str =
    concat!("SELECT ", key_columns!(), " FROM api_key WHERE tenant_id = $1 AND account_id = ANY ($2) ORDER BY created_at, public");

/// What requests with these keys were answered.
pub(super) const IDEMPOTENT_ANSWERS: &str =
    concat!("SELECT ", idempotent_answer_columns!(), " FROM idempotent_answer WHERE tenant_id = $1 AND key = ANY ($2)");

/// How many live accounts stand directly below each, up to a number.
pub(super) const LIVE_CHILDREN: &str = "SELECT p.id, (SELECT count(*) FROM (SELECT FROM account c WHERE c.tenant_id = $1 AND c.parent_id = p.id \
    AND c.status <> 'deleted' LIMIT $3) counted) FROM unnest($2::bigint[]) AS p (id)";

/// Who has what twins have in common: of many, those that were added last.
pub(super) const TWINS: &str = concat!(
    "SELECT ",
    account_columns!(),
    ", k.key FROM unnest($2::text[]) k (key) CROSS JOIN LATERAL (SELECT t.account_id FROM twin_key t WHERE t.tenant_id = $1 AND t.key = k.key \
     ORDER BY t.account_id DESC LIMIT $3) f JOIN account a ON a.tenant_id = $1 AND a.id = f.account_id"
);
/// Groups of accounts that have something in common.
pub(super) const TWIN_GROUPS: &str = "SELECT t.tenant_id, t.key, string_agg(t.account_id::text, ',') FROM twin_key t WHERE t.tenant_id = $1 AND t.key > $2 \
    AND ($3::bigint IS NULL OR EXISTS (SELECT FROM lineage l WHERE l.tenant_id = $1 AND l.ancestor_id = $3 AND l.account_id = t.account_id)) \
    GROUP BY t.tenant_id, t.key HAVING count(*) > 1 ORDER BY t.tenant_id, t.key LIMIT $4";
/// Notes what accounts no longer have in common with their twins.
pub(super) const DELETE_TWINS: &str = "DELETE FROM twin_key t USING unnest($2::text[], $3::bigint[]) w (key, account_id) \
    WHERE t.tenant_id = $1 AND t.key = w.key AND t.account_id = w.account_id";
/// Notes what they have.
pub(super) const INSERT_TWINS: &str =
    "INSERT INTO twin_key (tenant_id, key, account_id) SELECT $1, w.* FROM unnest($2::text[], $3::bigint[]) w RETURNING 1";

/// One package.
pub(super) const PACKAGE: &str =
    concat!("SELECT ", package_columns!(), " FROM package WHERE tenant_id = $1 AND id = $2 AND status <> 'deleted'");
/// Every package of a tenant.
pub(super) const PACKAGES: &str =
    concat!("SELECT ", package_columns!(), " FROM package WHERE tenant_id = $1 AND status <> 'deleted' ORDER BY id");

/// Appends accounts.
pub(super) const INSERT_ACCOUNTS: &str = "INSERT INTO account (tenant_id, id, parent_id, ancestors, kind, external_id, hash, email, email_folded, \
    password_hash, call_in_pin, status, holds, activated_at, ended_at, created_at, updated_at, version, profile, allotments, name_folded, search_text) \
    SELECT $1, w.* FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], \
    $12::text[], $13::text[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[], $19::text[], $20::text[], $21::text[], $22::text[]) w RETURNING 1";
/// Changes accounts. One that is no longer in the version that was decided on is not changed; the number of those that were is then not that of those sent, and the
/// statement fails with a division by zero, so that the commit that was sent behind it does nothing.
pub(super) const UPDATE_ACCOUNTS: &str = "WITH changed AS (UPDATE account a SET external_id = w.external_id, email = w.email, email_folded = w.email_folded, \
    password_hash = w.password_hash, call_in_pin = w.call_in_pin, status = w.status, holds = w.holds, activated_at = w.activated_at, \
    ended_at = w.ended_at, updated_at = w.updated_at, version = w.version, profile = w.profile, allotments = w.allotments, \
    name_folded = coalesce(w.name_folded, a.name_folded), search_text = coalesce(w.search_text, a.search_text) \
    FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::bigint[], $12::bigint[], \
    $13::bigint[], $14::bigint[], $15::text[], $16::text[], $17::text[], $18::text[]) w (id, before, external_id, email, email_folded, password_hash, \
    call_in_pin, status, holds, activated_at, ended_at, updated_at, version, profile, allotments, name_folded, search_text) \
    WHERE a.tenant_id = $1 AND a.id = w.id AND a.version = w.before RETURNING 1) SELECT 1 / (count(*) = cardinality($2))::int FROM changed";
/// The same where nothing but the profile is different, as in most edits: the less is sent, and put together to rows, the less each costs.
pub(super) const UPDATE_PROFILES: &str = "WITH changed AS (UPDATE account a SET updated_at = w.updated_at, version = w.version, profile = w.profile \
    FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[]) w (id, before, updated_at, version, profile) \
    WHERE a.tenant_id = $1 AND a.id = w.id AND a.version = w.before RETURNING 1) SELECT 1 / (count(*) = cardinality($2))::int FROM changed";
/// Notes who stands below whom.
pub(super) const INSERT_LINEAGE: &str =
    "INSERT INTO lineage (tenant_id, ancestor_id, account_id) SELECT $1, w.* FROM unnest($2::bigint[], $3::bigint[]) w RETURNING 1";
/// Appends events, in order.
pub(super) const INSERT_EVENTS: &str = "INSERT INTO event (tenant_id, account_id, version, name, at, actor_id, credential, peer, claimed, dialect, \
    request_id, changes) SELECT $1, w.account_id, w.version, w.name, w.at, w.actor_id, w.credential, w.peer, w.claimed, w.dialect, w.request_id, w.changes \
    FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[]) \
    WITH ORDINALITY w (account_id, version, name, at, actor_id, credential, peer, claimed, dialect, request_id, changes, place) ORDER BY w.place RETURNING 1";
/// Puts keys in place.
pub(super) const UPSERT_KEYS: &str = "INSERT INTO api_key (tenant_id, account_id, scheme, public, verifier, label, scopes, allow, rate_per_minute, created_at, \
    expires_at, revoked_at) SELECT $1, w.* FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bytea[], $6::text[], $7::text[], $8::text[], $9::bigint[], \
    $10::bigint[], $11::bigint[], $12::bigint[]) w ON CONFLICT (tenant_id, account_id, scheme, public) DO UPDATE SET verifier = excluded.verifier, \
    label = excluded.label, scopes = excluded.scopes, allow = excluded.allow, rate_per_minute = excluded.rate_per_minute, \
    created_at = excluded.created_at, expires_at = excluded.expires_at, revoked_at = excluded.revoked_at";
/// Puts packages in place.
pub(super) const UPSERT_PACKAGES: &str = "INSERT INTO package (tenant_id, id, path, provider_id, channel, name, identifier, quantity, status, created_at, \
    updated_at) SELECT $1, w.* FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[], $10::bigint[], \
    $11::bigint[]) w ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name, identifier = excluded.identifier, quantity = excluded.quantity, \
    status = excluded.status, updated_at = excluded.updated_at";
/// Notes that accounts no longer have packages.
pub(super) const DELETE_HOLDERS: &str = "DELETE FROM package_holder h USING unnest($2::bigint[], $3::bigint[]) w (package_id, account_id) \
    WHERE h.tenant_id = $1 AND h.package_id = w.package_id AND h.account_id = w.account_id";
/// Notes that accounts have packages.
pub(super) const INSERT_HOLDERS: &str =
    "INSERT INTO package_holder (tenant_id, package_id, account_id) SELECT $1, w.* FROM unnest($2::bigint[], $3::bigint[]) w RETURNING 1";
/// Notes when the first hold of each account ends by itself.
pub(super) const SET_HOLD_ENDS: &str = "INSERT INTO hold_end (tenant_id, account_id, ends_at) SELECT $1, w.* FROM unnest($2::bigint[], $3::bigint[]) w \
    ON CONFLICT (tenant_id, account_id) DO UPDATE SET ends_at = excluded.ends_at";
/// Notes that none does.
pub(super) const DELETE_HOLD_ENDS: &str = "DELETE FROM hold_end h WHERE h.tenant_id = $1 AND h.account_id = ANY ($2)";
/// Keeps what requests are answered. Where another server keeps an answer to the same key by now, the number of rows is not that of those sent, and the statement
/// fails with a division by zero: that request is decided again, and finds the answer.
pub(super) const INSERT_IDEMPOTENT_ANSWERS: &str = "WITH kept AS (INSERT INTO idempotent_answer AS i (tenant_id, key, fingerprint, account_id, answer, expires_at) \
    SELECT $1, w.* FROM unnest($2::bytea[], $3::bytea[], $4::bigint[], $5::bytea[], $6::bigint[]) w ON CONFLICT (tenant_id, key) DO UPDATE SET \
    fingerprint = excluded.fingerprint, account_id = excluded.account_id, answer = excluded.answer, expires_at = excluded.expires_at \
    WHERE i.tenant_id = $1 AND i.expires_at <= $7 RETURNING 1) SELECT 1 / (count(*) = cardinality($2))::int FROM kept";
/// Forgets some that are no longer kept.
pub(super) const FORGET_IDEMPOTENT_ANSWERS: &str = "DELETE FROM idempotent_answer i WHERE i.tenant_id = $1 AND i.key IN \
    (SELECT o.key FROM idempotent_answer o WHERE o.tenant_id = $1 AND o.expires_at <= $2 ORDER BY o.expires_at LIMIT $3 FOR UPDATE SKIP LOCKED)";
/// Notes that accounts no longer have values.
pub(super) const DELETE_VALUES: &str = "DELETE FROM account_value v USING unnest($2::text[], $3::text[], $4::bigint[]) w (name, value, account_id) \
    WHERE v.tenant_id = $1 AND v.name = w.name AND v.value = w.value AND v.account_id = w.account_id";
/// Notes by which values accounts are listed.
pub(super) const INSERT_VALUES: &str = "INSERT INTO account_value (tenant_id, name, value, account_id, is_unique) \
    SELECT $1, w.* FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[]) w RETURNING 1";
/// Takes out of the events of accounts what was changed, and from where.
pub(super) const ERASE_EVENTS: &str = "UPDATE event e SET changes = '[]', peer = NULL, claimed = NULL \
    FROM unnest($2::bigint[], $3::bigint[]) w (account_id, version) WHERE e.tenant_id = $1 AND e.account_id = w.account_id AND e.version < w.version";
/// Takes the reasons out of their ledgers.
pub(super) const ERASE_QUOTA_ENTRIES: &str = "UPDATE quota_entry q SET reason = 'erased' \
    FROM unnest($2::bigint[], $3::bigint[]) w (account_id, version) WHERE q.tenant_id = $1 AND q.account_id = w.account_id AND q.version < w.version";
/// Deletes their keys.
pub(super) const ERASE_KEYS: &str = "DELETE FROM api_key k WHERE k.tenant_id = $1 AND k.account_id = ANY ($2)";
/// Deletes what requests about them were answered.
pub(super) const ERASE_IDEMPOTENT_ANSWERS: &str = "DELETE FROM idempotent_answer i WHERE i.tenant_id = $1 AND i.account_id = ANY ($2)";
/// Appends lines of ledgers.
pub(super) const INSERT_QUOTA_ENTRIES: &str = "INSERT INTO quota_entry (tenant_id, account_id, version, channel, kind, amount, balance, reason, \
    idempotency_key, at) SELECT $1, w.* FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::text[], $9::text[], \
    $10::bigint[]) w RETURNING 1";

/// Adds what was taken of budgets of failures to what other servers took. No tenant is in them.
pub(super) const ADD_FAILURES: &str = "INSERT INTO failure_budget AS f (bucket, full_at) \
    SELECT w.bucket, $1 + w.taken FROM unnest($2::text[], $3::bigint[]) w (bucket, taken) \
    ON CONFLICT (bucket) DO UPDATE SET full_at = greatest(f.full_at, $1) + excluded.full_at - $1 RETURNING bucket, full_at";
/// Forgets budgets that are full.
pub(super) const FORGET_FAILURES: &str = "DELETE FROM failure_budget WHERE full_at <= $1";
/// Budgets of failures.
pub(super) const FAILURES: &str = "SELECT bucket, full_at FROM failure_budget";

/// Accounts with a hold that has ended by itself, the longest ended first.
pub(super) const ENDED_HOLDS: &str = "SELECT account_id FROM hold_end WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2";

/// Groups of accounts that have something in common, for the operator.
pub(super) const TWIN_GROUPS_OF_EVERY_TENANT: &str = "SELECT t.tenant_id, t.key, string_agg(t.account_id::text, ',') FROM twin_key t \
    WHERE (t.tenant_id, t.key) > ($1, $2) GROUP BY t.tenant_id, t.key HAVING count(*) > 1 ORDER BY t.tenant_id, t.key LIMIT $3";
/// Keys by their public part: who calls is not known yet.
pub(super) const KEYS_BY_PUBLIC: &str = concat!("SELECT ", key_columns!(), " FROM api_key WHERE scheme = $1 AND public = $2");
/// Accounts by their ids, for the operator, who acts on all.
pub(super) const ACCOUNTS_OF_EVERY_TENANT: &str = concat!("SELECT ", account_columns!(), " FROM account a WHERE a.id = ANY ($1)");
/// All keys, for the operator.
pub(super) const KEYS_OF_EVERY_TENANT: &str =
    concat!("SELECT ", key_columns!(), " FROM api_key ORDER BY tenant_id, account_id, created_at, public");
/// One account's keys, for the operator.
pub(super) const KEYS_OF_ONE: &str = concat!("SELECT ", key_columns!(), " FROM api_key WHERE account_id = $1 ORDER BY created_at, public");
/// One package, for the operator.
pub(super) const PACKAGE_OF_EVERY_TENANT: &str =
    concat!("SELECT ", package_columns!(), " FROM package WHERE id = $1 AND status <> 'deleted'");
/// All packages, for the operator.
pub(super) const PACKAGES_OF_EVERY_TENANT: &str =
    concat!("SELECT ", package_columns!(), " FROM package WHERE status <> 'deleted' ORDER BY id");

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Every statement about one tenant.
    const OF_ONE_TENANT: &[&str] = &[
        ACCOUNTS,
        ACCOUNTS_LOCKED,
        ACCOUNTS_TO_STAND_BELOW,
        EMAIL_OWNERS,
        EXTERNAL_ID_OWNERS,
        PACKAGES_BY_ID,
        PACKAGES_BY_IDENTIFIER,
        PACKAGES_OF,
        LIVE_HOLDERS,
        QUOTA_ENTRIES_BY_KEY,
        NEWEST_QUOTA_ENTRIES,
        LEDGER,
        EVENTS,
        KEYS_OF,
        LIVE_CHILDREN,
        PACKAGE,
        PACKAGES,
        INSERT_ACCOUNTS,
        UPDATE_ACCOUNTS,
        UPDATE_PROFILES,
        INSERT_LINEAGE,
        INSERT_EVENTS,
        UPSERT_KEYS,
        UPSERT_PACKAGES,
        DELETE_HOLDERS,
        INSERT_HOLDERS,
        SET_HOLD_ENDS,
        DELETE_HOLD_ENDS,
        INSERT_QUOTA_ENTRIES,
        IDEMPOTENT_ANSWERS,
        INSERT_IDEMPOTENT_ANSWERS,
        FORGET_IDEMPOTENT_ANSWERS,
        VALUE_OWNERS,
        DELETE_VALUES,
        INSERT_VALUES,
        TWINS,
        TWIN_GROUPS,
        DELETE_TWINS,
        INSERT_TWINS,
        ERASE_EVENTS,
        ERASE_QUOTA_ENTRIES,
        ERASE_KEYS,
        ERASE_IDEMPOTENT_ANSWERS,
    ];

    /// The tables that have tenants.
    const TABLES: [&str; 11] = [
        "account",
        "lineage",
        "api_key",
        "event",
        "package",
        "package_holder",
        "quota_entry",
        "hold_end",
        "idempotent_answer",
        "account_value",
        "twin_key",
    ];

    /// Of each table that a statement reads, changes or puts rows into: the name under which it does.
    fn tables(sql: &str) -> Vec<(&str, bool)> {
        let words: Vec<&str> = sql.split([' ', '(', ')', ',']).filter(|word| !word.is_empty()).collect();
        let mut found = Vec::new();
        for pair in words.windows(3) {
            let [before, table, after] = pair else { continue };
            if !["FROM", "JOIN", "INTO", "UPDATE"].contains(before) || !TABLES.contains(table) {
                continue;
            }
            let is_keyword = after.chars().all(char::is_uppercase) || *after == "tenant_id";
            found.push((if is_keyword { "" } else { *after }, *before == "INTO"));
        }
        found
    }

    /// Why Citus could not send a statement to one shard.
    pub(crate) fn unrouted(sql: &str) -> Option<String> {
        let tables = tables(sql);
        if tables.is_empty() {
            return Some(format!("no table with tenants: {sql}"));
        }
        tables.into_iter().find_map(|(alias, is_insert)| {
            let named = if alias.is_empty() { " tenant_id = $1".to_owned() } else { format!("{alias}.tenant_id = $1") };
            let routed = if is_insert { sql.contains("(tenant_id, ") && sql.contains("SELECT $1, ") } else { sql.contains(&named) };
            (!routed).then(|| format!("{alias:?} is not of $1: {sql}"))
        })
    }

    #[test]
    fn every_statement_is_about_one_tenant() {
        for sql in OF_ONE_TENANT {
            assert_eq!(unrouted(sql), None);
        }
    }

    #[test]
    fn one_that_is_not_is_noticed() {
        for sql in [
            "SELECT a.id FROM account a WHERE a.id = $1",
            "SELECT a.id FROM account a JOIN lineage l ON l.account_id = a.id WHERE a.tenant_id = $1",
            "INSERT INTO event (account_id, tenant_id) SELECT $2, $1",
            ACCOUNTS_OF_EVERY_TENANT,
            KEYS_BY_PUBLIC,
        ] {
            assert!(unrouted(sql).is_some(), "{sql}");
        }
    }

    /// A value of a type, as SQL has it.
    fn literal(ty: &tokio_postgres::types::Type) -> String {
        let one = |name: &str| if name.contains("int8") { "7" } else { "x" };
        match ty.name() {
            name if name.starts_with('_') => format!("'{{{}}}'", one(name)),
            name => format!("'{}'", one(name)),
        }
    }

    /// Where there is a Citus cluster (see `tests/contract/postgres/citus.rs`), it says so itself: after that test has spread the tables there.
    #[tokio::test(flavor = "multi_thread")]
    async fn citus_sends_every_statement_to_one_shard() {
        let Ok(url) = std::env::var("TENANTRY_TEST_CITUS") else { return };
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client
            .batch_execute("SET search_path = tenantry; SET ROLE tenantry_app; SET citus.propagate_set_commands = 'local'")
            .await
            .unwrap();
        for sql in OF_ONE_TENANT {
            client.batch_execute("BEGIN").await.unwrap();
            client.batch_execute("SET LOCAL tenantry.tenant_ids = '{7}'").await.unwrap();
            let statement = client.prepare(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
            let values: Vec<String> = statement.params().iter().map(literal).collect();
            client.batch_execute(&format!("PREPARE asked AS {sql}")).await.unwrap();
            // As often as it takes until PostgreSQL thinks of a plan that it could keep.
            for time in 1..=7 {
                let plan = client.query(&format!("EXPLAIN EXECUTE asked ({})", values.join(", ")), &[]).await;
                let plan: Vec<String> = plan.unwrap_or_else(|error| panic!("{sql}: {error:?}")).iter().map(|row| row.get(0)).collect();
                let tasks: Vec<&str> = plan.iter().filter_map(|line| line.trim().strip_prefix("Task Count: ")).collect();
                // What is appended goes through the coordinator, which gives it to one shard.
                let one = if sql.starts_with("INSERT") {
                    plan[0].contains("INSERT ... SELECT")
                } else {
                    !tasks.is_empty() && tasks.iter().all(|tasks| *tasks == "1")
                };
                assert!(one, "time {time}: {sql}\n{}", plan.join("\n"));
            }
            client.batch_execute("DEALLOCATE asked").await.unwrap();
            client.batch_execute("ROLLBACK").await.unwrap();
        }
    }
}
