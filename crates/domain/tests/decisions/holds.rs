//! Holds: each with its owner, its reason and its end; and reasons of changes of status.

use tenantry_domain::account::hold::{PlaceHold, ReleaseEndedHolds, ReleaseHold};
use tenantry_domain::account::status::ChangeStatus;
use tenantry_domain::account::{Goal, HoldOwner, Kind, Status};
use tenantry_domain::value::Reason;
use tenantry_domain::{Actor, Code, Command, Refusal, Timestamp};

use crate::world::{PROVIDER, World, id, towards};

fn place(customer: i64, owner: HoldOwner, reason: &str, until: Option<Timestamp>) -> Command {
    Command::PlaceHold(PlaceHold { id: id(customer), owner, reason: Some(Reason::parse(reason).unwrap()), until })
}

fn release(customer: i64, owner: HoldOwner) -> Command {
    Command::ReleaseHold(ReleaseHold { id: id(customer), owner, reason: None })
}

fn ended(customer: i64) -> Command {
    Command::ReleaseEndedHolds(ReleaseEndedHolds { id: id(customer) })
}

/// A world with an active customer.
fn world() -> (World, i64) {
    let mut world = World::new();
    let customer = world.add(PROVIDER, Kind::Customer, None);
    (world, customer)
}

fn owners(world: &World, customer: i64) -> Vec<HoldOwner> {
    world.account(customer).holds.iter().map(|hold| hold.owner).collect()
}

fn last_event(world: &World) -> &str {
    &world.events.last().unwrap().name
}

#[test]
fn releasing_ones_own_never_releases_anothers() {
    let (mut world, customer) = world();
    world.as_provider(&place(customer, HoldOwner::Billing, "invoice 7", None)).unwrap();
    assert_eq!((world.account(customer).status, last_event(&world)), (Status::Suspended, "customer.suspended"));
    world.as_provider(&place(customer, HoldOwner::Abuse, "spam", None)).unwrap();
    assert_eq!(last_event(&world), "customer.hold_placed");
    assert_eq!(owners(&world, customer), [HoldOwner::Billing, HoldOwner::Abuse]);

    world.as_provider(&release(customer, HoldOwner::Billing)).unwrap();
    assert_eq!((world.account(customer).status, last_event(&world)), (Status::Suspended, "customer.hold_released"));
    assert!(!world.as_provider(&release(customer, HoldOwner::Billing)).unwrap().changed, "it is gone already");
    world.as_provider(&release(customer, HoldOwner::Abuse)).unwrap();
    assert_eq!((world.account(customer).status, last_event(&world)), (Status::Active, "customer.resumed"));
    assert!(!world.as_provider(&release(customer, HoldOwner::Legal)).unwrap().changed, "there is none");
}

#[test]
fn a_hold_is_given_other_terms_and_stands_since_it_was_placed() {
    let (mut world, customer) = world();
    let (placed, until) = (world.now, world.now.plus_days(2));
    world.as_provider(&place(customer, HoldOwner::Billing, "invoice 7", None)).unwrap();
    world.now = world.now.plus_days(1);
    world.as_provider(&place(customer, HoldOwner::Billing, "invoices 7 and 8", Some(until))).unwrap();
    let hold = world.account(customer).holds[0].clone();
    assert_eq!((hold.since, hold.until, hold.reason.unwrap().as_str()), (placed, Some(until), "invoices 7 and 8"));
    assert!(!world.as_provider(&place(customer, HoldOwner::Billing, "invoices 7 and 8", Some(until))).unwrap().changed, "the same again");
    // The older dialects know of no terms, and leave them.
    assert!(!world.as_provider(&towards(customer, Goal::Suspended(HoldOwner::Billing))).unwrap().changed);
}

#[test]
fn a_hold_ends_by_itself_and_not_before() {
    let (mut world, customer) = world();
    let until = world.now.plus_days(1);
    world.as_provider(&place(customer, HoldOwner::Abuse, "cool down", Some(until))).unwrap();
    world.as_provider(&place(customer, HoldOwner::Legal, "court", None)).unwrap();
    assert_eq!(world.account(customer).first_hold_ends_at(), Some(until));
    assert!(!world.as_operator(&ended(customer)).unwrap().changed, "it has not ended");
    world.now = until;
    world.as_operator(&ended(customer)).unwrap();
    assert_eq!(owners(&world, customer), [HoldOwner::Legal]);
    assert_eq!(world.account(customer).status, Status::Suspended);
    assert_eq!(world.account(customer).first_hold_ends_at(), None);

    let refusal = world.as_provider(&place(customer, HoldOwner::Abuse, "again", Some(until))).unwrap_err();
    assert_eq!(refusal.faults[0].field, "until", "it would end before it is placed");
}

#[test]
fn what_cannot_be_suspended_is_told_what_it_can_be() {
    let (mut world, customer) = world();
    world.as_provider(&place(customer, HoldOwner::Legal, "court", None)).unwrap();
    world.as_provider(&towards(customer, Goal::Closed)).unwrap();
    let refusal: Refusal = world.as_provider(&place(customer, HoldOwner::Abuse, "spam", None)).unwrap_err();
    assert_eq!(refusal.code, Code::ImpossibleStatus);
    assert!(refusal.faults[0].message.contains("possible: active, deleted"), "{refusal}");
    // Who is closed may still be released: else reopening would bring the hold back.
    world.as_provider(&release(customer, HoldOwner::Legal)).unwrap();
    assert_eq!((world.account(customer).status, last_event(&world)), (Status::Closed, "customer.hold_released"));
}

#[test]
fn nobody_holds_or_releases_itself() {
    let (mut world, customer) = world();
    world.as_provider(&place(customer, HoldOwner::Abuse, "spam", None)).unwrap();
    let itself: Actor = world.actor(customer);
    for command in [release(customer, HoldOwner::Abuse), place(customer, HoldOwner::Customer, "holiday", None)] {
        assert_eq!(world.run(itself, &command).unwrap_err().code, Code::Forbidden);
    }
}

#[test]
fn a_reason_is_kept_with_the_event() {
    let (mut world, customer) = world();
    let reason = Some(Reason::parse("moved away").unwrap());
    world.as_provider(&Command::ChangeStatus(ChangeStatus { reason, ..ChangeStatus::towards(id(customer), Goal::Closed) })).unwrap();
    let event = world.events.last().unwrap();
    let told = event.changes.iter().find(|change| change.field == "reason").unwrap();
    assert_eq!((event.name.as_str(), told.new.as_str()), ("customer.closed", Some("moved away")));
}
