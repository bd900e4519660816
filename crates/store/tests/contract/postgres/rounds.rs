//! How often a batch waits for the network.

use std::sync::Arc;
use std::time::Duration;

use tenantry_domain::account::edit::EditAccount;
use tenantry_domain::account::status::ChangeStatus;
use tenantry_domain::account::{Goal, HoldOwner, Kind};
use tenantry_domain::package::add::AddPackage;
use tenantry_domain::package::delete::DeletePackage;
use tenantry_domain::package::{Identifier, PackageId, PackageRef, PackageStatus};
use tenantry_domain::quota::movement::MoveQuota;
use tenantry_domain::quota::{Channel, IdempotencyKey, MovementKind, Quota};
use tenantry_domain::value::{Label, Name, PhoneNumberType};
use tenantry_domain::{Command, Patch};
use tenantry_testkit::wire::Proxy;

use super::{as_provider, server, site};
use crate::site::{add, id};

/// Rounds that a batch may take.
const ROUNDS_MAX: u32 = 6;
/// One statement for each kind of row that is loaded or saved.
const STATEMENTS_MAX: u32 = 20;

/// A command of each kind in turn, on 8 customers.
fn command(number: i64, customers: &[i64]) -> Command {
    let customer = id(customers[(number % 8) as usize]);
    match number % 8 {
        0 | 1 => add(1, Kind::Customer, "New", Some(&format!("c{number}@example.org"))),
        2 => {
            let mut edit = EditAccount::of(customer);
            edit.profile.phone_number_type = Patch::Set(PhoneNumberType::parse(format!("t{number}")).unwrap());
            Command::EditAccount(Box::new(edit))
        }
        3 => {
            let mut edit = EditAccount::of(customer);
            edit.allotments.email.package = if number % 16 == 3 { Patch::Set(PackageRef::parse("gold").unwrap()) } else { Patch::Clear };
            Command::EditAccount(Box::new(edit))
        }
        4 => {
            let goal = if number % 16 == 4 { Goal::Suspended(HoldOwner::Provider) } else { Goal::Active };
            Command::ChangeStatus(ChangeStatus::towards(customer, goal))
        }
        5 => Command::MoveQuota(Box::new(MoveQuota {
            account_id: customer,
            channel: Channel::Sms,
            kind: MovementKind::Grant,
            units: Quota::try_from(5).unwrap(),
            reason: Label::parse("invoice").unwrap(),
            idempotency_key: Some(IdempotencyKey::parse(&format!("k{number}")).unwrap()),
        })),
        6 => package(&format!("p{number}")),
        _ => Command::DeletePackage(DeletePackage { provider_id: id(1), id: PackageId::try_from(1).unwrap() }),
    }
}

fn package(identifier: &str) -> Command {
    Command::AddPackage(Box::new(AddPackage {
        provider_id: id(1),
        channel: Channel::Email,
        name: Name::parse("Package").unwrap(),
        identifier: Some(Identifier::parse(identifier).unwrap()),
        quantity: Quota::try_from(10).unwrap(),
        status: PackageStatus::Active,
    }))
}

/// Runs these at once, behind a command that waits for a lock which somebody else has: all of them are one batch.
async fn together(store: &Arc<tenantry_store::Store>, database: &Arc<tenantry_testkit::postgres::Database>, commands: Vec<Command>) {
    let held = Arc::clone(database);
    let lock = std::thread::spawn(move || held.sql("BEGIN; SELECT id FROM account WHERE id = 1 FOR UPDATE; SELECT pg_sleep(0.6); COMMIT"));
    tokio::time::sleep(Duration::from_millis(250)).await;
    let run = |command| {
        let store = Arc::clone(store);
        tokio::spawn(async move { store.run(command, as_provider()).await })
    };
    let first = run(add(1, Kind::Customer, "First", None));
    tokio::time::sleep(Duration::from_millis(100)).await;
    let others: Vec<_> = commands.into_iter().map(run).collect();
    first.await.unwrap().unwrap();
    lock.join().unwrap();
    for other in others {
        // Some are refused: a package that is had, an account that is suspended already.
        let _outcome_or_refusal = other.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_64_commands_takes_at_most_6_rounds() {
    let Some((site, database)) = site().await else { return };
    let mut customers = Vec::new();
    for _ in 0..8 {
        customers.push(site.add(1, Kind::Customer, "x").await);
    }
    site.run(package("gold")).await.unwrap();
    let (proxy, url) = Proxy::far_before(&database.url(), Duration::from_millis(10));
    let (store, _directory) = server(&url, 1).await;
    let store = Arc::new(store);
    // Once to prepare the statements, and once more to count.
    together(&store, &database, (0..64).map(|number| command(number, &customers)).collect()).await;
    let before = store.statistics();
    proxy.counted();
    together(&store, &database, (64..128).map(|number| command(number, &customers)).collect()).await;
    let (after, counted) = (store.statistics(), proxy.counted());
    assert_eq!((after.batches - before.batches, after.commands - before.commands), (2, 65), "one command and 64 behind it");
    // The one before them takes its own: begin and load, save, commit.
    assert!(counted.rounds <= ROUNDS_MAX + 3, "{counted:?}");
    assert!(counted.statements <= STATEMENTS_MAX + 4, "{counted:?}");
    assert_eq!(counted.commits, 2);
}
