//! Merging two records of one customer.

use std::sync::Arc;

use tenantry_domain::account::merge::{MergeAccounts, UnmergeAccounts};
use tenantry_domain::key::Scope;
use tenantry_domain::{Account, AccountId, Command, Outcome, Refusal};
use tenantry_store::Reach;

use crate::credentials::unavailable;
use crate::{Request, Service};

impl Service {
    /// Merges a customer into another.
    ///
    /// # Errors
    /// The key has not the scopes, the domain's refusal, or the store's.
    pub async fn merge(self: &Arc<Self>, merge: MergeAccounts, request: &Request) -> Result<Outcome, Refusal> {
        request.principal.require(Scope::Edit)?;
        request.principal.require(Scope::Status)?;
        self.carry_out(Command::MergeAccounts(merge), None, request).await
    }

    /// Undoes a merge.
    ///
    /// # Errors
    /// The key has not the scopes, the domain's refusal, or the store's.
    pub async fn unmerge(self: &Arc<Self>, unmerge: UnmergeAccounts, request: &Request) -> Result<Outcome, Refusal> {
        request.principal.require(Scope::Edit)?;
        request.principal.require(Scope::Status)?;
        self.carry_out(Command::UnmergeAccounts(unmerge), None, request).await
    }

    /// The account that an id means: of one that was merged into another, the survivor.
    pub(crate) async fn meant(&self, reach: Reach, id: AccountId) -> Result<Option<Arc<Account>>, Refusal> {
        let mut id = id;
        loop {
            let account = self.store.account(reach, id).await.map_err(|fault| unavailable(&fault))?;
            match account.as_ref().and_then(|account| account.profile.merged_into()) {
                Some(into) => id = into,
                None => return Ok(account),
            }
        }
    }
}
