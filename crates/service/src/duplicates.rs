//! Customers that may be the same, found by what they have in common.

use std::collections::BTreeSet;
use std::sync::Arc;

use tenantry_domain::account::Kind;
use tenantry_domain::key::Scope;
use tenantry_domain::limits::TWINS_MAX;
use tenantry_domain::twin::Because;
use tenantry_domain::{Account, Refusal};
use tenantry_store::{TwinPlace, TwinQuery};

use crate::credentials::unavailable;
use crate::queries::reach;
use crate::{Principal, Service};

/// Accounts that may be of the same customer.
#[derive(Debug, Clone)]
pub struct DuplicateGroup {
    /// Why.
    pub because: BTreeSet<Because>,
    /// The accounts, by rising id: of many, the first.
    pub accounts: Vec<Arc<Account>>,
}

/// A page of groups.
#[derive(Debug, Clone, Default)]
pub struct DuplicateList {
    /// The groups. Accounts that have several things in common come once on a page.
    pub groups: Vec<DuplicateGroup>,
    /// Behind which place the next page begins; `None`: this is the last.
    pub next: Option<TwinPlace>,
}

impl Service {
    /// A page of customers below the caller that may be the same.
    ///
    /// # Errors
    /// The key has not the scope, or the store cannot be read.
    pub async fn duplicates(&self, principal: &Principal, after: Option<TwinPlace>, limit: u64) -> Result<DuplicateList, Refusal> {
        principal.require(Scope::Read)?;
        let actor = principal.actor();
        if actor.kind == Kind::Customer {
            return Ok(DuplicateList::default());
        }
        let own = actor.account_id;
        let below = (actor.kind == Kind::Provider && own.get() != actor.tenant_id.get()).then_some(own);
        // One more than the page: whether there is a next one.
        let query = TwinQuery { reach: reach(principal), below, after, limit: limit + 1 };
        let turn = self.lists.take(actor.tenant_id).await;
        let mut found = self.store.twin_groups(query).await.map_err(|fault| unavailable(&fault))?;
        drop(turn);
        let goes_on = found.len() as u64 > limit;
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = found.last().filter(|_| goes_on).map(|last| last.place.clone());
        let mut groups: Vec<DuplicateGroup> = Vec::new();
        for group in found {
            let mut accounts = Vec::new();
            for id in group.ids.into_iter().take(TWINS_MAX) {
                let account = self.store.account(reach(principal), id).await.map_err(|fault| unavailable(&fault))?;
                accounts.extend(account.filter(|account| actor.reaches(account)));
            }
            // What changed since the groups were read may have left one alone.
            if accounts.len() < 2 {
                continue;
            }
            let ids = |accounts: &[Arc<Account>]| accounts.iter().map(|account| account.id).collect::<Vec<_>>();
            match groups.iter_mut().find(|known| ids(&known.accounts) == ids(&accounts)) {
                Some(known) => drop(known.because.insert(group.because)),
                None => groups.push(DuplicateGroup { because: BTreeSet::from([group.because]), accounts }),
            }
        }
        Ok(DuplicateList { groups, next })
    }
}
