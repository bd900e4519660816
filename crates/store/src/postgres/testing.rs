//! What tests switch off to show that a second wall stands behind the first. Builds that are shipped do not look.

/// A statement as it is sent: without its own filter by tenant where a test says so, so that only the database's policies stand between tenants.
#[cfg(debug_assertions)]
pub(super) fn as_sent(sql: &str) -> String {
    if std::env::var_os("TENANTRY_TEST_WITHOUT_TENANT_FILTER").is_none() {
        return sql.to_owned();
    }
    sql.replace("tenant_id = $1", "tenant_id + 0 * $1::bigint IS NOT NULL")
}

/// A statement as it is sent.
#[cfg(not(debug_assertions))]
pub(super) fn as_sent(sql: &str) -> String {
    sql.to_owned()
}
