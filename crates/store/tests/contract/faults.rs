//! What a store says when something is wrong with its files.

use std::sync::Arc;

use tenantry_domain::account::Kind;
use tenantry_store::{LaneState, OpenFault, Options, Reach, StoreFault};

use crate::site::{Site, id, open};

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_is_opened_once() {
    let site = Site::new().await;
    assert!(matches!(open(site.directory.path(), Arc::clone(&site.commits)), Err(OpenFault::InUse { .. })));
    assert_eq!(site.store().state(), LaneState::Ready);
}

#[tokio::test(flavor = "multi_thread")]
async fn newer_data_is_left_alone() {
    let mut site = Site::new().await;
    site.store.take().unwrap().close();
    site.database().pragma_update(None, "user_version", 999).unwrap();
    let fault = open(site.directory.path(), Arc::clone(&site.commits)).err().unwrap();
    assert!(matches!(fault, OpenFault::TooNew { found: 999, .. }), "{fault}");
    assert!(fault.to_string().contains("newer program"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrupt_row_is_named() {
    // Without a cache, which would have the record as it was written.
    let site = Site::with(Options { record_cache_octets: 0, ..Options::default() }).await;
    let customer = site.add(1, Kind::Customer, "x").await;
    for (column, value) in
        [("profile", "{"), ("status", "asleep"), ("hash", "short"), ("ancestors", "1.x"), ("profile", r#"{"first_name":""}"#)]
    {
        let other = site.add(1, Kind::Customer, "y").await;
        let sql = ["UPDATE account SET ", column, " = ?1 WHERE id = ?2"].concat();
        site.database().execute(&sql, rusqlite::params![value, other]).unwrap();
        let fault = site.store().account(Reach::EveryTenant, id(other)).unwrap_err();
        let StoreFault::Corrupt(cause) = &fault else { panic!("{fault}") };
        assert!(cause.contains(&format!("account.{column} of account {other}")), "{cause}");
    }
    assert!(site.store().account(Reach::EveryTenant, id(customer)).unwrap().is_some(), "its neighbours are fine");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_database_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("tenantry.db"), "this is no database, but long enough to be taken for one".repeat(100)).unwrap();
    assert!(matches!(open(directory.path(), Arc::default()), Err(OpenFault::Database { .. })));
}
