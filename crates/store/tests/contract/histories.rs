//! Random histories of commands: both engines give the same answers, and hold the same records and events afterwards.
//!
//! `TENANTRY_HISTORIES=100000` runs as many (`make histories`). A history that differs is cut down to the shortest that does, and its seed is printed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use tenantry_domain::account::edit::EditAccount;
use tenantry_domain::account::hold::{PlaceHold, ReleaseEndedHolds, ReleaseHold};
use tenantry_domain::account::status::ChangeStatus;
use tenantry_domain::account::{Goal, HoldOwner, Kind};
use tenantry_domain::key::issue::IssueKey;
use tenantry_domain::key::revoke::RevokeKey;
use tenantry_domain::key::{PublicKey, Scheme, Scopes, Verifier};
use tenantry_domain::package::add::AddPackage;
use tenantry_domain::package::delete::DeletePackage;
use tenantry_domain::package::edit::{EditPackage, PackagePatch};
use tenantry_domain::package::{Identifier, PackageId, PackageRef, PackageStatus};
use tenantry_domain::quota::movement::MoveQuota;
use tenantry_domain::quota::{Channel, IdempotencyKey, MovementKind, Quota};
use tenantry_domain::value::{Email, ExternalId, Label, Name, Reason};
use tenantry_domain::{AccountId, Actor, Command, Context, Patch, Status, TenantId};
use tenantry_store::{AccountQuery, Reach};
use tenantry_testkit::postgres::Database;
use tokio::runtime::{Builder, Runtime};

use crate::site::{Engine, Site, add, context};

/// Histories in a common run.
const HISTORIES: u64 = 150;
/// Histories that share their engines: more would make the looks at all events long.
const PART: u64 = 500;
/// Steps of a history at most.
const STEPS_MAX: usize = 24;
/// The seed of every run, so that it can be repeated; `TENANTRY_SEED` takes another.
const SEED: u64 = 4;

/// A step: which command, about whom, by whom, and with which value. The numbers choose among what is there.
pub(crate) type Step = (u8, u8, u8, u8);

/// One history's tenant: what was made in it so far.
pub(crate) struct World {
    top: AccountId,
    accounts: Vec<AccountId>,
    packages: Vec<PackageId>,
    /// Values that are unique in a tenant are chosen from few, so that they meet.
    count: u8,
}

impl World {
    fn account(&self, number: u8) -> AccountId {
        self.accounts[usize::from(number) % self.accounts.len()]
    }

    fn package(&self, number: u8) -> PackageId {
        let made = self.packages.get(usize::from(number) % self.packages.len().max(1)).copied();
        made.unwrap_or_else(|| PackageId::try_from(1).unwrap())
    }

    /// The command of a step.
    fn command(&self, (kind, whom, _, value): Step) -> Command {
        let account = self.account(whom);
        let email = || Email::parse(format!("e{}@example.org", value % 4)).unwrap();
        let name = || Name::parse(format!("Ñame {}", value % 5)).unwrap();
        match kind % 16 {
            0 => add(account.get(), Kind::Customer, "C", (value % 3 > 0).then(|| email().as_str().to_owned()).as_deref()),
            1 => add(account.get(), Kind::Provider, "P", None),
            2 => {
                let mut edit = EditAccount::of(account);
                edit.email = if value % 3 == 0 { Patch::Clear } else { Patch::Set(email()) };
                edit.external_id =
                    if value % 2 == 0 { Patch::Set(ExternalId::parse(format!("x{}", value % 3)).unwrap()) } else { Patch::Keep };
                edit.profile.first_name = Patch::Set(name());
                Command::EditAccount(Box::new(edit))
            }
            3 => {
                let mut edit = EditAccount::of(account);
                edit.allotments.email.package = if value % 4 == 0 { Patch::Clear } else { Patch::Set(PackageRef::Id(self.package(value))) };
                edit.allotments.sms.quota = Quota::try_from(i64::from(value)).ok();
                Command::EditAccount(Box::new(edit))
            }
            4 => {
                let mut edit = EditAccount::of(account);
                edit.allotments.email.package = Patch::Set(PackageRef::parse(&format!("i{}", value % 3)).unwrap());
                edit.goal = Some(goal(value / 3));
                Command::EditAccount(Box::new(edit))
            }
            5 | 6 => Command::ChangeStatus(ChangeStatus::towards(account, goal(value))),
            7 => Command::MoveQuota(Box::new(MoveQuota {
                account_id: account,
                channel: Channel::Sms,
                kind: if value % 2 == 0 { MovementKind::Grant } else { MovementKind::Consume },
                units: Quota::try_from(i64::from(value % 7)).unwrap(),
                reason: Label::parse("because").unwrap(),
                idempotency_key: (value % 3 == 0).then(|| IdempotencyKey::parse(&format!("k{}", value % 4)).unwrap()),
            })),
            8 => Command::AddPackage(Box::new(AddPackage {
                provider_id: account,
                channel: if value % 4 == 0 { Channel::Sms } else { Channel::Email },
                name: name(),
                identifier: (value % 2 == 0).then(|| Identifier::parse(format!("i{}", value % 3)).unwrap()),
                quantity: Quota::try_from(i64::from(value)).unwrap(),
                status: PackageStatus::Active,
            })),
            9 => Command::EditPackage(Box::new(EditPackage {
                provider_id: account,
                id: self.package(value),
                patch: PackagePatch { name: Some(name()), quantity: Quota::try_from(i64::from(value)).ok(), ..PackagePatch::default() },
            })),
            10 => Command::DeletePackage(DeletePackage { provider_id: account, id: self.package(value) }),
            11 => Command::IssueKey(Box::new(IssueKey {
                account_id: account,
                scheme: Scheme::Basic,
                public: PublicKey::of_secret(&format!("{:08}{}", value % 3, "x".repeat(24))),
                verifier: Verifier([value; 32]),
                label: None,
                scopes: Scopes::ALL,
                allow: Vec::new(),
                rate_per_minute: None,
                expires_at: None,
                imported: false,
            })),
            12..=14 => self.hold(kind, account, value),
            _ => Command::RevokeKey(RevokeKey { account_id: account, public: format!("{:08}", value % 3) }),
        }
    }

    /// The command of a step about holds.
    fn hold(&self, kind: u8, account: AccountId, value: u8) -> Command {
        match kind % 16 {
            12 => Command::PlaceHold(PlaceHold {
                id: account,
                owner: if value.is_multiple_of(2) { HoldOwner::Legal } else { HoldOwner::Billing },
                reason: (value.is_multiple_of(5)).then(|| Reason::parse("because").unwrap()),
                until: (!value.is_multiple_of(3)).then(|| context().at.plus_days(i64::from(self.count) + i64::from(value % 11))),
            }),
            13 => Command::ReleaseHold(ReleaseHold { id: account, owner: HoldOwner::Billing, reason: None }),
            _ => Command::ReleaseEndedHolds(ReleaseEndedHolds { id: account }),
        }
    }

    /// Who acts: the operator, or an account of the tenant.
    fn actor(&self, by: u8) -> Actor {
        let tenant_id = TenantId::of(self.top);
        match by % 4 {
            0 => Actor::OPERATOR,
            1 => Actor { account_id: self.account(by / 4), tenant_id, kind: Kind::Provider },
            2 => Actor { account_id: self.account(by / 4), tenant_id, kind: Kind::Customer },
            _ => Actor { account_id: self.top, tenant_id, kind: Kind::Provider },
        }
    }
}

fn goal(value: u8) -> Goal {
    match value % 7 {
        0 | 1 => Goal::Active,
        2 => Goal::Suspended(HoldOwner::Provider),
        3 => Goal::Suspended(HoldOwner::Legal),
        4 => Goal::Closed,
        5 => Goal::Deleted,
        _ => Goal::NotDeleted,
    }
}

/// Both engines.
pub(crate) struct Both {
    pub(crate) runtime: Runtime,
    /// The embedded engine, and PostgreSQL.
    pub(crate) sites: [Site; 2],
}

impl Both {
    pub(crate) fn open() -> Option<Self> {
        // One thread: what waits for each other here gains nothing by two.
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let database = Arc::new(Database::make()?);
        let sites = runtime.block_on(async { [Site::new(Engine::Sqlite).await, Site::new(Engine::Postgres(database)).await] });
        Some(Self { runtime, sites })
    }

    /// Runs a history in a tenant of its own on both, and says where they differ.
    pub(crate) fn run(&self, steps: &[Step]) -> Result<World, TestCaseError> {
        let top = self.same(&async |site| site.run(add(0, Kind::Provider, "Top", None)).await.unwrap().account.id)?;
        let mut world = World { top, accounts: vec![top], packages: Vec::new(), count: 0 };
        for step in steps {
            world.count = world.count.wrapping_add(1);
            let (command, actor) = (world.command(*step), world.actor(step.2));
            let at = context().at.plus_days(i64::from(world.count));
            let context = Context { actor, at, ..context() };
            let done = self.same(&async |site| {
                let done = site.store().run(command.clone(), context.clone()).await;
                done.map(|outcome| (outcome.account, outcome.package, outcome.changed))
            })?;
            if let Ok((account, package, true)) = done {
                if !world.accounts.contains(&account.id) {
                    world.accounts.push(account.id);
                }
                let package = package.map(|package| package.id).filter(|id| !world.packages.contains(id));
                world.packages.extend(package);
            }
        }
        self.same_state(&world)?;
        Ok(world)
    }

    /// What both hold of a tenant: its records by every list, its ledgers and keys, and its events.
    pub(crate) fn same_state(&self, world: &World) -> Result<(), TestCaseError> {
        let reach = Reach::Tenant(TenantId::of(world.top));
        let queries = [
            AccountQuery::of(reach, 100),
            AccountQuery { statuses: vec![Status::Active], customers_only: true, ..AccountQuery::of(reach, 100) },
            AccountQuery { words: vec!["name".to_owned()], order: tenantry_store::AccountOrder::Name, ..AccountQuery::of(reach, 100) },
            AccountQuery { order: tenantry_store::AccountOrder::Email, descending: true, ..AccountQuery::of(reach, 100) },
            AccountQuery { below: world.accounts.last().copied(), ..AccountQuery::of(reach, 100) },
            AccountQuery { after: world.accounts.get(1).copied(), counted: false, ..AccountQuery::of(reach, 3) },
            AccountQuery { packages: vec![(Channel::Email, Some(world.package(0)))], ..AccountQuery::of(reach, 100) },
        ];
        for query in queries {
            self.same(&async |site| {
                let list = site.store().list(query.clone()).await.unwrap();
                (list.total, list.accounts)
            })?;
        }
        self.same(&async |site| {
            let mut found = Vec::new();
            for id in &world.accounts {
                let ledger = site.store().quota_entries(TenantId::of(world.top), *id, 100).await.unwrap();
                found.push((ledger, site.store().keys(Some(*id)).await.unwrap()));
            }
            (found, site.store().packages(reach).await.unwrap())
        })?;
        let holds = format!("SELECT account_id || ' ' || ends_at FROM hold_end WHERE tenant_id = {} ORDER BY account_id", world.top.get());
        self.same(&async |site| site.lines(&holds))?;
        let events = format!(
            "SELECT account_id || ' ' || version || ' ' || name || ' ' || at || ' ' || actor_id || ' ' || credential || ' ' || peer || ' ' || dialect || ' ' \
             || request_id || ' ' || changes FROM event WHERE tenant_id = {} ORDER BY account_id, version",
            world.top.get()
        );
        self.same(&async |site| site.lines(&events)).map(drop)
    }

    /// Does the same on both engines, and gives what both gave.
    fn same<T: PartialEq + std::fmt::Debug>(&self, done: &impl AsyncFn(&Site) -> T) -> Result<T, TestCaseError> {
        let [ours, theirs] = [0, 1].map(|engine| self.runtime.block_on(done(&self.sites[engine])));
        prop_assert_eq!(&ours, &theirs, "the embedded engine, and PostgreSQL");
        Ok(ours)
    }
}

/// Runs histories on engines of their own, and says where they differ.
fn run(first: Both, cases: u32, seed: [u64; 2]) -> Result<(), String> {
    let mut octets = [0; 32];
    octets[..8].copy_from_slice(&seed[0].to_le_bytes());
    octets[8..16].copy_from_slice(&seed[1].to_le_bytes());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &octets));
    // Engines that differ once may differ in their ids ever after: shrinking begins with new ones each time.
    let both = std::cell::RefCell::new(Some(first));
    let histories = prop::collection::vec(any::<Step>(), 1..=STEPS_MAX);
    let ran = runner.run(&histories, |steps| {
        let engines = both.borrow_mut().take().or_else(Both::open).unwrap();
        engines.run(&steps).map(drop)?;
        *both.borrow_mut() = Some(engines);
        Ok(())
    });
    ran.map_err(|fault| fault.to_string())
}

#[test]
fn both_engines_give_the_same() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (cases, seed) = (number("TENANTRY_HISTORIES").unwrap_or(HISTORIES), number("TENANTRY_SEED").unwrap_or(SEED));
    println!("{cases} histories with TENANTRY_SEED={seed}");
    // Many are run in parts, each over new engines, as many at once as there are processors.
    let parts = cases.div_ceil(PART);
    let (next, done, begun) = (AtomicU64::new(0), AtomicU64::new(0), Instant::now());
    let work = || {
        while let part = next.fetch_add(1, Ordering::Relaxed)
            && part < parts
        {
            let Some(both) = Both::open() else { return };
            let own = PART.min(cases - part * PART);
            if let Err(fault) = run(both, u32::try_from(own).unwrap(), [seed, part]) {
                // The others need not go on.
                next.store(parts, Ordering::Relaxed);
                panic!("part {part}: {fault}");
            }
            let done = done.fetch_add(own, Ordering::Relaxed) + own;
            println!("{done} of {cases} histories are the same on both engines, after {:?}", begun.elapsed());
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(usize::try_from(parts).unwrap());
        (0..threads).for_each(|_| drop(scope.spawn(work)));
    });
}
