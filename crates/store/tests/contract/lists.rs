//! Lists and search.

use tenantry_domain::account::edit::EditAccount;
use tenantry_domain::account::status::ChangeStatus;
use tenantry_domain::account::{Goal, Kind, Status};
use tenantry_domain::search::words;
use tenantry_domain::value::{Country, ExternalId, Industry, Name, PhoneNumber};
use tenantry_domain::{Command, Patch, TenantId};
use tenantry_store::{AccountOrder, AccountQuery, ProfileField, Reach};

use crate::site::{Engine, Site, add, everything, id, now, on_every_engine};

fn ids(site: &Site, query: &AccountQuery) -> (u64, Vec<i64>) {
    let list = now(site.store().list(query.clone())).unwrap();
    (list.total, list.accounts.iter().map(|account| account.id.get()).collect())
}

async fn filters_and_pages(engine: Engine) {
    let site = Site::new(engine).await;
    let sub = site.add(1, Kind::Provider, "Sub").await;
    let below = site.add(sub, Kind::Customer, "Below").await;
    let beside = site.run(add(1, Kind::Customer, "Beside", Some("B@example.org"))).await.unwrap().account.id.get();
    let other = site.add(0, Kind::Provider, "Other").await;
    assert_eq!(ids(&site, &everything()), (4, vec![1, sub, below, beside]));
    assert_eq!(ids(&site, &AccountQuery { skip: 1, limit: 2, ..everything() }), (4, vec![sub, below]));
    assert_eq!(ids(&site, &AccountQuery { except: Some(id(1)), ..everything() }).1, [sub, below, beside]);
    assert_eq!(ids(&site, &AccountQuery { only: Some(id(below)), ..everything() }).1, [below]);
    assert_eq!(ids(&site, &AccountQuery { below: Some(id(sub)), ..everything() }), (1, vec![below]));
    assert_eq!(ids(&site, &AccountQuery { customers_only: true, ..everything() }), (2, vec![below, beside]));
    assert_eq!(ids(&site, &AccountQuery { customers_only: true, reach: Reach::EveryTenant, ..everything() }).1, [below, beside]);
    assert_eq!(ids(&site, &AccountQuery { parent_id: Some(id(1)), ..everything() }).1, [sub, beside]);
    assert_eq!(ids(&site, &AccountQuery { email_folded: Some("b@example.org".to_owned()), ..everything() }).1, [beside]);
    assert_eq!(ids(&site, &AccountQuery { reach: Reach::Tenant(TenantId::of(id(other))), ..everything() }).1, [other]);
    assert_eq!(ids(&site, &AccountQuery { reach: Reach::EveryTenant, ..everything() }).1, [0, 1, sub, below, beside, other]);
    site.run(Command::ChangeStatus(ChangeStatus::towards(id(below), Goal::Deleted))).await.unwrap();
    assert_eq!(ids(&site, &AccountQuery { statuses: vec![Status::Deleted], ..everything() }).1, [below]);
    assert_eq!(ids(&site, &AccountQuery { statuses: vec![Status::Active, Status::Pending], ..everything() }).0, 3);
}

async fn every_word_is_a_part_of_the_text(engine: Engine) {
    let site = Site::new(engine).await;
    let names = ["Zoë Ünal", "山田花子", "The \"quoted\" * (AND) NEAR^2", "a:b-c", "100% _under_"];
    let mut added = Vec::new();
    for name in names {
        added.push(site.add(1, Kind::Customer, name).await);
    }
    let found = |query: &str| ids(&site, &AccountQuery { words: words(query), except: Some(id(1)), ..everything() }).1;
    assert_eq!(found("").len(), names.len());
    for round in ["while they wait for the index", "from the index"] {
        for (query, index) in [
            ("zoe", 0),
            ("ÜNAL", 0),
            ("na", 0),
            ("zo una", 0),
            ("山", 1),
            ("山田", 1),
            ("山田花", 1),
            ("\"quoted\"", 2),
            ("*", 2),
            ("(and)", 2),
            ("near^2", 2),
            ("a:b", 3),
            ("b-c", 3),
            ("100%", 4),
            ("_under_", 4),
        ] {
            assert_eq!(found(query), [added[index]], "{query}, {round}");
        }
        for query in ["zoe 山", "nobody", "'; DROP TABLE account; --", "xyz OR zoe"] {
            assert_eq!(found(query), [] as [i64; 0], "{query}, {round}");
        }
        // So many that those that wait are put into the index.
        for _ in 0..150 {
            site.add(1, Kind::Customer, "filler").await;
        }
    }
}

async fn what_was_just_written_is_found_and_what_was_there_before_is_not(engine: Engine) {
    let mut site = Site::new(engine).await;
    let customer = site.add(1, Kind::Customer, "Zebra").await;
    let found = |site: &Site, word: &str| {
        let query = AccountQuery { words: vec![word.to_owned()], ..everything() };
        let list = now(site.store().list(query)).unwrap();
        assert_eq!(list.total, list.accounts.len() as u64, "{word}");
        list.total
    };
    let check = |site: &Site, when: &str| {
        assert_eq!([found(site, "zebra"), found(site, "quagga"), found(site, "qu")], [0, 1, 1], "{when}");
    };
    assert_eq!([found(&site, "zebra"), found(&site, "quagga")], [1, 0]);
    let mut edit = EditAccount::of(id(customer));
    edit.profile.first_name = Patch::Set(Name::parse("Quagga").unwrap());
    site.run(Command::EditAccount(Box::new(edit))).await.unwrap();
    check(&site, "while it waits for the index");
    for number in 0..150 {
        site.add(1, Kind::Customer, &format!("x{number}")).await;
    }
    if let Engine::Sqlite = site.engine {
        let waiting = site.number("SELECT count(*) FROM search_waiting");
        assert!(waiting < 128, "{waiting} texts wait");
    }
    check(&site, "from the index");
    site.reopen().await;
    check(&site, "after a restart");
}

async fn lists_are_put_in_order_and_narrowed(engine: Engine) {
    let site = Site::new(engine).await;
    let mut made = Vec::new();
    for (name, email) in [("Zoë", "c@example.org"), ("émile", "B@example.org"), ("Anna", "a@example.org"), ("Emile", "d@example.org")] {
        let mut add = add(1, Kind::Customer, name, Some(email));
        if let Command::AddAccount(add) = &mut add {
            add.external_id = Some(ExternalId::parse(name).unwrap());
            add.profile.industry = Patch::Set(Industry::parse(if name == "Anna" { "Automotive" } else { "E-commerce" }).unwrap());
            add.profile.country_code = Patch::Set(Country::parse(if name == "Zoë" { "za" } else { "IN" }).unwrap());
        }
        made.push(site.run(add).await.unwrap().account.id.get());
    }
    let [zoe, emile, anna, emile_too] = made[..] else { panic!("four were made") };
    let customers = || AccountQuery { except: Some(id(1)), ..everything() };
    let ordered = |order, descending| ids(&site, &AccountQuery { order, descending, ..customers() }).1;
    assert_eq!(ordered(AccountOrder::Id, true), [emile_too, anna, emile, zoe]);
    assert_eq!(ordered(AccountOrder::Name, false), [anna, emile, emile_too, zoe], "accents and case make no difference");
    assert_eq!(ordered(AccountOrder::Name, true), [zoe, emile_too, emile, anna]);
    assert_eq!(ordered(AccountOrder::Email, false), [anna, emile, zoe, emile_too]);
    assert_eq!(ids(&site, &AccountQuery { order: AccountOrder::Name, skip: 1, limit: 2, ..customers() }), (4, vec![emile, emile_too]));

    let only = |query: AccountQuery| ids(&site, &query).1;
    assert_eq!(only(AccountQuery { id: Some(id(anna)), ..customers() }), [anna]);
    assert_eq!(only(AccountQuery { external_id: Some("Anna".to_owned()), ..customers() }), [anna]);
    assert_eq!(only(AccountQuery { name_folded: Some("emile".to_owned()), ..customers() }), [emile, emile_too]);
    let field = |field, value: &str| AccountQuery { profile: vec![(field, value.to_owned())], ..customers() };
    assert_eq!(only(field(ProfileField::Industry, "Automotive")), [anna]);
    assert_eq!(only(field(ProfileField::CountryCode, "ZA")), [zoe], "codes are compared without regard to case");
    assert_eq!(only(field(ProfileField::WebsiteUrl, "' OR 1=1 --")), [0; 0]);
}

/// A number is no part of a name, and is looked for all the same.
async fn what_is_searched_follows_an_edit_of_a_number(engine: Engine) {
    let site = Site::new(engine).await;
    let customer = site.add(1, Kind::Customer, "Abc").await;
    let found = |query: &str| ids(&site, &AccountQuery { words: words(query), customers_only: true, ..everything() }).1;
    for (number, now, before) in [("+91.2222554254", "2222554254", "8885242124"), ("+91.8885242124", "8885242124", "2222554254")] {
        let mut edit = EditAccount::of(id(customer));
        edit.profile.voice.number = Patch::Set(PhoneNumber::parse(number).unwrap());
        site.run(Command::EditAccount(Box::new(edit))).await.unwrap();
        assert_eq!(found(now), [customer]);
        assert_eq!(found(before), [0; 0]);
    }
}

/// What a common word finds is read from the index as far as a page goes; the index lacks some texts and has older ones of others.
async fn what_is_found_comes_page_by_page(engine: Engine) {
    let site = Site::new(engine).await;
    let sub = site.add(1, Kind::Provider, "Sub").await;
    let mut common = Vec::new();
    for number in 0..300 {
        let parent = if number % 3 == 0 { sub } else { 1 };
        let name = if number % 2 == 0 { "Common" } else { "Another" };
        let id = site.add(parent, Kind::Customer, &format!("{name} {number}")).await;
        common.push((id, number % 2 == 0, parent == sub));
    }
    for (index, (customer, is_common, _)) in common.iter_mut().enumerate().filter(|(index, _)| index % 5 == 0) {
        *is_common = !*is_common;
        let mut edit = EditAccount::of(id(*customer));
        let name = format!("{} {index}", if *is_common { "Common" } else { "Another" });
        edit.profile.first_name = Patch::Set(Name::parse(name).unwrap());
        edit.profile.last_name = Patch::Clear;
        edit.profile.organization = Patch::Clear;
        site.run(Command::EditAccount(Box::new(edit))).await.unwrap();
    }
    let expected: Vec<i64> = common.iter().filter(|(_, is_common, _)| *is_common).map(|(id, ..)| *id).collect();
    let below: Vec<i64> = common.iter().filter(|(_, is_common, below)| *is_common && *below).map(|(id, ..)| *id).collect();
    for query in ["common", "common o", "ommon omm"] {
        let all = || AccountQuery { words: words(query), customers_only: true, limit: 7, ..everything() };
        for (query, expected) in [(all(), &expected), (AccountQuery { below: Some(id(sub)), ..all() }, &below)] {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let page = ids(&site, &AccountQuery { after, ..query.clone() }).1;
                after = page.last().map(|last| id(*last));
                if page.is_empty() {
                    break;
                }
                seen.extend(page);
            }
            assert_eq!(seen, *expected);
            let falling: Vec<i64> = expected.iter().rev().skip(10).take(7).copied().collect();
            assert_eq!(ids(&site, &AccountQuery { descending: true, skip: 10, ..query }), (expected.len() as u64, falling));
        }
    }
}

/// A long word is looked up by its pieces; a text that has them in another order has not the word.
async fn a_long_word_is_found_whole(engine: Engine) {
    let site = Site::new(engine).await;
    let whole = site.add(1, Kind::Customer, "abcdefghijkl mno").await;
    let turned = site.add(1, Kind::Customer, "defabcghijkl jkl").await;
    let mut addressed = Vec::new();
    for address in ["long.local-part@mail.example.org", "long.local-part@main.example.org"] {
        addressed.push(site.run(add(1, Kind::Customer, "Abc", Some(address))).await.unwrap().account.id.get());
    }
    let found = |query: &str| ids(&site, &AccountQuery { words: words(query), customers_only: true, ..everything() }).1;
    for (query, expected) in [
        ("abcdefghijkl", vec![whole]),
        ("bcdefghijk", vec![whole]),
        ("defabcghijkl", vec![turned]),
        ("efabcghijk", vec![turned]),
        ("cghijklxmn", vec![]),
        ("long.local-part@mail.example.org", vec![addressed[0]]),
        ("local-part@main.exam", vec![addressed[1]]),
        ("local-part@ma", addressed.clone()),
        ("local-part@main.examp.org", vec![]),
        ("@mail.example.org", vec![addressed[0]]),
    ] {
        assert_eq!(found(query), expected, "{query}");
    }
}

on_every_engine!(
    a_long_word_is_found_whole,
    what_is_found_comes_page_by_page,
    what_is_searched_follows_an_edit_of_a_number,
    filters_and_pages,
    every_word_is_a_part_of_the_text,
    what_was_just_written_is_found_and_what_was_there_before_is_not,
    lists_are_put_in_order_and_narrowed,
);
