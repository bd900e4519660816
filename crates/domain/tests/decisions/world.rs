//! A small world: the operator, a provider, and whatever a test adds; kept as a store would keep it, but in memory.

use tenantry_domain::account::add::AddAccount;
use tenantry_domain::account::install::Install;
use tenantry_domain::account::status::ChangeStatus;
use tenantry_domain::account::{Goal, Kind};
use tenantry_domain::event::Event;
use tenantry_domain::quota::QuotaEntry;
use tenantry_domain::value::Email;
use tenantry_domain::{
    Account, AccountId, Actor, Command, Context, Dialect, Origin, Outcome, Refusal, Seed, TenantId, Timestamp, WorkingSet, decide,
};

pub(crate) struct World {
    pub(crate) set: WorkingSet,
    pub(crate) now: Timestamp,
    pub(crate) events: Vec<Event>,
    pub(crate) entries: Vec<QuotaEntry>,
}

pub(crate) fn id(number: i64) -> AccountId {
    AccountId::try_from(number).unwrap()
}

/// The first provider, as an actor.
pub(crate) const PROVIDER: i64 = 1;

impl World {
    /// The operator and provider 1.
    pub(crate) fn new() -> Self {
        let mut world = Self {
            set: WorkingSet::new(
                (1..1_000).map(id),
                (1..1_000).filter_map(|number| tenantry_domain::package::PackageId::try_from(number).ok()),
            ),
            now: "2026-03-01T12:00:00Z".parse().unwrap(),
            events: Vec::new(),
            entries: Vec::new(),
        };
        world.as_operator(&Command::Install(Install)).unwrap();
        let provider = world.as_operator(&add(0, Kind::Provider, None)).unwrap();
        assert_eq!(provider.account.id, id(PROVIDER));
        world
    }

    pub(crate) fn context(&self, actor: Actor) -> Context {
        let origin = Origin { dialect: Dialect::CommandLine, request_id: "r".to_owned(), peer: None, claimed: None, credential: None };
        Context { actor, at: self.now, seed: Seed([7; 32]), origin, only_versions: None, idempotency: None }
    }

    pub(crate) fn actor(&self, number: i64) -> Actor {
        let account = self.account(number);
        Actor { account_id: account.id, tenant_id: account.tenant_id, kind: account.kind }
    }

    /// Decides a command and takes it in. What a store would look up is told first.
    pub(crate) fn run(&mut self, actor: Actor, command: &Command) -> Result<Outcome, Refusal> {
        let context = self.context(actor);
        let decision = decide(command, &self.set, &context)?;
        let again = decide(command, &self.set, &context)?;
        assert_eq!(
            (&decision.events, decision.accounts.len()),
            (&again.events, again.accounts.len()),
            "deciding is a function of its input"
        );
        self.set.apply(&decision);
        self.events.extend(decision.events);
        self.entries.extend(decision.quota_entries);
        Ok(decision.outcome)
    }

    pub(crate) fn as_operator(&mut self, command: &Command) -> Result<Outcome, Refusal> {
        self.run(Actor::OPERATOR, command)
    }

    pub(crate) fn as_provider(&mut self, command: &Command) -> Result<Outcome, Refusal> {
        self.run(Actor { account_id: id(PROVIDER), tenant_id: TenantId::of(id(PROVIDER)), kind: Kind::Provider }, command)
    }

    /// An active account below a parent.
    pub(crate) fn add(&mut self, parent: i64, kind: Kind, email: Option<&str>) -> i64 {
        let outcome = self.as_operator(&add(parent, kind, email)).unwrap();
        let number = outcome.account.id.get();
        // A store counts children when it is asked; nobody asked yet.
        self.set.put_live_children(outcome.account.id, 0);
        number
    }

    pub(crate) fn account(&self, number: i64) -> &Account {
        self.set.account(id(number)).unwrap()
    }
}

/// The command that adds an active account.
pub(crate) fn add(parent: i64, kind: Kind, email: Option<&str>) -> Command {
    Command::AddAccount(Box::new(AddAccount {
        email: email.map(|email| Email::parse(email).unwrap()),
        goal: Some(Goal::Active),
        ..AddAccount::below(id(parent), kind)
    }))
}

/// The command that takes an account towards a goal.
pub(crate) fn towards(number: i64, goal: Goal) -> Command {
    Command::ChangeStatus(ChangeStatus::towards(id(number), goal))
}
