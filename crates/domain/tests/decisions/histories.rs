//! Random histories keep what must always hold.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use tenantry_domain::account::edit::EditAccount;
use tenantry_domain::account::{Goal, HoldOwner, Kind, Status};
use tenantry_domain::value::{Email, Name};
use tenantry_domain::{Command, Patch};

use crate::world::{World, add, id, towards};

/// One thing that somebody tries: who (by turn), what, on whom, with which letter.
type Try = (u8, u8, i64, u8);

fn command(what: u8, whom: i64, letter: u8) -> Command {
    let email = format!("{}@example.org", char::from(b'a' + letter));
    match what {
        0 => add(whom, Kind::Customer, Some(&email)),
        1 => add(whom, Kind::Provider, None),
        2 => towards(whom, Goal::Active),
        3 => towards(whom, Goal::Suspended(HoldOwner::Billing)),
        4 => towards(whom, Goal::Suspended(HoldOwner::Provider)),
        5 => towards(whom, Goal::Deleted),
        _ => {
            let mut edit = EditAccount::of(id(whom));
            edit.email = Patch::Set(Email::parse(email).unwrap());
            edit.profile.city = Patch::Set(Name::parse(char::from(b'A' + letter).to_string()).unwrap());
            Command::EditAccount(Box::new(edit))
        }
    }
}

proptest! {
    #[test]
    fn what_must_always_hold(tries in proptest::collection::vec((0..3_u8, 0..7_u8, 0..12_i64, 0..4_u8), 1..80)) {
        let mut world = World::new();
        let mut ids = BTreeSet::new();
        let tries: Vec<Try> = tries;
        for (who, what, whom, letter) in tries {
            let actor = match who {
                0 => tenantry_domain::Actor::OPERATOR,
                who => world.set.account(id(i64::from(who))).map_or(tenantry_domain::Actor::OPERATOR, |_| world.actor(i64::from(who))),
            };
            let before = world.events.len();
            let Ok(outcome) = world.run(actor, &command(what, whom, letter)) else {
                prop_assert_eq!(world.events.len(), before, "a refusal leaves no trace");
                continue;
            };
            prop_assert_eq!(world.events.len() - before, usize::from(outcome.changed), "one event a changed record");
            if what < 2 {
                prop_assert!(ids.insert(outcome.account.id), "an id was used twice");
                world.set.put_live_children(outcome.account.id, 0);
            }
        }
        let mut addresses = BTreeSet::new();
        let mut versions: BTreeMap<_, i64> = BTreeMap::new();
        for event in &world.events {
            let version = versions.entry(event.account_id).or_default();
            prop_assert_eq!(event.version, *version + 1, "a history has no gap");
            *version = event.version;
        }
        for (account_id, version) in versions {
            let account = world.set.account(account_id).unwrap();
            prop_assert_eq!(account.version, version);
            if account.status != Status::Deleted {
                prop_assert_eq!(account.status == Status::Suspended, !account.holds.is_empty());
            }
            if let Some(email) = account.email.as_ref().filter(|_| account.status != Status::Deleted) {
                prop_assert!(addresses.insert((account.tenant_id, email.folded())), "two live accounts of a tenant have one address");
            }
        }
    }
}
