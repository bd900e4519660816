//! An old file opens as a new one, and a migration that is killed leaves the old version or the new one.

use std::process::Command;

use super::*;

/// The whole schema, written down to be read.
const SCHEMA: &str = include_str!("../../../schema/sqlite.sql");
/// Tells the child where its store is, and at which statement it ends.
const DIRECTORY: &str = "TENANTRY_TEST_MIGRATION_DIRECTORY";
const STATEMENT: &str = "TENANTRY_TEST_MIGRATION_STATEMENT";

/// A store of the first schema, with three accounts whose events came in turns.
fn first_schema(directory: &Directory) {
    let connection = Connection::open(directory.database()).unwrap();
    connection.execute_batch(STEPS[0]).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    for id in 0..3 {
        let account = "INSERT INTO account (id, tenant_id, ancestors, kind, hash, status, holds, created_at, updated_at, version, profile, search_text) \
                       VALUES (?1, ?1, '', 'provider', 'h', 'active', '[]', 1, 1, 4, '{\"organization\":\"ÜNAL\",\"address\":{},\"voice\":{},\"cell\":{},\"fax\":{},\"name_servers\":{\"mode\":\"default\"}}', '')";
        connection.execute(account, [id]).unwrap();
    }
    for (version, account_id) in (1..=4).flat_map(|version| (0..3).map(move |account_id| (version, account_id))) {
        let event = "INSERT INTO event (tenant_id, account_id, version, name, at, actor_id, dialect, request_id, changes) \
                     VALUES (?1, ?1, ?2, 'provider.edited', 1, 0, 'command_line', 'r', '[]')";
        connection.execute(event, [account_id, version]).unwrap();
    }
}

#[test]
fn an_old_file_opens_and_its_history_is_a_chain() {
    let folder = tempfile::tempdir().unwrap();
    let directory = Directory::open(folder.path()).unwrap();
    first_schema(&directory);
    let mut connection = Connection::open(directory.database()).unwrap();
    connection.execute("UPDATE account SET profile = '{\"address\":7}' WHERE id = 2", []).unwrap();
    connection.execute("UPDATE account SET kind = 'customer', email = 'A+b@example.org' WHERE id > 0", []).unwrap();
    for _ in 0..2 {
        migrate(&mut connection, &directory).unwrap();
    }
    let walk = "WITH RECURSIVE chain (seq, version) AS (SELECT seq, event.version FROM account JOIN event ON seq = newest_event WHERE account.id = ?1 \
                UNION ALL SELECT event.seq, event.version FROM chain JOIN event ON event.seq = \
                (SELECT previous FROM event WHERE seq = chain.seq)) SELECT version FROM chain";
    for id in 0..3 {
        let mut versions = connection.prepare(walk).unwrap();
        let versions: Vec<i64> = versions.query_map([id], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(versions, [4, 3, 2, 1], "account {id}");
    }
    let next: i64 = connection.query_row("SELECT next FROM sequence WHERE name = 'event'", [], |row| row.get(0)).unwrap();
    assert_eq!(next, 13);
    let kept = "SELECT count(*) FROM twin_key WHERE account_id = 1 AND tenant_id = 1 AND key LIKE 'e%'";
    assert_eq!(connection.query_row(kept, [], |row| row.get::<_, i64>(0)).unwrap(), 1, "a customer that was there is found by its mailbox");
    let names = "SELECT count(*) FROM account WHERE name_folded = 'unal' AND allotments = '{}'";
    assert_eq!(connection.query_row(names, [], |row| row.get::<_, i64>(0)).unwrap(), 2, "and one row that cannot be read keeps none back");
}

/// What a file's schema is made of, whatever its texts look like: tables with their columns, indexes with theirs, and what a new store holds.
fn shape(connection: &Connection) -> Vec<String> {
    const TABLES: &str =
        "SELECT name || ' wr=' || wr || ' strict=' || strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'";
    const COLUMNS: &str = "SELECT t.name || '.' || c.cid || ' ' || c.name || ' ' || c.type || ' ' || c.\"notnull\" || ' ' || coalesce(c.dflt_value, '-') \
                           || ' ' || c.pk FROM pragma_table_list t JOIN pragma_table_info(t.name) c WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite_%'";
    const INDEXES: &str = "SELECT t.name || ' ' || i.name || ' ' || i.\"unique\" || ' ' || coalesce((SELECT substr(sql, instr(sql, 'WHERE')) FROM sqlite_schema \
                           WHERE name = i.name AND i.partial), '-') || ' ' || group_concat(c.name, ',') FROM pragma_table_list t \
                           JOIN pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c WHERE t.schema = 'main' GROUP BY t.name, i.name";
    const VIRTUAL: &str = "SELECT sql FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL%'";
    const ROWS: &str = "SELECT name || ' ' || next FROM sequence UNION ALL SELECT k || ' ' || v FROM account_search_config ORDER BY 1";
    let mut shape = Vec::new();
    for ask in [TABLES, COLUMNS, INDEXES, VIRTUAL, ROWS] {
        let mut rows = connection.prepare(ask).unwrap();
        let mut rows: Vec<String> = rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        rows.sort();
        assert!(!rows.is_empty(), "{ask}");
        shape.extend(rows);
    }
    shape
}

#[test]
fn all_steps_make_the_schema_that_is_written_down() {
    let written = Connection::open_in_memory().unwrap();
    written.execute_batch(SCHEMA).unwrap();
    assert_eq!(shape(&newest_schema()), shape(&written));
}

/// The texts of a file's schema.
fn texts(connection: &Connection) -> Vec<String> {
    let mut rows = connection.prepare("SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY type, name").unwrap();
    rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// A file after so many steps.
fn after_steps(connection: &Connection, steps: usize) {
    create_functions(connection).unwrap();
    STEPS[..steps].iter().try_for_each(|step| connection.execute_batch(step)).unwrap();
    connection.pragma_update(None, "user_version", steps as i64).unwrap();
}

#[test]
#[ignore = "the child of the test below, which kills it"]
fn child_that_is_killed() {
    let folder = std::env::var(DIRECTORY).unwrap();
    let kill_at: usize = std::env::var(STATEMENT).unwrap().parse().unwrap();
    let directory = Directory::open(folder.as_ref()).unwrap();
    let mut connection = crate::sqlite::open::writer(&directory, &crate::Options::default()).unwrap();
    KILL_AT.store(kill_at, std::sync::atomic::Ordering::SeqCst);
    connection.trace_v2(rusqlite::trace::TraceEventCodes::SQLITE_TRACE_STMT, Some(killed)).unwrap();
    migrate(&mut connection, &directory).unwrap();
}

static KILL_AT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

/// Called before each statement.
fn killed(_: rusqlite::trace::TraceEvent<'_>) {
    if KILL_AT.fetch_sub(1, std::sync::atomic::Ordering::SeqCst) == 1 {
        Command::new("kill").args(["-KILL", &std::process::id().to_string()]).status().unwrap();
        std::thread::park();
    }
}

#[test]
fn killed_at_any_statement_a_file_has_the_old_version_or_the_new() {
    let expected: Vec<_> = (0..=STEPS.len())
        .map(|steps| {
            let connection = Connection::open_in_memory().unwrap();
            after_steps(&connection, steps);
            texts(&connection)
        })
        .collect();
    let mut kills = 0;
    // From nothing, and from each version.
    for from in 0..STEPS.len() {
        for statement in 1.. {
            let folder = tempfile::tempdir().unwrap();
            let directory = Directory::open(folder.path()).unwrap();
            if from > 0 {
                after_steps(&Connection::open(directory.database()).unwrap(), from);
            }
            drop(directory);
            let mut child = Command::new(std::env::current_exe().unwrap());
            child.args(["--exact", "--ignored", "sqlite::migrations::tests::child_that_is_killed"]);
            let output = child.env(DIRECTORY, folder.path()).env(STATEMENT, statement.to_string()).output().unwrap();
            let connection = Connection::open(folder.path().join("tenantry.db")).unwrap();
            let version: usize =
                connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).unwrap().try_into().unwrap();
            assert!(version >= from, "killed at statement {statement} from version {from}: {version}");
            assert_eq!(texts(&connection), expected[version], "killed at statement {statement} from version {from}");
            if output.status.success() {
                assert_eq!(version, STEPS.len());
                break;
            }
            assert_eq!(
                std::os::unix::process::ExitStatusExt::signal(&output.status),
                Some(9),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            kills += 1;
        }
    }
    assert!(kills > 100, "only {kills} kills: not every statement was met");
}
