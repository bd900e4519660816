//! Adds and edits.

use tenantry_domain::account::Kind;
use tenantry_domain::account::edit::EditAccount;
use tenantry_domain::value::{Email, Name, PasswordHash, PinDigest};
use tenantry_domain::{Actor, Code, Command, Context, Patch, TenantId, decide};

use crate::world::{PROVIDER, World, add, id};

fn edit(number: i64, change: impl FnOnce(&mut EditAccount)) -> Command {
    let mut edit = EditAccount::of(id(number));
    change(&mut edit);
    Command::EditAccount(Box::new(edit))
}

#[test]
fn a_place_in_the_tree_is_decided_by_the_parent() {
    let mut world = World::new();
    let tenant = world.add(0, Kind::Provider, None);
    let sub = world.add(tenant, Kind::Provider, None);
    let customer = world.add(sub, Kind::Customer, None);
    let account = world.account(customer);
    assert_eq!((account.tenant_id.get(), account.parent_id, account.provider_depth()), (tenant, Some(id(sub)), 2));
    assert_eq!(account.ancestors, [id(tenant), id(sub)]);
    assert_eq!(world.account(tenant).tenant_id.get(), tenant, "directly below the operator begins a tenant");

    let code = |world: &mut World, parent, kind| world.as_operator(&add(parent, kind, None)).unwrap_err().code;
    assert_eq!(code(&mut world, customer, Kind::Customer), Code::Invalid);
    assert_eq!(code(&mut world, 0, Kind::Customer), Code::Invalid);
    assert_eq!(code(&mut world, 777, Kind::Customer), Code::NotFound);
    assert_eq!(world.as_provider(&add(tenant, Kind::Customer, None)).unwrap_err().code, Code::NotFound, "another tenant's looks like none");
    let actor = world.actor(customer);
    assert_eq!(world.run(actor, &add(customer, Kind::Customer, None)).unwrap_err().code, Code::Forbidden);
}

#[test]
fn the_second_of_two_adds_with_one_address_is_refused() {
    let mut world = World::new();
    let first = world.add(PROVIDER, Kind::Customer, Some("Abc@example.org"));
    let refusal = world.as_provider(&add(PROVIDER, Kind::Customer, Some("aBC@EXAMPLE.org"))).unwrap_err();
    assert_eq!((refusal.code, refusal.faults[0].field.as_str(), refusal.faults[0].existing_id), (Code::Taken, "email", Some(id(first))));
    let other = world.add(0, Kind::Provider, None);
    assert!(world.as_operator(&add(other, Kind::Customer, Some("abc@example.org"))).is_ok(), "another tenant has its own addresses");
}

#[test]
fn an_edit_is_a_merge_with_one_event() {
    let mut world = World::new();
    let customer = world.add(PROVIDER, Kind::Customer, Some("a@example.org"));
    let name = |text: &str| Patch::Set(Name::parse(text).unwrap());
    world.as_provider(&edit(customer, |edit| edit.profile.first_name = name("First"))).unwrap();
    world.as_provider(&edit(customer, |edit| edit.profile.last_name = name("Last"))).unwrap();
    let account = world.account(customer);
    assert_eq!(account.profile.first_name.as_ref().unwrap().as_str(), "First", "what an edit does not name stays");
    assert_eq!(account.version, 3);
    world.as_provider(&edit(customer, |edit| edit.profile.first_name = Patch::Clear)).unwrap();
    assert_eq!(world.account(customer).profile.first_name, None);

    let events = world.events.len();
    let outcome = world.as_provider(&edit(customer, |edit| edit.profile.last_name = name("Last"))).unwrap();
    assert!(
        !outcome.changed && world.events.len() == events && world.account(customer).version == 4,
        "nothing changed, so nothing happened"
    );
    let fields: Vec<&str> = world.events.last().unwrap().changes.iter().map(|change| change.field).collect();
    assert_eq!(fields, ["first_name"]);
}

#[test]
fn secrets_are_named_in_events_and_never_written() {
    let mut world = World::new();
    let customer = world.add(PROVIDER, Kind::Customer, None);
    let command = edit(customer, |edit| {
        edit.password_hash = Some(PasswordHash::from_phc("$argon2id$secret"));
        edit.call_in_pin = Patch::Set(PinDigest::from_stored("v1$salt$secret"));
    });
    world.as_provider(&command).unwrap();
    let event = world.events.last().unwrap();
    assert_eq!(event.changes.iter().map(|change| change.field).collect::<Vec<_>>(), ["password", "call_in_pin"]);
    assert!(!serde_json::to_string(&event.changes).unwrap().contains("secret"));
    assert!(!format!("{command:?}").contains("secret"));
}

#[test]
fn an_address_moves_on() {
    let mut world = World::new();
    let first = world.add(PROVIDER, Kind::Customer, Some("a@example.org"));
    let second = world.add(PROVIDER, Kind::Customer, Some("b@example.org"));
    let email = |text: &str| Patch::Set(Email::parse(text).unwrap());
    assert_eq!(world.as_provider(&edit(second, |edit| edit.email = email("A@example.org"))).unwrap_err().code, Code::Taken);
    world.as_provider(&edit(first, |edit| edit.email = email("A@example.org"))).unwrap();
    world.as_provider(&edit(first, |edit| edit.email = email("c@example.org"))).unwrap();
    world.as_provider(&edit(second, |edit| edit.email = email("a@example.org"))).unwrap();
}

#[test]
fn a_clock_set_back_sets_no_record_back() {
    let mut world = World::new();
    let customer = world.add(PROVIDER, Kind::Customer, None);
    let before = world.account(customer).updated_at;
    world.now = world.now.plus_days(-400);
    world.as_provider(&edit(customer, |edit| edit.profile.city = Patch::Set(Name::parse("x").unwrap()))).unwrap();
    assert_eq!(world.account(customer).updated_at, before);
}

#[test]
fn a_command_for_one_version_is_carried_out_in_that_version_alone() {
    let mut world = World::new();
    let customer = world.add(PROVIDER, Kind::Customer, None);
    let edit = |city: &str| {
        let mut edit = EditAccount::of(id(customer));
        edit.profile.city = Patch::Set(Name::parse(city).unwrap());
        Command::EditAccount(Box::new(edit))
    };
    let of = |world: &World, actor: Actor, versions: &[i64]| Context { only_versions: Some(versions.to_vec()), ..world.context(actor) };
    let (provider, stranger) = (world.actor(PROVIDER), Actor { account_id: id(77), tenant_id: TenantId::of(id(77)), kind: Kind::Provider });
    assert!(decide(&edit("Abc"), &world.set, &of(&world, provider, &[3, 1])).is_ok());
    let refusal = decide(&edit("Abc"), &world.set, &of(&world, provider, &[2])).unwrap_err();
    assert_eq!(refusal.code, Code::PreconditionFailed);
    assert!(refusal.message.contains("version 1"), "{refusal}");
    let refusal = decide(&edit("Abc"), &world.set, &of(&world, stranger, &[2])).unwrap_err();
    assert_eq!(refusal.code, Code::NotFound, "a stranger learns of no version");
}
