//! A primary that was replaced is not asked again, whatever whoever looks after the servers thinks: it does not know what its successor acknowledged.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tenantry_domain::account::Kind;
use tenantry_domain::account::install::Install;
use tenantry_domain::{AccountId, Command, Outcome, Refusal};
use tenantry_store::{Options, PostgresOptions, Reach, Store};
use tenantry_testkit::private::PrivateServer;

use crate::site::{Commits, add, context, id};

/// Within what time a store finds another server.
const FOUND_WITHIN: Duration = Duration::from_secs(20);
/// How long a server that must not be asked is there to be asked.
const TEMPTED_FOR: Duration = Duration::from_secs(3);

async fn open(hosts: &str) -> (Store, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let postgres = PostgresOptions::parse(&format!("postgres://tenantry@{hosts}/postgres"), None).unwrap();
    let options = Options { postgres: Some(postgres), ..Options::default() };
    (Store::open(directory.path(), &options, Arc::new(Commits::default())).await.unwrap(), directory)
}

/// Adds a provider as soon as that can be done.
async fn add_in_time(store: &Store, name: &str) -> Outcome {
    let begun = Instant::now();
    loop {
        let added: Result<Outcome, Refusal> = store.run(add(0, Kind::Provider, name, None), context()).await;
        match added {
            Ok(outcome) => return outcome,
            Err(refusal) => assert!(begun.elapsed() < FOUND_WITHIN, "nothing can be written: {refusal:?}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn operator(store: &Store) -> Result<bool, String> {
    store.account(Reach::EveryTenant, AccountId::OPERATOR).await.map(|found| found.is_some()).map_err(|fault| fault.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_was_replaced_is_not_asked_again() {
    let Some(old) = PrivateServer::start("") else { return };
    let new = old.standby();
    let hosts = [old.host(), new.host()].join(",");
    let (store, _directory) = open(&hosts).await;
    store.run(Command::Install(Install), context()).await.unwrap();
    assert_eq!(add_in_time(&store, "First").await.account.id, id(1));
    // The standby has it, or the test would lose what it replaced.
    let begun = Instant::now();
    while new.database().sql("SELECT count(*) FROM account") != "2" {
        assert!(begun.elapsed() < FOUND_WITHIN, "the standby does not follow");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    old.stop();
    new.promote();
    let known_to_the_new_one_alone = add_in_time(&store, "Second").await.account.id;

    // The old one comes back, alone, as a primary: as when a lock was taken back by one that had stood still.
    new.stop();
    old.start_again();
    let (fresh, _directory) = open(&old.host()).await;
    assert_eq!(operator(&fresh).await, Ok(true), "whoever knows no better is answered");
    fresh.close().await;
    let begun = Instant::now();
    while begun.elapsed() < TEMPTED_FOR {
        let answer = operator(&store).await;
        assert!(answer.is_err(), "a primary that was replaced was asked");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    store.run(add(0, Kind::Provider, "Third", None), context()).await.unwrap_err();

    old.stop();
    new.start_again();
    add_in_time(&store, "Fourth").await;
    assert!(store.account(Reach::EveryTenant, known_to_the_new_one_alone).await.unwrap().is_some(), "what was acknowledged is there");
    store.close().await;
}
