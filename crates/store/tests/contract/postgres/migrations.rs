//! The schema as it is made, against the schema that is written down; and what a server leaves that is killed while it makes it.

use std::sync::Arc;

use tenantry_store::{OpenFault, Options, PostgresOptions, Store};
use tenantry_testkit::postgres::Database;

use crate::site::Commits;

/// The whole schema, written down to be read.
const SCHEMA: &str = include_str!("../../../schema/postgres.sql");

/// What a schema is made of, line by line.
const SHAPE: &str = "
    SELECT line FROM (
        SELECT 'column ' || c.relname || '.' || a.attnum || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || ' '
               || coalesce(l.collname, '-') || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '-')
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_collation l ON l.oid = a.attcollation
             LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'tenantry'::regnamespace AND c.relkind = 'r'
        UNION ALL
        SELECT 'relation ' || relkind::text || ' ' || relname || ' ' || relrowsecurity || ' ' || coalesce(reloptions::text, '-') || ' ' || coalesce(relacl::text, '-')
        FROM pg_class WHERE relnamespace = 'tenantry'::regnamespace
        UNION ALL
        SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'tenantry'
        UNION ALL
        SELECT 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'tenantry'::regnamespace
        UNION ALL
        SELECT 'policy ' || tablename || ' ' || policyname || ' ' || cmd || ' ' || roles::text || ' ' || qual || ' ' || coalesce(with_check, '-')
        FROM pg_policies WHERE schemaname = 'tenantry'
        UNION ALL
        SELECT 'function ' || pg_get_functiondef(oid) || ' ' || coalesce(proacl::text, '-') FROM pg_proc WHERE pronamespace = 'tenantry'::regnamespace
        UNION ALL
        SELECT 'sequence ' || sequencename || ' ' || start_value || ' ' || min_value || ' ' || max_value || ' ' || increment_by || ' ' || cache_size
        FROM pg_sequences WHERE schemaname = 'tenantry'
    ) AS lines (line) ORDER BY line COLLATE \"C\"";

/// One more server over a database.
async fn open(database: &Database) -> Result<(), OpenFault> {
    let directory = tempfile::tempdir().unwrap();
    let options = Options { postgres: Some(PostgresOptions::parse(&database.url(), None).unwrap()), ..Options::default() };
    let store = Store::open(directory.path(), &options, Arc::new(Commits::default())).await?;
    store.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn all_steps_make_the_schema_that_is_written_down() {
    let (Some(made), Some(written)) = (Database::make(), Database::make()) else { return };
    open(&made).await.unwrap();
    written.sql(&format!("CREATE SCHEMA tenantry; {SCHEMA}"));
    let (made, written) = (made.sql(SHAPE), written.sql(SHAPE));
    assert!(made.lines().count() > 150, "the shape is not understood: {made}");
    assert_eq!(made, written);
}

/// Ends the connection after so many changes of the schema: what a server leaves that is killed there.
const TRAP: &str = "
    CREATE TABLE public.trap (ends_at bigint NOT NULL);
    INSERT INTO public.trap VALUES (0);
    CREATE SEQUENCE public.changes;
    CREATE FUNCTION public.spring() RETURNS event_trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF nextval('public.changes') = (SELECT ends_at FROM public.trap) THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
    END $$;
    CREATE EVENT TRIGGER spring ON ddl_command_end EXECUTE FUNCTION public.spring()";

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_statement_a_database_has_the_old_version_or_the_new() {
    let Some(database) = Database::make() else { return };
    database.sql(TRAP);
    let version = "SELECT coalesce((SELECT max(version) FROM tenantry.schema_version), 0)";
    let mut shapes = std::collections::BTreeMap::new();
    let mut kills = 0;
    for ends_at in 1.. {
        // As if nothing had been; the extensions belong to the database.
        database
            .sql("UPDATE public.trap SET ends_at = 0; DROP SCHEMA IF EXISTS tenantry CASCADE; DROP EXTENSION IF EXISTS pg_trgm, btree_gin");
        database.sql(&format!(
            "DROP SCHEMA IF EXISTS tenantry CASCADE; DROP EXTENSION IF EXISTS pg_trgm, btree_gin; SELECT setval('public.changes', 1, false); \
             UPDATE public.trap SET ends_at = {ends_at}"
        ));
        let opened = open(&database).await;
        let is_there = database.sql("UPDATE public.trap SET ends_at = 0; SELECT to_regclass('tenantry.schema_version') IS NOT NULL") == "t";
        let (found, shape) = if is_there { (database.sql(version).parse().unwrap(), database.sql(SHAPE)) } else { (0, String::new()) };
        // Every run that ended with a version left the same behind.
        assert_eq!(shapes.entry(found).or_insert_with(|| shape.clone()), &shape, "ended at change {ends_at} with version {found}");
        if opened.is_ok() {
            break;
        }
        kills += 1;
        // The next server brings it to the end: looked at now and then.
        if ends_at % 8 == 0 {
            open(&database).await.unwrap();
        }
    }
    assert!(kills > 60, "only {kills} kills: not every statement was met");
    let newest = *shapes.last_key_value().unwrap().0;
    assert_eq!(shapes.into_keys().collect::<Vec<i64>>(), (0..=newest).collect::<Vec<_>>(), "a version was never left");
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_that_were_there_are_found_by_what_they_have_in_common() {
    let Some(database) = Database::make() else { return };
    open(&database).await.unwrap();
    // As a server of an older schema left it.
    database.sql(
        "DROP TABLE tenantry.twin_key; DELETE FROM tenantry.schema_version WHERE version >= 7; \
         INSERT INTO tenantry.account (tenant_id, id, parent_id, ancestors, kind, hash, email, email_folded, status, holds, created_at, updated_at, version, \
         profile, allotments, name_folded, search_text) SELECT 1, n, 1, '1', 'customer', 'h', 'a+' || n || '@example.org', 'a+' || n || '@example.org', 'active', \
         '[]', 1, 1, 1, CASE n WHEN 3 THEN '7' ELSE '{\"address\":{},\"voice\":{},\"cell\":{},\"fax\":{},\"name_servers\":{\"mode\":\"default\"}}' END, '{}', '', '' \
         FROM generate_series(2, 4) n",
    );
    open(&database).await.unwrap();
    assert_eq!(database.sql("SELECT count(*), count(DISTINCT key) FROM tenantry.twin_key"), "2|1", "one row cannot be read");
}
