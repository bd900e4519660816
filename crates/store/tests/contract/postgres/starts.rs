//! What a server looks at before it starts.

use std::sync::Arc;
use std::time::Duration;

use tenantry_domain::Code;
use tenantry_domain::account::Kind;
use tenantry_store::{LaneState, OpenFault, Options, PostgresOptions, Store};
use tenantry_testkit::postgres::Database;

use super::site;
use crate::site::{Commits, Engine, Site, add};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_may_lose_what_it_acknowledged_is_refused() {
    let Some((mut site, database)) = site().await else { return };
    site.close().await;
    let alter = |what: &str| database.sql(&format!("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I {what}', current_database()); END $$"));
    alter("SET synchronous_commit = off");
    let fault = site.open().await.err().unwrap();
    assert!(matches!(&fault, OpenFault::NotDurable { setting: "synchronous_commit", .. }), "{fault}");
    alter("RESET synchronous_commit");
    site.reopened().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_is_left_alone() {
    let Some((mut site, database)) = site().await else { return };
    site.close().await;
    database.sql("INSERT INTO schema_version (version) VALUES (999)");
    let fault = site.open().await.err().unwrap();
    assert!(matches!(fault, OpenFault::SchemaTooNew { found: 999, .. }), "{fault}");
    assert!(fault.to_string().contains("newer program"), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_of_which_nobody_says_the_version_is_refused_without_a_panic() {
    let Some((mut site, database)) = site().await else { return };
    site.close().await;
    database.sql("DELETE FROM schema_version");
    let fault = site.open().await.err().unwrap();
    assert!(matches!(fault, OpenFault::Postgres(_)) && fault.to_string().contains("already exists"), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_servers_that_start_at_once_one_makes_the_schema() {
    let Some(database) = Database::make() else { return };
    let url = database.url();
    let starts: Vec<_> = (0..6)
        .map(|_| {
            let options = Options { postgres: Some(PostgresOptions::parse(&url, None).unwrap()), ..Options::default() };
            tokio::spawn(async move {
                let directory = tempfile::tempdir().unwrap();
                Store::open(directory.path(), &options, Arc::new(Commits::default())).await.map(|store| (store, directory))
            })
        })
        .collect();
    for start in starts {
        start.await.unwrap().unwrap();
    }
    assert_eq!(database.sql("SELECT count(*) = max(version) FROM schema_version"), "t");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_said_to_be_so_without_the_password() {
    let directory = tempfile::tempdir().unwrap();
    let postgres = Some(PostgresOptions::parse("postgres://u:secret@127.0.0.1:1/db", None).unwrap());
    let options = Options { postgres, ..Options::default() };
    let fault = Store::open(directory.path(), &options, Arc::new(Commits::default())).await.err().unwrap().to_string();
    assert!(fault.contains("PostgreSQL") && !fault.contains("secret"), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_was_begun_and_not_finished_is_made_by_the_next() {
    let Some(database) = Database::make() else { return };
    // What a server leaves that is killed in the middle: its transaction is gone, and the lock with it.
    let begun = "BEGIN; SELECT pg_advisory_xact_lock(1414418009); CREATE SCHEMA tenantry; CREATE TABLE tenantry.schema_version (version bigint); \
                 SELECT pg_terminate_backend(pg_backend_pid())";
    let killed = std::panic::catch_unwind(|| database.sql(begun));
    assert!(killed.is_err(), "it was killed");
    let site = Site::new(Engine::Postgres(Arc::new(database))).await;
    assert_eq!(site.account(1).await.version, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_is_noticed_and_so_is_its_return() {
    let Some((site, database)) = site().await else { return };
    let reaches = async |state| {
        for _ in 0..100 {
            if site.store().state() == state {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        false
    };
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'tenantry' AND datname = current_database()";
    assert!(reaches(LaneState::Ready).await);
    // Every connection is ended, and a new one does not find what it needs: as good as gone.
    database.sql("ALTER SCHEMA tenantry RENAME TO elsewhere");
    database.sql(end);
    assert!(reaches(LaneState::Away).await, "it is not noticed that it went");
    assert_eq!(site.run(add(1, Kind::Customer, "x", None)).await.unwrap_err().code, Code::Unavailable);
    database.sql("ALTER SCHEMA elsewhere RENAME TO tenantry");
    assert!(reaches(LaneState::Ready).await, "it is not noticed that it came back");
    site.add(1, Kind::Customer, "y").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_takes_the_connection_and_stands_still_is_passed_over() {
    let Some(database) = Database::make() else { return };
    // It listens, and never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = database.url().replacen('@', &format!("@{},", silent.local_addr().unwrap()), 1);
    let (store, _directory) = super::server(&url, 1).await;
    assert!(!store.is_installed().await.unwrap(), "the host behind it is reached");
}
