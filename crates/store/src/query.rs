//! What can be asked of a store, in terms of the domain.

use std::sync::Arc;

use tenantry_domain::account::Status;
use tenantry_domain::{Account, AccountId, TenantId};

/// How far a query may look. Every query takes one: there is no way to ask without saying of which tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// Only accounts directly below this one.
    pub parent_id: Option<AccountId>,
    /// Only the account with this e-mail address, folded.
    pub email_folded: Option<String>,
    /// Only accounts in one of these statuses; empty: in any.
    pub statuses: Vec<Status>,
    /// Only accounts whose search text holds each of these folded words.
    pub words: Vec<String>,
    /// How many to pass over.
    pub skip: u64,
    /// How many to give.
    pub limit: u64,
}

/// A page of accounts.
#[derive(Debug, Clone, Default)]
pub struct AccountList {
    /// How many there are in all.
    pub total: u64,
    /// The page, by rising id.
    pub accounts: Vec<Arc<Account>>,
}
