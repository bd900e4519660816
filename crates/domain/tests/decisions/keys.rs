//! Issuing and revoking keys.

use tenantry_domain::account::{Goal, Kind};
use tenantry_domain::key::issue::IssueKey;
use tenantry_domain::key::revoke::RevokeKey;
use tenantry_domain::key::{PublicKey, Scheme, Scopes, Verifier};
use tenantry_domain::limits::LIVE_KEYS_MAX;
use tenantry_domain::{Code, Command, Timestamp};

use crate::world::{PROVIDER, World, id, towards};

fn issue(account: i64, number: usize, expires_at: Option<Timestamp>) -> Command {
    Command::IssueKey(Box::new(IssueKey {
        account_id: id(account),
        scheme: Scheme::Wwwengine,
        public: PublicKey::parse_pair(&format!("{number:064x}")).unwrap(),
        verifier: Verifier([9; 32]),
        label: None,
        scopes: Scopes::ALL,
        allow: Vec::new(),
        rate_per_minute: None,
        expires_at,
        imported: false,
    }))
}

fn revoke(account: i64, public: &str) -> Command {
    Command::RevokeKey(RevokeKey { account_id: id(account), public: public.to_owned() })
}

#[test]
fn a_key_is_a_change_of_its_account() {
    let mut world = World::new();
    let version = world.account(PROVIDER).version;
    world.as_provider(&issue(PROVIDER, 1, None)).unwrap();
    assert_eq!(world.account(PROVIDER).version, version + 1);
    let event = world.events.last().unwrap();
    assert_eq!((event.name.as_str(), event.version), ("key.issued", version + 1));
    let text = serde_json::to_string(&event.changes).unwrap();
    assert!(text.contains("00000000") && !text.contains(&format!("{:064x}", 1)) && !text.contains('9'), "only what may be shown: {text}");
    assert_eq!(world.as_provider(&issue(PROVIDER, 1, None)).unwrap_err().code, Code::Taken);
}

#[test]
fn a_key_is_revoked_by_as_much_as_names_it() {
    let mut world = World::new();
    world.as_provider(&issue(PROVIDER, 0x10, None)).unwrap();
    world.as_provider(&issue(PROVIDER, 0x11, None)).unwrap();
    let code = |world: &mut World, public: &str| world.as_provider(&revoke(PROVIDER, public)).unwrap_err().code;
    assert_eq!(code(&mut world, "0000"), Code::Invalid, "two begin so");
    assert_eq!(code(&mut world, "ff"), Code::NotFound);
    assert_eq!(code(&mut world, ""), Code::NotFound);
    assert!(world.as_provider(&revoke(PROVIDER, &format!("{:064x}", 0x11))).unwrap().changed);
    assert!(!world.as_provider(&revoke(PROVIDER, &format!("{:064x}", 0x11))).unwrap().changed, "once is enough");
}

#[test]
fn there_are_only_so_many_live_keys_and_only_for_the_living() {
    let mut world = World::new();
    let tomorrow = world.now.plus_days(1);
    for number in 0..LIVE_KEYS_MAX {
        world.as_provider(&issue(PROVIDER, number, Some(tomorrow))).unwrap();
    }
    assert_eq!(world.as_provider(&issue(PROVIDER, 100, None)).unwrap_err().code, Code::Invalid);
    world.now = tomorrow;
    assert!(world.as_provider(&issue(PROVIDER, 100, None)).is_ok(), "expired ones do not count");
    assert_eq!(world.as_provider(&issue(PROVIDER, 101, Some(tomorrow))).unwrap_err().code, Code::Invalid, "it would be expired already");

    let customer = world.add(PROVIDER, Kind::Customer, None);
    world.as_provider(&towards(customer, Goal::Deleted)).unwrap();
    assert_eq!(world.as_provider(&issue(customer, 1, None)).unwrap_err().code, Code::ImpossibleStatus);
    let other = world.add(0, Kind::Provider, None);
    assert_eq!(world.as_provider(&issue(other, 1, None)).unwrap_err().code, Code::NotFound, "another tenant's looks like none");
}
