//! What is remembered in memory is never older than what was acknowledged.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tenantry_domain::account::Kind;
use tenantry_domain::account::edit::EditAccount;
use tenantry_domain::value::{PhoneNumberType, Social};
use tenantry_domain::{Command, Patch};
use tenantry_store::{Options, Reach};

use crate::site::{Engine, Site, id, on_every_engine};

/// How long reads and edits race at least, and how many of each there are at least: on a busy machine that takes longer.
const RACE: Duration = Duration::from_millis(400);
const EDITS: usize = 21;
const READS: usize = 1_001;
/// Records: more than the small cache holds, so that each is thrown out and read again all the time.
const RECORDS: usize = 24;

/// Edits records and reads them back from several threads. A read that began after an edit was acknowledged has that edit or a later one.
async fn race(engine: Engine, record_cache_octets: u64) {
    let site = Arc::new(Site::with(engine, Options { record_cache_octets, ..Options::default() }).await);
    let mut records = Vec::new();
    for _ in 0..RECORDS {
        records.push((site.add(1, Kind::Customer, "x").await, AtomicI64::new(1)));
    }
    let (records, over) = (Arc::new(records), Arc::new(AtomicBool::new(false)));
    let reads = Arc::new(AtomicUsize::new(0));
    let readers: Vec<_> = (0..3)
        .map(|first| {
            let (site, records, over, all) = (Arc::clone(&site), Arc::clone(&records), Arc::clone(&over), Arc::clone(&reads));
            let runtime = tokio::runtime::Handle::current();
            std::thread::spawn(move || {
                let mut reads = 0;
                while !over.load(Ordering::Relaxed) {
                    let (number, acknowledged) = &records[(first + reads) % RECORDS];
                    let wanted = acknowledged.load(Ordering::Acquire);
                    let found = runtime.block_on(site.store().account(Reach::EveryTenant, id(*number))).unwrap().unwrap().version;
                    assert!(found >= wanted, "version {found} was read after version {wanted} was acknowledged");
                    reads += 1;
                    all.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let begun = Instant::now();
    let mut edits = 0;
    while begun.elapsed() < RACE || edits < EDITS || reads.load(Ordering::Relaxed) < READS {
        let (number, acknowledged) = &records[edits % 5];
        let mut edit = EditAccount::of(id(*number));
        edit.profile.phone_number_type = Patch::Set(PhoneNumberType::parse(format!("n{edits}")).unwrap());
        let version = site.run(Command::EditAccount(Box::new(edit))).await.unwrap().account.version;
        acknowledged.store(version, Ordering::Release);
        edits += 1;
    }
    over.store(true, Ordering::Relaxed);
    readers.into_iter().for_each(|reader| reader.join().unwrap());
}

async fn reads_are_never_older_than_what_was_acknowledged(engine: Engine) {
    race(engine, Options::default().record_cache_octets).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_with_a_cache_too_small_for_the_records() {
    race(Engine::Sqlite, 16 * 1024).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_with_one_too_small_for_any_record() {
    race(Engine::Sqlite, 2 * 1024).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_without_a_cache() {
    race(Engine::Sqlite, 0).await;
}

async fn a_record_of_another_tenant_is_not_found_in_the_cache_either(engine: Engine) {
    let site = Site::new(engine).await;
    let other = site.add(0, Kind::Provider, "Other").await;
    let customer = site.add(1, Kind::Customer, "x").await;
    let of = |tenant: i64| Reach::Tenant(tenantry_domain::TenantId::of(id(tenant)));
    for _ in 0..2 {
        assert!(site.store().account(of(1), id(customer)).await.unwrap().is_some());
        assert_eq!(site.store().account(of(other), id(customer)).await.unwrap(), None);
    }
}

async fn a_record_that_grew_too_large_to_be_kept_is_read_anew(engine: Engine) {
    let site = Site::with(engine, Options { record_cache_octets: 16 * 1024, ..Options::default() }).await;
    let customer = site.add(1, Kind::Customer, "x").await;
    assert_eq!(site.account(customer).await.version, 1);
    let mut edit = EditAccount::of(id(customer));
    let pages: Vec<String> = (0..10).map(|number| format!("https://example.org/{number}/{}", "x".repeat(1_000))).collect();
    edit.profile.social_pages = Patch::Set(Social::parse(serde_json::json!(pages)).unwrap());
    site.run(Command::EditAccount(Box::new(edit))).await.unwrap();
    for _ in 0..2 {
        let found = site.account(customer).await;
        assert_eq!((found.version, found.profile.social_pages.is_some()), (2, true));
    }
}

on_every_engine!(
    reads_are_never_older_than_what_was_acknowledged,
    a_record_of_another_tenant_is_not_found_in_the_cache_either,
    a_record_that_grew_too_large_to_be_kept_is_read_anew,
);
