//! What is written is read back equal, also after a restart.

use tenantry_domain::account::add::AddAccount;
use tenantry_domain::account::name_servers::{Mode, NameServerChange};
use tenantry_domain::account::profile::PhonePatch;
use tenantry_domain::account::{
    Contact, ContactRole, CustomFieldsPatch, Goal, HoldOwner, Kind, NameServer, ProfilePatch, status::ChangeStatus,
};
use tenantry_domain::key::issue::IssueKey;
use tenantry_domain::key::{PublicKey, Scheme, Scopes, Verifier};
use tenantry_domain::quota::{AllotmentPatch, AllotmentsPatch, Quota};
use tenantry_domain::value::{
    Country, Currency, DateOfBirth, DeviceType, Email, Extension, ExternalId, HostName, Industry, Label, Name, Network, PasswordHash,
    PhoneCountryId, PhoneNumber, PhoneNumberType, PinDigest, PostalCode, Social, Tag, Title, WebsiteUrl,
};
use tenantry_domain::{Command, Patch, TenantId};
use tenantry_store::{Integrity, Reach};

use crate::site::{Engine, Site, context, id, on_every_engine};

fn contact() -> Contact {
    let name = Name::parse("Ö").unwrap();
    let contact = Contact { roles: vec![ContactRole::Billing], first_name: Some(name), ..Contact::default() };
    contact.checked().unwrap()
}

/// An account in which every field is set.
fn full() -> AddAccount {
    let name = |text: &str| Patch::Set(Name::parse(text).unwrap());
    let phone = |number: &str| PhonePatch {
        number: Patch::Set(PhoneNumber::parse(number).unwrap()),
        extension: Patch::Set(Extension::parse("7").unwrap()),
        country_id: Patch::Set(PhoneCountryId::parse("29").unwrap()),
    };
    let host = |text: &str| NameServer {
        name: HostName::parse(text).unwrap(),
        ipv4: vec!["192.0.2.1".parse().unwrap()],
        ipv6: vec!["2001:db8::1".parse().unwrap()],
    };
    AddAccount {
        custom_fields: CustomFieldsPatch::default(),
        on_duplicate: tenantry_domain::twin::OnDuplicate::Ignore,
        parent_id: id(1),
        kind: Kind::Customer,
        external_id: Some(ExternalId::parse("ext-1").unwrap()),
        email: Some(Email::parse("Abc@example.org").unwrap()),
        password_hash: Some(PasswordHash::from_phc("$argon2id$x")),
        call_in_pin: Some(PinDigest::from_stored("v1$a$b")),
        profile: ProfilePatch {
            tags: Patch::Set(vec![Tag::parse("VIP").unwrap(), Tag::parse("a").unwrap()]),
            contacts: Patch::Set(vec![contact()]),
            title: Patch::Set(Title::parse("Mr.").unwrap()),
            first_name: name("花子"),
            last_name: name("O’Neill"),
            organization: name("ABC \"quoted\""),
            date_of_birth: Patch::Set(DateOfBirth::parse("1970-01-01", context().at).unwrap()),
            street: Patch::Set(vec![Name::parse("1").unwrap(), Name::parse("2").unwrap()]),
            city: name("Mumbai"),
            state_province: name("Maharashtra"),
            postal_code: Patch::Set(PostalCode::parse("400 010").unwrap()),
            country_code: Patch::Set(Country::parse("in").unwrap()),
            voice: PhonePatch { number: Patch::Set(PhoneNumber::parse_as_written("022 2255 4254").unwrap()), ..phone("+91.2554254") },
            cell: phone("+91 88852-42124"),
            cell_device_type: Patch::Set(DeviceType::parse("android").unwrap()),
            cell_two_factor: Patch::Set(true),
            fax: phone("+912222421239"),
            buying_currency: Patch::Set(Currency::parse("INR").unwrap()),
            phone_number_type: Patch::Set(PhoneNumberType::parse("work").unwrap()),
            display_name: None,
            industry: Patch::Set(Industry::parse("Hospitality, Travel & Tourism").unwrap()),
            website_url: Patch::Set(WebsiteUrl::parse("https://example.org/?a=1&b=2").unwrap()),
            social_pages: Patch::Set(Social::parse(serde_json::json!(["https://example.org"])).unwrap()),
            social_info: Patch::Set(Social::parse(serde_json::json!({"x": {"y": [1, null, true]}})).unwrap()),
            auto_signup: Patch::Set(true),
            allow: Patch::Set(vec![Network::parse("10.0.0.0/8").unwrap(), Network::parse("2001:db8::1").unwrap()]),
        },
        name_servers: NameServerChange {
            mode: Some(Mode::Specify),
            replace: Some(vec![host("a.example.org"), host("b.example.org")]),
            ..Default::default()
        },
        allotments: AllotmentsPatch {
            sms: AllotmentPatch { quota: Quota::try_from(7).ok(), ..AllotmentPatch::default() },
            ..AllotmentsPatch::default()
        },
        goal: None,
    }
}

async fn every_field_survives_a_restart(engine: Engine) {
    let mut site = Site::new(engine).await;
    let added = site.run(Command::AddAccount(Box::new(full()))).await.unwrap().account;
    assert_eq!(site.account(added.id.get()).await, added);
    let suspend = ChangeStatus::towards(added.id, Goal::Suspended(HoldOwner::Legal));
    let suspended = site.run(Command::ChangeStatus(suspend)).await.unwrap().account;
    site.reopen().await;
    assert_eq!(site.account(added.id.get()).await, suspended);
    assert_eq!((suspended.version, suspended.holds.len()), (2, 1));
    assert_eq!(site.store().account(Reach::Tenant(TenantId::of(id(1))), added.id).await.unwrap(), Some(suspended));
    assert_eq!(
        site.store().account(Reach::Tenant(TenantId::of(id(2))), added.id).await.unwrap(),
        None,
        "another tenant has no such account"
    );
}

async fn keys_survive_a_restart(engine: Engine) {
    let mut site = Site::new(engine).await;
    let public = PublicKey::parse_pair(&"ab".repeat(32)).unwrap();
    let issue = IssueKey {
        account_id: id(1),
        scheme: Scheme::Wwwengine,
        public: public.clone(),
        verifier: Verifier([5; 32]),
        label: Some(Label::parse("portal").unwrap()),
        scopes: Scopes::parse("read,edit").unwrap(),
        allow: vec![Network::parse("10.0.0.0/8").unwrap()],
        rate_per_minute: Some(60),
        expires_at: Some(context().at.plus_days(9)),
        imported: true,
    };
    site.run(Command::IssueKey(Box::new(issue))).await.unwrap();
    let before = site.store().keys(Some(id(1))).await.unwrap();
    site.reopen().await;
    assert_eq!((site.store().keys(Some(id(1))).await.unwrap(), site.store().keys(None).await.unwrap()), (before.clone(), before.clone()));
    let found = site.store().keys_by_public(Scheme::Wwwengine, &public).await.unwrap();
    let [key] = &found[..] else { panic!("{found:?}") };
    assert_eq!((key, key.rate_per_minute, key.scopes.to_string().as_str()), (&before[0], Some(60), "edit,read"));
    assert_eq!(site.store().keys_by_public(Scheme::Basic, &public).await.unwrap(), []);
}

async fn ids_are_never_used_twice(engine: Engine) {
    let mut site = Site::new(engine).await;
    let last = site.add(1, Kind::Customer, "x").await;
    let delete = ChangeStatus::towards(id(last), Goal::Deleted);
    site.run(Command::ChangeStatus(delete)).await.unwrap();
    // As an erasure that goes further than ours ever does.
    site.sql(&format!("DELETE FROM account WHERE id = {last}"));
    site.reopen().await;
    assert_eq!(site.add(1, Kind::Customer, "y").await, last + 1);
}

async fn a_report_says_who_looked_at_the_files(engine: Engine) {
    let site = Site::new(engine.clone()).await;
    let report = site.store().report().await.unwrap();
    assert_eq!((report.accounts, report.unbalanced), (2, 0));
    match (engine, report.integrity) {
        (Engine::Sqlite, Integrity::Whole) => {}
        (Engine::Postgres(_), Integrity::Elsewhere(by)) => assert!(by.contains("data checksums"), "{by}"),
        (_, other) => panic!("{other:?}"),
    }
}

on_every_engine!(every_field_survives_a_restart, keys_survive_a_restart, ids_are_never_used_twice, a_report_says_who_looked_at_the_files,);
