//! Packages, balances and their ledger.

use tenantry_domain::account::edit::EditAccount;
use tenantry_domain::account::{Goal, Kind};
use tenantry_domain::package::add::AddPackage;
use tenantry_domain::package::delete::DeletePackage;
use tenantry_domain::package::edit::{EditPackage, PackagePatch};
use tenantry_domain::package::{Identifier, PackageId, PackageRef, PackageStatus};
use tenantry_domain::quota::movement::MoveQuota;
use tenantry_domain::quota::{Channel, IdempotencyKey, MovementKind, Quota};
use tenantry_domain::value::{ExternalId, Label, Name};
use tenantry_domain::{Code, Command, Patch};

use crate::world::{PROVIDER, World, id, towards};

fn quota(units: i64) -> Quota {
    Quota::try_from(units).unwrap()
}

fn package(provider: i64, channel: Channel, word: &str) -> Command {
    Command::AddPackage(Box::new(AddPackage {
        provider_id: id(provider),
        channel,
        name: Name::parse(word).unwrap(),
        identifier: Some(Identifier::parse(word).unwrap()),
        quantity: quota(100),
        status: PackageStatus::Active,
    }))
}

fn give(number: i64, channel: Channel, package: Patch<PackageRef>) -> Command {
    let mut edit = EditAccount::of(id(number));
    edit.allotments.of_mut(channel).package = package;
    Command::EditAccount(Box::new(edit))
}

fn named(word: &str) -> Patch<PackageRef> {
    Patch::Set(PackageRef::parse(word).unwrap())
}

fn movement(number: i64, kind: MovementKind, units: i64, key: Option<&str>) -> Command {
    Command::MoveQuota(Box::new(MoveQuota {
        account_id: id(number),
        channel: Channel::Sms,
        kind,
        units: quota(units),
        reason: Label::parse("a test").unwrap(),
        idempotency_key: key.map(|key| IdempotencyKey::parse(key).unwrap()),
    }))
}

fn balance(world: &World, number: i64) -> i64 {
    world.account(number).allotments.sms.quota.get()
}

#[test]
fn a_balance_never_goes_below_zero_and_is_the_sum_of_its_ledger() {
    let mut world = World::new();
    let customer = world.add(PROVIDER, Kind::Customer, None);
    let mut sum = 0;
    for (kind, units, allowed, left) in [
        (MovementKind::Consume, 1, false, 0),
        (MovementKind::Grant, 10, true, 10),
        (MovementKind::Consume, 4, true, 6),
        (MovementKind::Consume, 7, false, 6),
        (MovementKind::Set, 100, true, 100),
        (MovementKind::Grant, 2_147_483_647, false, 100),
        (MovementKind::Consume, 100, true, 0),
        (MovementKind::Grant, 2_147_483_647, true, 2_147_483_647),
    ] {
        let entries = world.entries.len();
        assert_eq!(world.as_provider(&movement(customer, kind, units, None)).is_ok(), allowed, "{kind:?} {units}");
        assert_eq!(balance(&world, customer), left);
        assert_eq!(world.entries.len() - entries, usize::from(allowed), "a refusal leaves no line");
        sum += world.entries[entries..].iter().map(|entry| entry.amount).sum::<i64>();
        assert_eq!(sum, left);
    }
    assert_eq!(world.events.last().unwrap().name, "quota.granted");
}

#[test]
fn a_move_with_a_key_is_made_once() {
    let mut world = World::new();
    let customer = world.add(PROVIDER, Kind::Customer, None);
    for _ in 0..3 {
        world.as_provider(&movement(customer, MovementKind::Grant, 10, Some("invoice 7"))).unwrap();
    }
    assert_eq!((balance(&world, customer), world.entries.len()), (10, 1));
    let other = world.as_provider(&movement(customer, MovementKind::Grant, 11, Some("invoice 7"))).unwrap_err();
    assert_eq!(other.faults[0].field, "idempotency_key");
    world.as_provider(&movement(customer, MovementKind::Set, 10, Some("nothing new"))).unwrap();
    world.as_provider(&movement(customer, MovementKind::Set, 7, None)).unwrap();
    world.as_provider(&movement(customer, MovementKind::Set, 10, Some("nothing new"))).unwrap();
    assert_eq!((balance(&world, customer), world.entries.len()), (7, 3), "a move of nothing was a move all the same");
    let neighbour = world.add(PROVIDER, Kind::Customer, None);
    world.as_provider(&movement(neighbour, MovementKind::Grant, 11, Some("invoice 7"))).unwrap();
    assert_eq!(balance(&world, neighbour), 11, "a key is the account's own");
}

#[test]
fn an_edit_sets_balances_with_a_line_each_and_one_event() {
    let mut world = World::new();
    let customer = world.add(PROVIDER, Kind::Customer, None);
    let mut edit = EditAccount::of(id(customer));
    edit.allotments.email.quota = Some(quota(500));
    edit.allotments.sms.quota = Some(quota(20));
    let command = Command::EditAccount(Box::new(edit));
    world.as_provider(&command).unwrap();
    assert!(!world.as_provider(&command).unwrap().changed);
    let lines: Vec<_> = world.entries.iter().map(|entry| (entry.channel, entry.kind, entry.amount, entry.version)).collect();
    assert_eq!(lines, [(Channel::Email, MovementKind::Set, 500, 2), (Channel::Sms, MovementKind::Set, 20, 2)]);
    let fields: Vec<_> = world.events.last().unwrap().changes.iter().map(|change| change.field).collect();
    assert_eq!(fields, ["email_quota", "sms_quota"]);
}

#[test]
fn nobody_sells_to_itself() {
    let mut world = World::new();
    let customer = world.add(PROVIDER, Kind::Customer, None);
    world.as_provider(&package(PROVIDER, Channel::Email, "gold")).unwrap();
    let actor = world.actor(customer);
    let mut edit = EditAccount::of(id(customer));
    edit.allotments.email.quota = Some(quota(1));
    edit.external_id = Patch::Set(ExternalId::parse("mine").unwrap());
    let refusal = world.run(actor, &Command::EditAccount(Box::new(edit))).unwrap_err();
    assert_eq!((refusal.code, refusal.faults.len()), (Code::Forbidden, 2));
    assert_eq!(world.run(actor, &give(customer, Channel::Email, named("gold"))).unwrap_err().code, Code::Forbidden);
    assert_eq!(world.run(actor, &movement(customer, MovementKind::Grant, 1, None)).unwrap_err().code, Code::Forbidden);
    assert_eq!(world.run(actor, &package(customer, Channel::Email, "own")).unwrap_err().code, Code::Forbidden);
    let mut same = EditAccount::of(id(customer));
    same.allotments.email.quota = Some(quota(0));
    assert!(world.run(actor, &Command::EditAccount(Box::new(same))).is_ok(), "what is so already may be sent");
}

#[test]
fn a_package_is_offered_below_its_provider_and_nowhere_else() {
    let mut world = World::new();
    let (here, there) = (world.add(PROVIDER, Kind::Provider, None), world.add(PROVIDER, Kind::Provider, None));
    let customer = world.add(here, Kind::Customer, None);
    let id_of = |outcome: tenantry_domain::Outcome| outcome.package.unwrap().id;
    let top = id_of(world.as_provider(&package(PROVIDER, Channel::Email, "gold")).unwrap());
    let nearer = id_of(world.as_provider(&package(here, Channel::Email, "gold")).unwrap());
    let beside = id_of(world.as_provider(&package(there, Channel::Email, "silver")).unwrap());
    let sms = id_of(world.as_provider(&package(PROVIDER, Channel::Sms, "texts")).unwrap());
    let has = |world: &World| world.account(customer).allotments.email.package_id;

    world.as_provider(&give(customer, Channel::Email, named("gold"))).unwrap();
    assert_eq!(has(&world), Some(nearer), "of two with one word the nearest is meant");
    world.as_provider(&give(customer, Channel::Email, Patch::Set(PackageRef::Id(top)))).unwrap();
    assert_eq!(has(&world), Some(top));
    let refused = |world: &mut World, package: PackageId| {
        let refusal = world.as_provider(&give(customer, Channel::Email, Patch::Set(PackageRef::Id(package)))).unwrap_err();
        refusal.faults[0].message.clone()
    };
    let missing = refused(&mut world, PackageId::try_from(99).unwrap());
    assert_eq!(refused(&mut world, beside), missing, "another's looks like none");
    assert!(refused(&mut world, sms).contains("sms"));
    world.as_provider(&give(customer, Channel::Email, Patch::Clear)).unwrap();
    assert_eq!(has(&world), None);

    let actor = world.actor(there);
    let patch = PackagePatch { identifier: Patch::Clear, ..PackagePatch::default() };
    let edit = EditPackage { provider_id: id(here), id: nearer, patch };
    assert_eq!(world.run(actor, &Command::EditPackage(Box::new(edit.clone()))).unwrap_err().code, Code::NotFound);
    let actor = world.actor(here);
    let above = EditPackage { provider_id: id(PROVIDER), id: top, ..edit };
    assert_eq!(world.run(actor, &Command::EditPackage(Box::new(above))).unwrap_err().code, Code::NotFound);
}

#[test]
fn a_package_that_somebody_has_stays() {
    let mut world = World::new();
    let customer = world.add(PROVIDER, Kind::Customer, None);
    let outcome = world.as_provider(&package(PROVIDER, Channel::Email, "gold")).unwrap();
    let gold = outcome.package.unwrap().id;
    assert_eq!((outcome.account.id, world.events.last().unwrap().name.as_str()), (id(PROVIDER), "package.added"));
    world.set.put_package_holders(gold, 0);
    world.as_provider(&give(customer, Channel::Email, named("gold"))).unwrap();
    let delete = Command::DeletePackage(DeletePackage { provider_id: id(PROVIDER), id: gold });
    assert_eq!(world.as_provider(&delete).unwrap_err().code, Code::NotEmpty);

    let patch = PackagePatch { status: Some(PackageStatus::Inactive), ..PackagePatch::default() };
    let off = EditPackage { provider_id: id(PROVIDER), id: gold, patch };
    world.as_provider(&Command::EditPackage(Box::new(off))).unwrap();
    assert!(!world.as_provider(&give(customer, Channel::Email, named("gold"))).unwrap().changed, "who has it keeps it");
    let second = world.add(PROVIDER, Kind::Customer, None);
    assert!(world.as_provider(&give(second, Channel::Email, named("gold"))).is_err(), "nobody else gets it");

    world.as_provider(&towards(customer, Goal::Deleted)).unwrap();
    world.as_provider(&delete).unwrap();
    assert_eq!(world.as_provider(&delete).unwrap_err().code, Code::NotFound);
    let again = world.as_provider(&package(PROVIDER, Channel::Email, "gold")).unwrap().package.unwrap();
    assert!(again.id > gold, "ids are never used twice, words may be");
    assert_eq!(world.as_provider(&package(PROVIDER, Channel::Sms, "gold")).unwrap_err().code, Code::Taken);
}
