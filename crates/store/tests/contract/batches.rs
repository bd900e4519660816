//! Batches: many commands at once, each answered for itself.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tenantry_domain::Command;
use tenantry_domain::account::Kind;
use tenantry_domain::account::edit::EditAccount;
use tenantry_domain::value::PhoneNumberType;
use tenantry_domain::{Code, Patch};

use tenantry_store::Options;

use crate::site::{Engine, Site, add, id, on_every_engine};

async fn a_refusal_does_not_touch_its_neighbours(engine: Engine) {
    let site = Arc::new(Site::new(engine).await);
    let commits = site.commits.0.load(Ordering::SeqCst);
    let tasks: Vec<_> = (0..400)
        .map(|number| {
            let site = Arc::clone(&site);
            // Each address twice, and every tenth parent missing.
            let email = format!("c{}@example.org", number / 2);
            let parent = if number % 10 == 9 { 777 } else { 1 };
            tokio::spawn(async move { site.run(add(parent, Kind::Customer, "x", Some(&email))).await })
        })
        .collect();
    let (mut added, mut taken, mut missing) = (0, 0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => added += 1,
            Err(refusal) if refusal.code == Code::Taken => taken += 1,
            Err(refusal) => {
                assert_eq!(refusal.code, Code::NotFound);
                missing += 1;
            }
        }
    }
    assert_eq!((added, taken, missing), (200, 160, 40));
    let shared = site.commits.0.load(Ordering::SeqCst) - commits;
    assert!(shared < 200, "400 commands at once shared no commit: {shared}");
    let count = site.number("SELECT count(*) FROM event WHERE name = 'customer.added'");
    assert_eq!(count, 200);
}

async fn racing_edits_of_one_record_come_one_after_the_other(engine: Engine) {
    let site = Arc::new(Site::new(engine).await);
    let customer = site.add(1, Kind::Customer, "x").await;
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let site = Arc::clone(&site);
            tokio::spawn(async move {
                let mut edit = EditAccount::of(id(customer));
                edit.profile.phone_number_type = Patch::Set(PhoneNumberType::parse(format!("n{number}")).unwrap());
                site.run(Command::EditAccount(Box::new(edit))).await.unwrap().account.version
            })
        })
        .collect();
    let mut versions = Vec::new();
    for task in tasks {
        versions.push(task.await.unwrap());
    }
    versions.sort_unstable();
    assert_eq!(versions, (2..66).collect::<Vec<i64>>(), "every acknowledged edit has a version of its own");
}

/// Edits one record many times.
async fn edit_often(site: &Site, customer: i64, letter: char) {
    for number in 0..400 {
        let mut edit = EditAccount::of(id(customer));
        edit.profile.phone_number_type = Patch::Set(PhoneNumberType::parse(format!("{letter}{number}")).unwrap());
        site.run(Command::EditAccount(Box::new(edit))).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_stays_does_not_stop_the_lane_and_the_log_is_cut_when_it_goes() {
    let site = Site::with(Engine::Sqlite, Options { checkpoint_pages: 50, ..Options::default() }).await;
    let customer = site.add(1, Kind::Customer, "x").await;
    let reader = site.database();
    reader.execute_batch("BEGIN; SELECT count(*) FROM account").unwrap();
    edit_often(&site, customer, 'a').await;
    let log = || std::fs::metadata(site.directory.path().join("tenantry.db-wal")).unwrap().len();
    let grown = log();
    assert!(grown > 1024 * 1024, "the reader was to keep the log, and it has {grown} octets");
    reader.execute_batch("COMMIT").unwrap();
    edit_often(&site, customer, 'b').await;
    assert!(log() < grown / 2, "the log was not cut: {} octets after {grown}", log());
}

on_every_engine!(a_refusal_does_not_touch_its_neighbours, racing_edits_of_one_record_come_one_after_the_other,);
