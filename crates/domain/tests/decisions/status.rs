//! The life of an account: every cell of the table, holds, and who may.

use tenantry_domain::account::add::AddAccount;
use tenantry_domain::account::status::TRANSITIONS;
use tenantry_domain::account::{Goal, HoldOwner, Kind, Status};
use tenantry_domain::{Code, Command, Refusal};

use crate::world::{PROVIDER, World, id, towards};

/// A world with a customer in this status, by the steps that lead there.
fn customer_in(status: Status) -> (World, i64) {
    let mut world = World::new();
    let customer = world.add(PROVIDER, Kind::Customer, None);
    let steps: &[Goal] = match status {
        Status::Active => &[],
        Status::Suspended => &[Goal::Suspended(HoldOwner::Provider)],
        Status::Deleted => &[Goal::Deleted],
        Status::Pending | Status::Closed => panic!("no goal leads there"),
    };
    for goal in steps {
        world.as_provider(&towards(customer, *goal)).unwrap();
    }
    assert_eq!(world.account(customer).status, status);
    (world, customer)
}

/// The code of a refusal, or the status and the events' verbs.
fn outcome(world: &mut World, customer: i64, goal: Goal) -> Result<(Status, Option<String>), Code> {
    let before = world.events.len();
    let run = world.as_provider(&towards(customer, goal));
    let verb = world.events.get(before).map(|event| event.name.trim_start_matches("customer.").to_owned());
    run.map(|outcome| (outcome.account.status, verb)).map_err(|refusal: Refusal| refusal.code)
}

#[test]
fn every_goal_from_every_status() {
    use HoldOwner::Provider as own;
    let did = |status, verb: &str| Ok((status, Some(verb.to_owned())));
    let nothing = |status| Ok((status, None));
    for (from, goal, expected) in [
        (Status::Active, Goal::Active, nothing(Status::Active)),
        (Status::Active, Goal::Inactive(own), did(Status::Suspended, "suspended")),
        (Status::Active, Goal::Suspended(own), did(Status::Suspended, "suspended")),
        (Status::Active, Goal::Deleted, did(Status::Deleted, "deleted")),
        (Status::Suspended, Goal::Active, did(Status::Active, "resumed")),
        (Status::Suspended, Goal::Inactive(own), nothing(Status::Suspended)),
        (Status::Suspended, Goal::Suspended(own), nothing(Status::Suspended)),
        (Status::Suspended, Goal::Suspended(HoldOwner::Legal), did(Status::Suspended, "hold_placed")),
        (Status::Suspended, Goal::Deleted, did(Status::Deleted, "deleted")),
        (Status::Deleted, Goal::Active, did(Status::Active, "reopened")),
        (Status::Deleted, Goal::Inactive(own), Err(Code::ImpossibleStatus)),
        (Status::Deleted, Goal::Suspended(own), Err(Code::ImpossibleStatus)),
        (Status::Deleted, Goal::Deleted, nothing(Status::Deleted)),
        (Status::Active, Goal::Activated, nothing(Status::Active)),
        (Status::Suspended, Goal::Activated, Err(Code::ImpossibleStatus)),
        (Status::Deleted, Goal::Activated, Err(Code::ImpossibleStatus)),
        (Status::Active, Goal::Reopened, nothing(Status::Active)),
        (Status::Suspended, Goal::Reopened, Err(Code::ImpossibleStatus)),
        (Status::Deleted, Goal::Reopened, Err(Code::ImpossibleStatus)),
        (Status::Active, Goal::Ended, did(Status::Closed, "closed")),
        (Status::Suspended, Goal::Ended, did(Status::Closed, "closed")),
        (Status::Deleted, Goal::Ended, Err(Code::ImpossibleStatus)),
    ] {
        let (mut world, customer) = customer_in(from);
        assert_eq!(outcome(&mut world, customer, goal), expected, "{from} towards {goal:?}");
        let account = world.account(customer);
        // Who is closed or deleted keeps its holds, for when it comes back.
        if !matches!(account.status, Status::Closed | Status::Deleted) {
            assert_eq!(account.status == Status::Suspended, !account.holds.is_empty(), "suspended while, and only while, a hold stands");
        }
        assert_eq!(matches!(account.status, Status::Closed | Status::Deleted), account.ended_at.is_some());
    }
}

#[test]
fn the_table_has_no_step_twice() {
    for (index, step) in TRANSITIONS.iter().enumerate() {
        for other in &TRANSITIONS[index + 1..] {
            let same_start = step.from.iter().any(|from| other.from.contains(from));
            assert!(!(same_start && step.to == other.to), "{} and {} are the same step", step.name, other.name);
        }
    }
}

#[test]
fn releasing_ones_own_hold_releases_nobody_elses() {
    let (mut world, customer) = customer_in(Status::Suspended);
    world.as_operator(&towards(customer, Goal::Suspended(HoldOwner::Abuse))).unwrap();
    assert_eq!(outcome(&mut world, customer, Goal::Active), Ok((Status::Suspended, Some("hold_released".to_owned()))));
    let owners: Vec<HoldOwner> = world.account(customer).holds.iter().map(|hold| hold.owner).collect();
    assert_eq!(owners, [HoldOwner::Abuse]);
    assert_eq!(outcome(&mut world, customer, Goal::Active), Ok((Status::Suspended, None)), "there is nothing of one's own left to release");
}

#[test]
fn deleting_and_reopening_releases_nobody_elses_hold() {
    let (mut world, customer) = customer_in(Status::Suspended);
    for owner in [HoldOwner::Abuse, HoldOwner::Legal] {
        world.as_operator(&towards(customer, Goal::Suspended(owner))).unwrap();
    }
    outcome(&mut world, customer, Goal::Deleted).unwrap();
    assert_eq!(outcome(&mut world, customer, Goal::Active), Ok((Status::Suspended, Some("reopened".to_owned()))));
    let owners: Vec<HoldOwner> = world.account(customer).holds.iter().map(|hold| hold.owner).collect();
    assert_eq!(owners, [HoldOwner::Abuse, HoldOwner::Legal], "the provider's own is gone");
}

#[test]
fn a_status_that_holds_already_may_be_sent_by_anybody() {
    let mut world = World::new();
    let customer = world.add(PROVIDER, Kind::Customer, None);
    let actor = world.actor(customer);
    assert!(!world.run(actor, &towards(customer, Goal::Active)).unwrap().changed);
}

#[test]
fn reopening_has_its_time_and_its_address() {
    let (mut world, customer) = customer_in(Status::Deleted);
    world.now = world.now.plus_days(30);
    assert!(outcome(&mut world, customer, Goal::Active).is_ok());
    world.as_provider(&towards(customer, Goal::Deleted)).unwrap();
    world.now = world.now.plus_days(31);
    assert_eq!(outcome(&mut world, customer, Goal::Active), Err(Code::ImpossibleStatus));

    let mut world = World::new();
    let first = world.add(PROVIDER, Kind::Customer, Some("a@example.org"));
    world.as_provider(&towards(first, Goal::Deleted)).unwrap();
    let second = world.add(PROVIDER, Kind::Customer, Some("A@example.org"));
    let refusal = world.as_provider(&towards(first, Goal::Active)).unwrap_err();
    assert_eq!((refusal.code, refusal.faults[0].existing_id.unwrap().get()), (Code::Taken, second));
}

#[test]
fn nobody_changes_its_own_status() {
    let mut world = World::new();
    let customer = world.add(PROVIDER, Kind::Customer, None);
    for number in [PROVIDER, customer] {
        let actor = world.actor(number);
        for goal in [Goal::Suspended(HoldOwner::Customer), Goal::Deleted] {
            assert_eq!(world.run(actor, &towards(number, goal)).unwrap_err().code, Code::Forbidden);
        }
    }
}

#[test]
fn a_provider_goes_when_nobody_lives_below_it() {
    let mut world = World::new();
    let sub = world.add(PROVIDER, Kind::Provider, None);
    let below = world.add(sub, Kind::Customer, None);
    assert_eq!(world.as_provider(&towards(sub, Goal::Deleted)).unwrap_err().code, Code::NotEmpty);
    world.as_provider(&towards(below, Goal::Deleted)).unwrap();
    world.as_provider(&towards(sub, Goal::Deleted)).unwrap();
    assert_eq!(world.as_provider(&towards(below, Goal::Active)).unwrap().account.status, Status::Active, "its own 30 days");
}

#[test]
fn closing_goes_through_a_suspension_and_opens_again() {
    let mut world = World::new();
    let customer = world.add(PROVIDER, Kind::Customer, None);
    world.as_provider(&towards(customer, Goal::Closed)).unwrap();
    assert_eq!((world.account(customer).status, world.events.last().unwrap().name.as_str()), (Status::Closed, "customer.closed"));
    assert!(!world.as_provider(&towards(customer, Goal::Closed)).unwrap().changed);
    world.as_provider(&towards(customer, Goal::Active)).unwrap();
    let account = world.account(customer);
    assert_eq!((account.status, account.holds.len()), (Status::Active, 0), "the provider's own hold goes with the closing");
    world.as_provider(&towards(customer, Goal::Suspended(HoldOwner::Abuse))).unwrap();
    world.as_provider(&towards(customer, Goal::Closed)).unwrap();
    world.as_provider(&towards(customer, Goal::Active)).unwrap();
    assert_eq!(world.account(customer).status, Status::Suspended, "another's hold does not");
}

#[test]
fn not_deleted_reopens_what_is_and_leaves_the_rest() {
    let mut world = World::new();
    let customer = world.add(PROVIDER, Kind::Customer, None);
    world.as_provider(&towards(customer, Goal::Suspended(HoldOwner::Provider))).unwrap();
    assert!(!world.as_provider(&towards(customer, Goal::NotDeleted)).unwrap().changed);
    world.as_provider(&towards(customer, Goal::Deleted)).unwrap();
    assert_eq!(world.as_provider(&towards(customer, Goal::Closed)).unwrap_err().code, Code::ImpossibleStatus);
    world.as_provider(&towards(customer, Goal::NotDeleted)).unwrap();
    assert_eq!(world.account(customer).status, Status::Suspended, "it comes back as it went");
}

#[test]
fn who_was_never_activated_is_restored_as_pending() {
    let mut world = World::new();
    let add = AddAccount { goal: None, ..AddAccount::below(id(PROVIDER), Kind::Customer) };
    let customer = world.as_provider(&Command::AddAccount(Box::new(add))).unwrap().account.id.get();
    world.set.put_live_children(id(customer), 0);
    assert_eq!(world.account(customer).status, Status::Pending);
    world.as_provider(&towards(customer, Goal::Deleted)).unwrap();
    assert!(world.account(customer).ended_at.is_some());
    world.as_provider(&towards(customer, Goal::NotDeleted)).unwrap();
    let account = world.account(customer);
    assert_eq!((account.status, account.ended_at, account.activated_at), (Status::Pending, None, None), "it has not ended any more");
}

#[test]
fn one_that_waits_is_activated_or_rejected_and_one_that_is_closed_is_reopened() {
    let mut world = World::new();
    let pending = |world: &mut World| {
        let added = world.as_provider(&Command::AddAccount(Box::new(AddAccount::below(id(PROVIDER), Kind::Customer)))).unwrap();
        added.account.id.get()
    };
    let customer = pending(&mut world);
    assert_eq!(outcome(&mut world, customer, Goal::Reopened), Err(Code::ImpossibleStatus), "it was never open");
    assert_eq!(outcome(&mut world, customer, Goal::Activated), Ok((Status::Active, Some("activated".to_owned()))));
    let customer = pending(&mut world);
    assert_eq!(outcome(&mut world, customer, Goal::Closed), Ok((Status::Pending, None)), "the older dialects' off leaves it waiting");
    assert_eq!(outcome(&mut world, customer, Goal::Ended), Ok((Status::Closed, Some("closed".to_owned()))));
    assert_eq!(outcome(&mut world, customer, Goal::Ended), Ok((Status::Closed, None)));
    assert_eq!(outcome(&mut world, customer, Goal::Activated), Err(Code::ImpossibleStatus));
    assert_eq!(outcome(&mut world, customer, Goal::Reopened), Ok((Status::Active, Some("reopened".to_owned()))));
}
