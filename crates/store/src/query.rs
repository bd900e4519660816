//! What can be asked of a store, in terms of the domain.

use std::sync::Arc;

use tenantry_domain::account::Status;
use tenantry_domain::event::PastEvent;
use tenantry_domain::package::PackageId;
use tenantry_domain::quota::Channel;
use tenantry_domain::{Account, AccountId, Kind, TenantId, Timestamp};

/// How far a query may look. Every query takes one: there is no way to ask without saying of which tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// One tenant's records.
    Tenant(TenantId),
    /// All records: for the operator, and for finding out who calls. Say why where you use it.
    EveryTenant,
}

impl Reach {
    /// Whether a record is in reach.
    pub(crate) fn includes(self, account: &Account) -> bool {
        match self {
            Self::Tenant(tenant_id) => account.tenant_id == tenant_id,
            Self::EveryTenant => true,
        }
    }
}

/// What a list is ordered by. What is equal comes by rising id, or by falling id where the order falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AccountOrder {
    /// The id, which is the order in which accounts were made.
    #[default]
    Id,
    /// The name under which they are shown, folded.
    Name,
    /// The e-mail address, without regard to case.
    Email,
}

/// A field of the profile that a list can be narrowed by, at the price of looking at each account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of Profile")]
pub enum ProfileField {
    StateProvince,
    PostalCode,
    CountryCode,
    Voice,
    Fax,
    WebsiteUrl,
    Industry,
}

/// A piece of time, open where it says nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// Not before this.
    pub from: Option<Timestamp>,
    /// Before this.
    pub before: Option<Timestamp>,
}

impl TimeRange {
    /// All time.
    pub const ALWAYS: Self = Self { from: None, before: None };

    /// Whether it leaves anything out.
    pub(crate) const fn is_bounded(self) -> bool {
        self.from.is_some() || self.before.is_some()
    }
}

/// Which accounts to list.
#[derive(Debug, Clone)]
pub struct AccountQuery {
    /// How far to look.
    pub reach: Reach,
    /// Only accounts somewhere below this one; `None`: all in reach.
    pub below: Option<AccountId>,
    /// Only this account.
    pub only: Option<AccountId>,
    /// Never this account: the one that asks.
    pub except: Option<AccountId>,
    /// Only customers.
    pub customers_only: bool,
    /// Only providers.
    pub providers_only: bool,
    /// Only accounts that were made in this time.
    pub created: TimeRange,
    /// Only accounts that last changed in this time: of each its row is looked at.
    pub updated: TimeRange,
    /// Only accounts directly below this one.
    pub parent_id: Option<AccountId>,
    /// Only the account with this e-mail address, folded.
    pub email_folded: Option<String>,
    /// Only the account with this id.
    pub id: Option<AccountId>,
    /// Only the account with this external id.
    pub external_id: Option<String>,
    /// Only accounts with this name, folded.
    pub name_folded: Option<String>,
    /// Only accounts that have these packages of these channels, or none of them.
    pub packages: Vec<(Channel, Option<PackageId>)>,
    /// Only accounts with these values in these fields, as given.
    pub profile: Vec<(ProfileField, String)>,
    /// Only accounts with each of these values: the name of the index, and the value, folded.
    pub values: Vec<(String, String)>,
    /// Only accounts in one of these statuses; empty: in any.
    pub statuses: Vec<Status>,
    /// Only accounts whose search text holds each of these folded words.
    pub words: Vec<String>,
    /// In which order.
    pub order: AccountOrder,
    /// Whether the order falls.
    pub descending: bool,
    /// Only accounts that come after this one, by id.
    pub after: Option<AccountId>,
    /// Whether it is counted how many there are in all: that looks at each of them.
    pub counted: bool,
    /// How many to pass over.
    pub skip: u64,
    /// How many to give.
    pub limit: u64,
}

impl AccountQuery {
    /// Everything in reach, by rising id.
    pub const fn of(reach: Reach, limit: u64) -> Self {
        Self {
            reach,
            below: None,
            only: None,
            except: None,
            customers_only: false,
            providers_only: false,
            created: TimeRange::ALWAYS,
            updated: TimeRange::ALWAYS,
            parent_id: None,
            email_folded: None,
            id: None,
            external_id: None,
            name_folded: None,
            packages: Vec::new(),
            profile: Vec::new(),
            values: Vec::new(),
            statuses: Vec::new(),
            words: Vec::new(),
            order: AccountOrder::Id,
            descending: false,
            after: None,
            counted: true,
            skip: 0,
            limit,
        }
    }

    /// Narrows it to what stands below an account that is in its reach.
    pub fn narrow_to(&mut self, top: &Account) {
        if top.kind == Kind::Operator {
            return;
        }
        self.reach = Reach::Tenant(top.tenant_id);
        self.except = Some(top.id);
        // Below a tenant's top provider stands the whole tenant.
        self.below = (top.id.get() != top.tenant_id.get()).then_some(top.id);
    }
}

/// Where the next page of a history begins: as the engine has it, for nobody else to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventMark(pub i64);

/// A page of an account's history, the newest event first.
#[derive(Debug, Clone, Default)]
pub struct EventList {
    /// The events.
    pub events: Vec<PastEvent>,
    /// Where the next page begins; `None` where there is none.
    pub next: Option<EventMark>,
}

/// Which lines of an account's ledger to read, the newest first.
#[derive(Debug, Clone)]
pub struct LedgerQuery {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The account.
    pub account_id: AccountId,
    /// Which of its balances.
    pub channel: Channel,
    /// Only lines of versions before this one.
    pub before_version: Option<i64>,
    /// How many to give.
    pub limit: u32,
}

/// A page of accounts.
#[derive(Debug, Clone, Default)]
pub struct AccountList {
    /// How many there are in all; 0 where that was not to be counted.
    pub total: u64,
    /// The page, in the order that was asked for.
    pub accounts: Vec<Arc<Account>>,
}
