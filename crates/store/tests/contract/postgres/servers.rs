//! Two servers over one database.

use std::sync::Arc;

use tenantry_domain::account::edit::EditAccount;
use tenantry_domain::account::status::ChangeStatus;
use tenantry_domain::account::{Goal, Kind};
use tenantry_domain::idempotency::Idempotency;
use tenantry_domain::package::add::AddPackage;
use tenantry_domain::package::delete::DeletePackage;
use tenantry_domain::package::{Identifier, PackageRef, PackageStatus};
use tenantry_domain::quota::movement::MoveQuota;
use tenantry_domain::quota::{Channel, MovementKind, Quota};
use tenantry_domain::value::{Label, Name, PhoneNumberType};
use tenantry_domain::{Code, Command, Context, Outcome, Patch, Refusal};
use tenantry_store::Store;

use super::{as_provider, server, site};
use crate::site::{add, id};

/// How often each race is run.
const RACES: i64 = 40;

/// Runs one command on each server at once.
async fn race(servers: &[Arc<Store>; 2], commands: [Command; 2]) -> [Result<Outcome, Refusal>; 2] {
    let [first, second] = commands;
    let run = |server: &Arc<Store>, command| {
        let server = Arc::clone(server);
        tokio::spawn(async move { server.run(command, as_provider()).await })
    };
    let (first, second) = (run(&servers[0], first), run(&servers[1], second));
    [first.await.unwrap(), second.await.unwrap()]
}

async fn two(url: &str) -> ([Arc<Store>; 2], [tempfile::TempDir; 2]) {
    let ((one, first), (other, second)) = (server(url, 2).await, server(url, 2).await);
    ([Arc::new(one), Arc::new(other)], [first, second])
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_adds_with_one_address_one_is_refused() {
    let Some((_site, database)) = site().await else { return };
    let (servers, _directories) = two(&database.url()).await;
    for number in 0..RACES {
        let command = || add(1, Kind::Customer, "x", Some(&format!("c{number}@example.org")));
        let both = race(&servers, [command(), command()]).await;
        let refused: Vec<Code> = both.iter().filter_map(|done| done.as_ref().err().map(|refusal| refusal.code)).collect();
        assert_eq!(refused, [Code::Taken], "{both:?}");
    }
    assert_eq!(database.sql("SELECT count(*) FROM account WHERE kind = 'customer'"), RACES.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_of_one_record_come_one_after_the_other() {
    let Some((site, database)) = site().await else { return };
    let customer = site.add(1, Kind::Customer, "x").await;
    let (servers, _directories) = two(&database.url()).await;
    let mut versions = Vec::new();
    for number in 0..RACES {
        let edit = |server: i64| {
            let mut edit = EditAccount::of(id(customer));
            edit.profile.phone_number_type = Patch::Set(PhoneNumberType::parse(format!("s{server}n{number}")).unwrap());
            Command::EditAccount(Box::new(edit))
        };
        versions.extend(race(&servers, [edit(0), edit(1)]).await.into_iter().map(|done| done.unwrap().account.version));
    }
    versions.sort_unstable();
    assert_eq!(versions, (2..2 + 2 * RACES).collect::<Vec<i64>>(), "each has a version of its own");
    let events = format!("SELECT count(*) FROM event WHERE account_id = {customer}");
    assert_eq!(database.sql(&events), (1 + 2 * RACES).to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_put_below_whoever_is_deleted() {
    let Some((site, database)) = site().await else { return };
    let (servers, _directories) = two(&database.url()).await;
    for _ in 0..RACES {
        let provider = site.add(1, Kind::Provider, "x").await;
        let delete = Command::ChangeStatus(ChangeStatus::towards(id(provider), Goal::Deleted));
        let both = race(&servers, [delete, add(provider, Kind::Customer, "y", None)]).await;
        assert_eq!(both.iter().filter(|done| done.is_ok()).count(), 1, "{both:?}");
    }
    let orphans =
        "SELECT count(*) FROM account c JOIN account p ON p.id = c.parent_id WHERE p.status = 'deleted' AND c.status <> 'deleted'";
    assert_eq!(database.sql(orphans), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_a_package_that_is_deleted() {
    let Some((site, database)) = site().await else { return };
    let customer = site.add(1, Kind::Customer, "x").await;
    let (servers, _directories) = two(&database.url()).await;
    for number in 0..RACES {
        let add = AddPackage {
            provider_id: id(1),
            channel: Channel::Email,
            name: Name::parse("Package").unwrap(),
            identifier: Some(Identifier::parse(format!("p{number}")).unwrap()),
            quantity: Quota::ZERO,
            status: PackageStatus::Active,
        };
        let package = site.run(Command::AddPackage(Box::new(add))).await.unwrap().package.unwrap();
        let mut edit = EditAccount::of(id(customer));
        edit.allotments.email.package = Patch::Set(PackageRef::Id(package.id));
        let delete = Command::DeletePackage(DeletePackage { provider_id: id(1), id: package.id });
        let both = race(&servers, [Command::EditAccount(Box::new(edit)), delete]).await;
        assert_eq!(both.iter().filter(|done| done.is_ok()).count(), 1, "{both:?}");
    }
    let held = "SELECT count(*) FROM package_holder h JOIN package p ON p.id = h.package_id WHERE p.status = 'deleted'";
    assert_eq!(database.sql(held), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balance_is_not_spent_twice() {
    let Some((site, database)) = site().await else { return };
    let customer = site.add(1, Kind::Customer, "x").await;
    let (servers, _directories) = two(&database.url()).await;
    let movement = |kind, units| {
        Command::MoveQuota(Box::new(MoveQuota {
            account_id: id(customer),
            channel: Channel::Sms,
            kind,
            units: Quota::try_from(units).unwrap(),
            reason: Label::parse("sent").unwrap(),
            idempotency_key: None,
        }))
    };
    for _ in 0..RACES {
        site.run(movement(MovementKind::Grant, 1)).await.unwrap();
        let both = race(&servers, [movement(MovementKind::Consume, 1), movement(MovementKind::Consume, 1)]).await;
        assert_eq!(both.iter().filter(|done| done.is_ok()).count(), 1, "{both:?}");
    }
    assert_eq!(site.account(customer).await.allotments.sms.quota.get(), 0);
    assert_eq!(site.store().report().await.unwrap().unbalanced, 0);
}

/// Panics at the first commit that it is told of.
struct Panics(std::sync::atomic::AtomicBool);

impl tenantry_store::Observer for Panics {
    fn committed(&self, _: &tenantry_domain::Changes) {
        assert!(self.0.swap(true, std::sync::atomic::Ordering::SeqCst), "the first commit is too much");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_panics_is_replaced_and_its_lane_goes_on() {
    let Some((_site, database)) = site().await else { return };
    let directory = tempfile::tempdir().unwrap();
    let mut postgres = tenantry_store::PostgresOptions::parse(&database.url(), None).unwrap();
    postgres.writers = 1;
    let options = tenantry_store::Options { postgres: Some(postgres), ..tenantry_store::Options::default() };
    let store = Store::open(directory.path(), &options, Arc::new(Panics(false.into()))).await.unwrap();
    let first = store.run(add(1, Kind::Customer, "x", None), as_provider()).await;
    assert_eq!(first.unwrap_err().code, Code::OutcomeUnknown, "it was committed, and nobody could say so");
    let within = std::time::Duration::from_secs(10);
    let next = tokio::time::timeout(within, store.run(add(1, Kind::Customer, "y", None), as_provider())).await;
    next.expect("the lane goes on").unwrap();
    assert_eq!(database.sql("SELECT count(*) FROM account WHERE kind = 'customer'"), "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_with_a_key_is_done_by_one_of_the_servers_that_have_it() {
    let Some((_site, database)) = site().await else { return };
    let (servers, _directories) = two(&database.url()).await;
    for number in 0..RACES {
        let run = |server: &Arc<Store>, name: &'static str| {
            let (server, context) = (Arc::clone(server), keyed(number));
            let command = add(1, Kind::Customer, name, None);
            tokio::spawn(async move { server.run_once(command, context, Some(Arc::new(|_| name.into()))).await.unwrap() })
        };
        let both = (run(&servers[0], "first"), run(&servers[1], "second"));
        let both = [both.0.await.unwrap(), both.1.await.unwrap()];
        let done = both.iter().find(|one| one.changed).unwrap();
        let replayed = both.iter().find_map(|one| one.replayed.clone()).unwrap();
        let name = done.account.profile.first_name.as_ref().unwrap();
        assert_eq!(&*replayed, name.as_str().as_bytes());
    }
    assert_eq!(database.sql("SELECT count(*) FROM account WHERE kind = 'customer'"), RACES.to_string());
}

/// What stands beside a command of a request with a key.
fn keyed(number: i64) -> Context {
    let mut request = Idempotency { key: [0; 32], fingerprint: [7; 32] };
    request.key[..8].copy_from_slice(&number.to_be_bytes());
    Context { idempotency: Some(request), ..as_provider() }
}
