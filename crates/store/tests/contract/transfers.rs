//! Moving an installation from one engine to the other, and back.

use std::cell::Cell;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tenantry_domain::account::add::AddAccount;
use tenantry_domain::account::{Kind, ProfilePatch};
use tenantry_domain::idempotency::Idempotency;
use tenantry_domain::value::Tag;
use tenantry_domain::{Command, Context, Patch};
use tenantry_store::{FailureBudget, Moved, OpenFault, Options, Place, Progress, Stage, Transfer, TransferFault};
use tenantry_testkit::postgres::Database;

use crate::histories::{Both, Step};
use crate::site::{Engine, Site, context, id, now};

/// Histories that an installation has when it is moved.
const HISTORIES: usize = 12;
/// A history that leaves something in each table, whatever chance makes of the others: a package, a customer who has it, and a hold that ends.
const OF_EACH_KIND: [Step; 4] = [(8, 0, 0, 1), (0, 0, 0, 0), (3, 1, 0, 1), (12, 1, 0, 1)];
/// Rows of a page: few, so that there are many pages.
const PAGE_ROWS: usize = 7;
const NOW: i64 = 1_790_000_000_000_000;

fn tagged() -> ProfilePatch {
    ProfilePatch { tags: Patch::Set(vec![Tag::parse("Ü").unwrap()]), ..ProfilePatch::default() }
}

async fn move_all(from: &Place, to: &Place, tell: impl FnMut(Progress)) -> Result<Vec<Moved>, TransferFault> {
    Transfer { page_rows: PAGE_ROWS, ..Transfer::new(from, to, NOW) }.run(tell).await
}

/// The same histories each time.
fn histories(count: usize) -> Vec<Vec<Step>> {
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    let steps = proptest::collection::vec(proptest::arbitrary::any::<Step>(), 1..24);
    (0..count).map(|_| steps.new_tree(&mut runner).unwrap().current()).collect()
}

/// A database without anything in it.
fn database() -> Option<Site> {
    Some(Site::closed(Engine::Postgres(Arc::new(Database::make()?)), &Options::default()))
}

fn directory() -> Site {
    Site::closed(Engine::Sqlite, &Options::default())
}

#[test]
fn what_was_moved_is_the_same_and_goes_on_the_same() {
    let (Some(mut both), Some(database)) = (Both::open(), database()) else { return };
    let mut worlds: Vec<_> = histories(HISTORIES).iter().map(|steps| both.run(steps).unwrap()).collect();
    worlds.push(both.run(&OF_EACH_KIND).unwrap());
    // Each engine's installation goes to the other engine.
    let mut moved = [directory(), database];
    let counts = both.runtime.block_on(async {
        for site in &both.sites {
            let context = Context { idempotency: Some(Idempotency { key: [1; 32], fingerprint: [2; 32] }), ..context() };
            let added = Command::AddAccount(Box::new(AddAccount { profile: tagged(), ..AddAccount::below(id(0), Kind::Provider) }));
            site.store().run_once(added, context, Some(Arc::new(|_| b"kept".to_vec()))).await.unwrap();
            site.store().keep_failure_budget(FailureBudget { bucket: "b".to_owned(), full_at: 5, taken: 5 }, 0);
        }
        for site in &mut both.sites {
            site.close().await;
        }
        let there = move_all(&both.sites[1].place(), &moved[0].place(), |_| {}).await.unwrap();
        let back = move_all(&both.sites[0].place(), &moved[1].place(), |_| {}).await.unwrap();
        for (number, sequence) in [("account", "account_id"), ("package", "package_id"), ("event", "event_seq")] {
            let ours = |site: &Site| site.number(&format!("SELECT next FROM sequence WHERE name = '{number}'"));
            let theirs = |site: &Site| site.number(&format!("SELECT last_value + is_called::int FROM {sequence}"));
            assert_eq!(ours(&moved[0]), theirs(&both.sites[1]), "{number}");
            assert_eq!(theirs(&moved[1]), ours(&both.sites[0]), "{number}");
            // A server over PostgreSQL loses the numbers that it had for its next records; from here on both give the same.
            moved[0].sql(&format!("UPDATE sequence SET next = 10000 WHERE name = '{number}'"));
            moved[1].sql(&format!("SELECT setval('{sequence}', 10000, false)"));
        }
        for site in &mut moved {
            site.reopened().await;
        }
        [there, back].map(|moved| moved.iter().map(|moved| (moved.table, moved.tally.rows)).collect::<Vec<_>>())
    });
    assert_eq!(counts[0], counts[1]);
    assert!(counts[0].iter().all(|(_, rows)| *rows > 0), "nothing of a kind was moved: {:?}", counts[0]);
    let both = Both { sites: moved, ..both };
    worlds.iter().for_each(|world| both.same_state(world).unwrap());
    // Ids, versions and histories go on, and what is searched for is found.
    worlds.extend(histories(2 * HISTORIES).iter().skip(HISTORIES).map(|steps| both.run(steps).unwrap()));
    worlds.iter().for_each(|world| both.same_state(world).unwrap());
    let chain =
        "SELECT count(*) FROM account JOIN event ON seq = newest_event WHERE event.version = account.version AND event.account_id = id";
    assert_eq!(both.sites[0].number(chain), both.sites[0].number("SELECT count(*) FROM account"));
    let broken =
        "SELECT count(*) FROM event e LEFT JOIN event p ON p.seq = e.previous WHERE e.version > 1 AND p.version IS NOT e.version - 1";
    assert_eq!(both.sites[0].number(broken), 0, "an event does not name the one before it");
}

/// Interrupts a move at each page in turn, until it is complete.
async fn interrupted(from: &Place, to: &Site) -> usize {
    for stop_at in 1.. {
        let told = Cell::new(0);
        let tell = |_: Progress| {
            told.set(told.get() + 1);
            assert!(told.get() < stop_at, "interrupted");
        };
        // Nothing is tidied up: what is open is dropped where it stands.
        let run = std::panic::catch_unwind(AssertUnwindSafe(|| now(move_all(from, &to.place(), tell))));
        match run {
            Ok(moved) => {
                assert!(moved.unwrap().iter().any(|moved| moved.table == "account" && moved.tally.rows > 0));
                return stop_at;
            }
            Err(_) => {
                let fault = to.open().await.err().unwrap();
                assert!(matches!(&fault, OpenFault::HalfMoved { source } if *source == from.to_string()), "{fault}");
            }
        }
    }
    unreachable!("a move has an end")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_move_goes_on_and_no_server_starts_before_it_is_complete() {
    let Some(mut over) = database() else { return };
    let mut source = Site::new(Engine::Sqlite).await;
    for number in 0..20 {
        source.add(1, Kind::Customer, &format!("Abc {number}")).await;
    }
    source.close().await;
    let stops = interrupted(&source.place(), &over).await;
    assert!(stops > 12, "{stops}: a page was not told of");
    over.reopened().await;
    assert_eq!(over.account(21).await.version, 1);
    assert_eq!(over.add(1, Kind::Customer, "Next").await, 22);
    over.close().await;
    let mut back = directory();
    interrupted(&over.place(), &back).await;
    back.reopened().await;
    assert_eq!(back.add(1, Kind::Customer, "Next").await, 23);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_must_not_be_moved_is_refused() {
    let (Some(mut over), Some(empty)) = (database(), database()) else { return };
    let mut source = Site::new(Engine::Sqlite).await;
    let mut tell = |_: Progress| {};
    let fault = move_all(&source.place(), &over.place(), &mut tell).await.unwrap_err();
    assert!(matches!(fault, TransferFault::Open(OpenFault::InUse { .. })), "a server has it: {fault}");
    source.close().await;
    let fault = move_all(&directory().place(), &over.place(), &mut tell).await.unwrap_err();
    assert!(matches!(fault, TransferFault::Nothing { .. }), "{fault}");
    let fault = move_all(&empty.place(), &directory().place(), &mut tell).await.unwrap_err();
    assert!(matches!(fault, TransferFault::Nothing { .. }), "{fault}");

    let first = move_all(&source.place(), &over.place(), &mut tell).await.unwrap();
    assert_eq!(move_all(&source.place(), &over.place(), &mut tell).await.unwrap(), first, "it is there already, and the same");
    over.sql("UPDATE account SET updated_at = updated_at + 1");
    let fault = move_all(&source.place(), &over.place(), &mut tell).await.unwrap_err();
    assert!(matches!(fault, TransferFault::NotEmpty { .. }), "as many, and not the same: {fault}");
    over.reopened().await;
    over.add(1, Kind::Customer, "Abc").await;
    let mut other = Site::new(Engine::Sqlite).await;
    other.close().await;
    over.close().await;
    let fault = move_all(&other.place(), &over.place(), &mut tell).await.unwrap_err();
    assert!(matches!(fault, TransferFault::NotEmpty { .. }), "{fault}");
    over.reopened().await;
    over.account(1).await;
    let fault = move_all(&over.place(), &directory().place(), &mut tell).await.unwrap_err();
    assert!(matches!(fault, TransferFault::Open(OpenFault::Connected { connections: 1.. })), "{fault}");
    over.close().await;

    // A part of one installation takes nothing of another, and cannot be moved itself.
    over.sql("INSERT INTO transfer (source, began_at) VALUES ('sqlite:elsewhere', 1)");
    let fault = move_all(&source.place(), &over.place(), &mut tell).await.unwrap_err();
    assert!(matches!(&fault, TransferFault::OfAnother { source } if source == "sqlite:elsewhere"), "{fault}");
    let fault = move_all(&over.place(), &directory().place(), &mut tell).await.unwrap_err();
    assert!(matches!(fault, TransferFault::Open(OpenFault::HalfMoved { .. })), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_changed_on_the_way_is_noticed() {
    let Some(over) = database() else { return };
    let mut source = Site::new(Engine::Sqlite).await;
    source.add(1, Kind::Customer, "Abc").await;
    source.close().await;
    for (change, table) in [
        ("UPDATE event SET seq = seq + 1000 WHERE account_id = 2", "event"),
        ("DELETE FROM event WHERE account_id = 2", "event"),
        ("UPDATE account SET updated_at = updated_at + 1 WHERE id = 2", "account"),
    ] {
        let mut first = true;
        let tell = |progress: Progress| {
            if progress.stage == Stage::Compare && std::mem::take(&mut first) {
                over.sql(change);
            }
        };
        let fault = move_all(&source.place(), &over.place(), tell).await.unwrap_err();
        assert!(matches!(&fault, TransferFault::Differs { table: found, .. } if *found == table), "{change}: {fault}");
        assert!(matches!(over.open().await.err(), Some(OpenFault::HalfMoved { .. })), "no server starts on it");
        over.sql("TRUNCATE event, account");
    }
    move_all(&source.place(), &over.place(), |_| {}).await.unwrap();
}
