//! Packages, the ledger, and budgets of failures outlive a restart.

use tenantry_domain::account::edit::EditAccount;
use tenantry_domain::account::status::ChangeStatus;
use tenantry_domain::account::{Goal, Kind};
use tenantry_domain::package::add::AddPackage;
use tenantry_domain::package::delete::DeletePackage;
use tenantry_domain::package::{Identifier, PackageRef, PackageStatus};
use tenantry_domain::quota::movement::MoveQuota;
use tenantry_domain::quota::{Channel, IdempotencyKey, MovementKind, Quota};
use tenantry_domain::value::{Label, Name};
use tenantry_domain::{Code, Command, Patch, TenantId};
use tenantry_store::{AccountQuery, FailureBudget, Reach};

use crate::site::{Engine, Site, everything, id, on_every_engine};

fn package(provider: i64, word: &str) -> Command {
    Command::AddPackage(Box::new(AddPackage {
        provider_id: id(provider),
        channel: Channel::Email,
        name: Name::parse("Gold").unwrap(),
        identifier: Some(Identifier::parse(word).unwrap()),
        quantity: Quota::try_from(1000).unwrap(),
        status: PackageStatus::Active,
    }))
}

async fn a_package_and_who_has_it(engine: Engine) {
    let mut site = Site::new(engine).await;
    let (customer, other) = (site.add(1, Kind::Customer, "A").await, site.add(0, Kind::Provider, "Other").await);
    let gold = site.run(package(1, "gold")).await.unwrap().package.unwrap();
    let theirs = site.run(package(other, "gold")).await.unwrap().package.unwrap();
    assert_eq!(theirs.id.get(), gold.id.get() + 1);
    let mut edit = EditAccount::of(id(customer));
    edit.allotments.email.package = Patch::Set(PackageRef::parse("gold").unwrap());
    site.run(Command::EditAccount(Box::new(edit))).await.unwrap();
    site.reopen().await;
    assert_eq!(site.account(customer).await.allotments.email.package_id, Some(gold.id));
    let tenant = Reach::Tenant(TenantId::of(id(1)));
    assert_eq!(site.store().package(tenant, gold.id).await.unwrap().as_ref(), Some(&gold));
    assert_eq!(site.store().package(tenant, theirs.id).await.unwrap(), None, "another tenant's");
    assert_eq!(site.store().packages(tenant).await.unwrap(), std::slice::from_ref(&gold));
    assert_eq!(site.store().packages(Reach::EveryTenant).await.unwrap().len(), 2);
    let list = site
        .store()
        .list(AccountQuery { packages: vec![(Channel::Email, Some(gold.id)), (Channel::Sms, None)], ..everything() })
        .await
        .unwrap();
    assert_eq!(list.accounts.iter().map(|account| account.id.get()).collect::<Vec<_>>(), [customer]);

    let wrong = site.store().list(AccountQuery { packages: vec![(Channel::Sms, Some(gold.id))], ..everything() }).await.unwrap();
    assert_eq!(wrong.total, 0, "a package is had of its own channel");

    let delete = || Command::DeletePackage(DeletePackage { provider_id: id(1), id: gold.id });
    assert_eq!(site.run(delete()).await.unwrap_err().code, Code::NotEmpty);
    site.run(Command::ChangeStatus(ChangeStatus::towards(id(customer), Goal::Deleted))).await.unwrap();
    site.run(delete()).await.unwrap();
    assert_eq!(site.store().package(tenant, gold.id).await.unwrap(), None);
    let again = site.run(package(1, "gold")).await.unwrap().package.unwrap();
    assert_eq!(again.id.get(), theirs.id.get() + 1, "ids are never used twice");
}

async fn a_ledger_sums_to_its_balance(engine: Engine) {
    let mut site = Site::new(engine).await;
    let customer = site.add(1, Kind::Customer, "A").await;
    let movement = |kind, units, key: &str| {
        Command::MoveQuota(Box::new(MoveQuota {
            account_id: id(customer),
            channel: Channel::Sms,
            kind,
            units: Quota::try_from(units).unwrap(),
            reason: Label::parse("invoice").unwrap(),
            idempotency_key: Some(IdempotencyKey::parse(key).unwrap()),
        }))
    };
    site.run(movement(MovementKind::Grant, 10, "a")).await.unwrap();
    site.run(movement(MovementKind::Consume, 3, "b")).await.unwrap();
    site.reopen().await;
    assert!(!site.run(movement(MovementKind::Consume, 3, "b")).await.unwrap().changed, "the key outlives a restart");
    let lines = site.store().quota_entries(TenantId::of(id(1)), id(customer), 10).await.unwrap();
    let said: Vec<_> = lines.iter().map(|line| (line.kind, line.amount, line.balance.get(), line.reason.as_str())).collect();
    assert_eq!(said, [(MovementKind::Consume, -3, 7, "invoice"), (MovementKind::Grant, 10, 10, "invoice")]);
    assert_eq!(site.account(customer).await.allotments.sms.quota.get(), 7);
    assert_eq!(site.store().report().await.unwrap().unbalanced, 0);
    site.sql("UPDATE quota_entry SET amount = 11 WHERE amount = 10");
    assert_eq!(site.store().report().await.unwrap().unbalanced, 1, "who changes a line is noticed");
    assert!(
        site.store().quota_entries(TenantId::of(id(2)), id(customer), 10).await.unwrap().is_empty(),
        "another tenant's look finds nothing"
    );
}

async fn budgets_of_failures_are_kept_until_they_are_full(engine: Engine) {
    let mut site = Site::new(engine).await;
    let budget = |bucket: &str, full_at, taken| FailureBudget { bucket: bucket.to_owned(), full_at, taken };
    let kept = |bucket: &str, full_at| budget(bucket, full_at, 0);
    site.store().keep_failure_budget(budget("a", 1_000, 1_000), 0);
    site.store().keep_failure_budget(budget("a", 2_000, 1_000), 0);
    site.store().keep_failure_budget(budget("b", 500, 500), 0);
    site.reopen().await;
    assert_eq!(site.store().failure_budgets().await.unwrap(), [kept("a", 2_000), kept("b", 500)]);
    site.store().keep_failure_budget(budget("c", 9_000, 8_400), 600);
    site.reopen().await;
    assert_eq!(site.store().failure_budgets().await.unwrap(), [kept("a", 2_000), kept("c", 9_000)]);
}

on_every_engine!(a_package_and_who_has_it, a_ledger_sums_to_its_balance, budgets_of_failures_are_kept_until_they_are_full,);
