//! Row-level security: the wall behind our own filter.

use std::sync::Arc;

use tenantry_domain::account::Kind;
use tenantry_domain::package::PackageStatus;
use tenantry_domain::package::add::AddPackage;
use tenantry_domain::quota::movement::MoveQuota;
use tenantry_domain::quota::{Channel, MovementKind, Quota};
use tenantry_domain::value::{Label, Name};
use tenantry_domain::{AccountId, Command, TenantId};
use tenantry_store::{AccountQuery, Reach};
use tenantry_testkit::postgres::Database;
use tenantry_testkit::wire::Proxy;

use super::{server, site};
use crate::site::{Engine, Site, add, id};

/// What provider 1 sees of another tenant's customer, by every read that there is.
async fn seen(site: &Site, theirs: AccountId) -> Vec<&'static str> {
    let store = site.store();
    let own = Reach::Tenant(TenantId::of(id(1)));
    let list = |query: AccountQuery| async move { store.list(query).await.unwrap().accounts.iter().any(|account| account.id == theirs) };
    let every = AccountQuery::of(own, 1_000);
    let mut seen = Vec::new();
    let mut note = |what, is_seen| {
        if is_seen {
            seen.push(what);
        }
    };
    note("account", store.account(own, theirs).await.unwrap().is_some());
    note("list", list(every.clone()).await);
    note("list by id", list(AccountQuery { id: Some(theirs), ..every.clone() }).await);
    note("list by address", list(AccountQuery { email_folded: Some("theirs@example.org".to_owned()), ..every.clone() }).await);
    note("search", list(AccountQuery { words: vec!["canary".to_owned()], ..every.clone() }).await);
    note("short search", list(AccountQuery { words: vec!["ca".to_owned()], ..every }).await);
    note("packages", !store.packages(own).await.unwrap().is_empty());
    note("ledger", !store.quota_entries(TenantId::of(id(1)), theirs, 10).await.unwrap().is_empty());
    seen
}

/// Everything that [`seen`] looks for.
const EVERYTHING: [&str; 8] = ["account", "list", "list by id", "list by address", "search", "short search", "packages", "ledger"];

#[tokio::test(flavor = "multi_thread")]
async fn without_our_own_filter_the_policies_hide_every_other_tenant() {
    let Some(database) = Database::make() else { return };
    let (proxy, url) = Proxy::unfiltered(&database.url());
    let database = Arc::new(database);
    let mut site = Site::new(Engine::Postgres(Arc::clone(&database))).await;
    let other = site.add(0, Kind::Provider, "Other").await;
    let theirs = site.run(add(other, Kind::Customer, "Canary", Some("theirs@example.org"))).await.unwrap().account.id;
    site.run(package(other)).await.unwrap();
    site.run(grant(theirs)).await.unwrap();
    site.close().await;
    let (store, _directory) = server(&url, 1).await;
    site.store = Some(store);
    assert_eq!(seen(&site, theirs).await, [] as [&str; 0]);
    assert!(proxy.filters_taken() >= 8, "the filter was there, and was taken out");
    assert!(site.store().account(Reach::Tenant(TenantId::of(id(other))), theirs).await.unwrap().is_some(), "their own server sees it");

    // The control: without the policies nothing is left that hides them. Search holds to the words of the transaction by itself.
    for table in ["account", "package", "quota_entry"] {
        database.sql(&format!("ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"));
    }
    let expected: Vec<&str> = EVERYTHING.into_iter().filter(|what| *what != "search").collect();
    assert_eq!(seen(&site, theirs).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_application_can_write_no_other_tenants_rows() {
    let Some((site, database)) = site().await else { return };
    let other = site.add(0, Kind::Provider, "Other").await;
    let customer = site.add(other, Kind::Customer, "Canary").await;
    let as_application = |tenants: &str, sql: &str| {
        database.sql(&format!("SET ROLE tenantry_app; BEGIN; SET LOCAL tenantry.tenant_ids = '{tenants}'; WITH done AS ({sql}) SELECT count(*) FROM done; COMMIT"))
    };
    let rename = format!("UPDATE account SET name_folded = 'mine' WHERE id = {customer} RETURNING 1");
    assert_eq!(as_application("{1}", &rename), "0");
    assert_eq!(as_application("", &rename), "0", "who says nothing reaches nothing");
    assert_eq!(as_application(&format!("{{{other}}}"), &rename), "1");
    assert_eq!(as_application("every", &rename), "1");
    let take = format!("UPDATE account SET tenant_id = 1 WHERE id = {customer} RETURNING 1");
    let taken = std::panic::catch_unwind(|| as_application(&format!("{{{other}}}"), &take));
    assert!(taken.is_err(), "no row is moved to another tenant");
    let drop = std::panic::catch_unwind(|| database.sql("SET ROLE tenantry_app; DROP POLICY tenant ON account"));
    assert!(drop.is_err(), "the application owns nothing");
    let search = |tenants: &str, tenant: &str| as_application(tenants, &format!("SELECT accounts_found({tenant}, '%canary%')"));
    assert_eq!(
        [search("{1}", &other.to_string()), search("{1}", "NULL"), search(&format!("{{{other}}}"), &other.to_string())],
        ["0", "0", "1"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_passes_the_policies_by_is_refused() {
    let Some((mut site, database)) = site().await else { return };
    site.close().await;
    // The table's owner is bound by no policy.
    database.sql("CREATE TABLE owned (); ALTER TABLE owned OWNER TO tenantry_app");
    let fault = site.open().await.err().unwrap().to_string();
    assert!(fault.contains("row-level security"), "{fault}");
    database.sql("DROP TABLE owned");
    site.reopened().await;
}

fn package(provider: i64) -> Command {
    Command::AddPackage(Box::new(AddPackage {
        provider_id: id(provider),
        channel: Channel::Email,
        name: Name::parse("Theirs").unwrap(),
        identifier: None,
        quantity: Quota::ZERO,
        status: PackageStatus::Active,
    }))
}

fn grant(account_id: AccountId) -> Command {
    Command::MoveQuota(Box::new(MoveQuota {
        account_id,
        channel: Channel::Sms,
        kind: MovementKind::Grant,
        units: Quota::try_from(1).unwrap(),
        reason: Label::parse("invoice").unwrap(),
        idempotency_key: None,
    }))
}
