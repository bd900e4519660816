//! Connections that are cut: what is not known is said to be unknown, and nothing is done twice.

use tenantry_domain::account::Kind;
use tenantry_domain::account::edit::EditAccount;
use tenantry_domain::quota::movement::MoveQuota;
use tenantry_domain::quota::{Channel, IdempotencyKey, MovementKind, Quota};
use tenantry_domain::value::{Label, PhoneNumberType};
use tenantry_domain::{Code, Command, Patch};
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

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_finds_another_version_is_in_the_way_of_the_commit_behind_it() {
    let Some((site, database)) = site().await else { return };
    let customer = site.add(1, Kind::Customer, "x").await;
    let events = || database.sql("SELECT count(*) FROM event");
    let before = events();
    // As if another server had always been first: every update passes its row by, and nothing else of the batch is in anybody's way.
    database.sql(
        "CREATE FUNCTION passed_by() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; \
         CREATE TRIGGER passed_by BEFORE UPDATE ON account FOR EACH ROW EXECUTE FUNCTION passed_by()",
    );
    let mut edit = EditAccount::of(id(customer));
    edit.profile.phone_number_type = Patch::Set(PhoneNumberType::parse("work").unwrap());
    for command in [Command::EditAccount(Box::new(edit)), grant(customer, 1)] {
        let refusal = site.run(command.clone()).await.unwrap_err();
        assert_eq!(refusal.code, Code::Unavailable, "{refusal:?}");
        assert_eq!(events(), before, "an event without its change was committed");
    }
    database.sql("DROP TRIGGER passed_by ON account");
    site.run(grant(customer, 1)).await.unwrap();
    assert_eq!(site.account(customer).await.version, 2);
}
