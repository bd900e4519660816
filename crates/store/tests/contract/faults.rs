//! What a store says when something is wrong with its files.

use tenantry_domain::account::Kind;
use tenantry_store::{LaneState, OpenFault, Options, Reach, StoreFault};

use crate::site::{Engine, Site, id, on_every_engine};

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_is_opened_once() {
    let site = Site::new(Engine::Sqlite).await;
    assert!(matches!(site.open().await, Err(OpenFault::InUse { .. })));
    assert_eq!(site.store().state(), LaneState::Ready);
}

#[tokio::test(flavor = "multi_thread")]
async fn newer_data_is_left_alone() {
    let mut site = Site::new(Engine::Sqlite).await;
    site.close().await;
    site.database().pragma_update(None, "user_version", 999).unwrap();
    let fault = site.open().await.err().unwrap();
    assert!(matches!(fault, OpenFault::TooNew { found: 999, .. }), "{fault}");
    assert!(fault.to_string().contains("newer program"));
}

async fn a_corrupt_row_is_named(engine: Engine) {
    // Without a cache, which would have the record as it was written.
    let site = Site::with(engine, Options { record_cache_octets: 0, ..Options::default() }).await;
    let customer = site.add(1, Kind::Customer, "x").await;
    for (column, value) in
        [("profile", "{"), ("status", "asleep"), ("hash", "short"), ("ancestors", "1.x"), ("profile", r#"{"first_name":""}"#)]
    {
        let other = site.add(1, Kind::Customer, "y").await;
        site.sql(&format!("UPDATE account SET {column} = '{value}' WHERE id = {other}"));
        let fault = site.store().account(Reach::EveryTenant, id(other)).await.unwrap_err();
        let StoreFault::Corrupt(cause) = &fault else { panic!("{fault}") };
        assert!(cause.contains(&format!("account.{column} of account {other}")), "{cause}");
    }
    assert!(site.store().account(Reach::EveryTenant, id(customer)).await.unwrap().is_some(), "its neighbours are fine");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_database_is_refused() {
    let mut site = Site::new(Engine::Sqlite).await;
    site.close().await;
    std::fs::write(site.directory.path().join("tenantry.db"), "this is no database, but long enough to be taken for one".repeat(100))
        .unwrap();
    assert!(matches!(site.open().await, Err(OpenFault::Database { .. })));
}

on_every_engine!(a_corrupt_row_is_named,);
