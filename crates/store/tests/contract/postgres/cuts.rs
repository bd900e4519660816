//! Connections that are cut: what is not known is said to be unknown, and nothing is done twice.

use tenantry_domain::account::Kind;
use tenantry_domain::quota::movement::MoveQuota;
use tenantry_domain::quota::{Channel, IdempotencyKey, MovementKind, Quota};
use tenantry_domain::value::Label;
use tenantry_domain::{Code, Command};
use tenantry_store::Reach;
use tenantry_testkit::wire::{Cut, Proxy};

use super::{as_provider, server, site};
use crate::site::id;

/// Cuts at a commit, half of them before it reaches the server.
const CUTS: i64 = 200;

fn grant(customer: i64, key: i64) -> Command {
    Command::MoveQuota(Box::new(MoveQuota {
        account_id: id(customer),
        channel: Channel::Sms,
        kind: MovementKind::Grant,
        units: Quota::try_from(1).unwrap(),
        reason: Label::parse("invoice").unwrap(),
        idempotency_key: Some(IdempotencyKey::parse(&format!("k{key}")).unwrap()),
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_was_cut_is_unknown_and_a_repeat_with_its_key_does_it_once() {
    let Some((site, database)) = site().await else { return };
    let customer = site.add(1, Kind::Customer, "x").await;
    let (proxy, url) = Proxy::before(&database.url());
    let (store, _directory) = server(&url, 1).await;
    let balance = || database.sql(&format!("SELECT coalesce(sum(amount), 0) FROM quota_entry WHERE account_id = {customer}"));
    for key in 0..CUTS {
        let cut = if key % 2 == 0 { Cut::BeforeCommit } else { Cut::AfterCommit };
        proxy.cut(cut);
        let refusal = store.run(grant(customer, key), as_provider()).await.unwrap_err();
        assert_eq!(refusal.code, Code::OutcomeUnknown, "{refusal:?}");
        let done = if cut == Cut::AfterCommit { key + 1 } else { key };
        assert_eq!(balance(), done.to_string(), "{cut:?}: it was done, or it was not; nothing else");
        store.run(grant(customer, key), as_provider()).await.unwrap();
        assert_eq!(balance(), (key + 1).to_string(), "once, with its repeat");
    }
    assert_eq!(site.account(customer).await.allotments.sms.quota.get(), CUTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_lost_before_the_commit_is_made_anew_and_nobody_notices() {
    let Some((site, database)) = site().await else { return };
    let customer = site.add(1, Kind::Customer, "x").await;
    let (proxy, url) = Proxy::before(&database.url());
    let (store, _directory) = server(&url, 1).await;
    let read = || store.account(Reach::Tenant(as_provider().actor.tenant_id), id(customer));
    read().await.unwrap();
    for key in 0..20 {
        store.run(grant(customer, key), as_provider()).await.unwrap();
        proxy.cut(Cut::BeforeStatement);
        store.run(grant(customer, key + 1_000), as_provider()).await.unwrap();
        assert!(!proxy.is_whole(), "it was cut");
        // Reads, too.
        proxy.cut(Cut::BeforeStatement);
        let account = read().await.unwrap().unwrap();
        assert_eq!(account.allotments.sms.quota.get(), 2 * (key + 1));
        assert!(!proxy.is_whole(), "it was cut");
    }
    // The server ends all connections, as it does before it stops.
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'tenantry' AND datname = current_database()";
    database.sql(end);
    store.run(grant(customer, 5_000), as_provider()).await.unwrap();
}
