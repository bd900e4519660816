//! What a Citus cluster gives, where there is one.
//!
//! Debian has no package of Citus, so these run by hand: `TENANTRY_TEST_CITUS` is the address of an empty database on a coordinator, whose nodes all have the
//! extension. docs/scale-out.md says how, and what came of it.

use std::sync::Arc;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tenantry_store::{OpenFault, PostgresOptions, distribute};
use tenantry_testkit::postgres::Database;

use super::site;
use crate::histories::{Both, Step};
use crate::site::{Engine, Site};

/// Histories that are compared with the embedded engine's.
const HISTORIES: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn without_the_extension_nothing_is_spread() {
    let Some((mut site, database)) = site().await else { return };
    let options = PostgresOptions::parse(&database.url(), None).unwrap();
    site.account(1).await;
    let fault = distribute(&options).await.unwrap_err();
    assert!(matches!(fault, OpenFault::Connected { .. }), "{fault}");
    site.close().await;
    let fault = distribute(&options).await.unwrap_err().to_string();
    assert!(fault.contains("CREATE EXTENSION citus"), "{fault}");
    // Nothing of it is half done.
    assert_eq!(database.sql("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'tenantry_app'"), "f");
    site.reopened().await;
    site.account(1).await;
}

#[test]
fn a_cluster_gives_the_same_as_one_machine() {
    let Ok(url) = std::env::var("TENANTRY_TEST_CITUS") else {
        println!("skipped: TENANTRY_TEST_CITUS names no coordinator");
        return;
    };
    let options = PostgresOptions::parse(&url, None).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sites = runtime.block_on(async {
        let tables = distribute(&options).await.unwrap();
        assert_eq!(tables.iter().filter(|table| table.kind == "distributed").count(), 11, "{tables:?}");
        assert_eq!(distribute(&options).await.unwrap(), tables, "a second time changes nothing");
        [Site::new(Engine::Sqlite).await, Site::new(Engine::Postgres(Arc::new(Database::at(&url)))).await]
    });
    let both = Both { runtime, sites };
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[5; 32]));
    let steps = proptest::collection::vec(proptest::arbitrary::any::<Step>(), 1..24);
    for _ in 0..HISTORIES {
        both.run(&steps.new_tree(&mut runner).unwrap().current()).unwrap();
    }
}
