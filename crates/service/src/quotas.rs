//! Prepaid balances and their ledgers.

use std::sync::Arc;

use tenantry_domain::key::Scope;
use tenantry_domain::quota::QuotaEntry;
use tenantry_domain::quota::movement::MoveQuota;
use tenantry_domain::{AccountId, Command, Outcome, Refusal};
use tenantry_store::Reach;

use crate::credentials::unavailable;
use crate::{Request, Service};

impl Service {
    /// Grants, consumes or sets units of a balance. A move that would bring it below zero is refused as a whole.
    ///
    /// # Errors
    /// The key has not the scope, the domain's refusal, or the store's.
    pub async fn move_quota(self: &Arc<Self>, movement: MoveQuota, request: &Request) -> Result<Outcome, Refusal> {
        request.principal.require(Scope::Edit)?;
        self.carry_out(Command::MoveQuota(Box::new(movement)), None, request).await
    }

    /// The newest lines of an account's ledger, newest first: for the operator's command line.
    ///
    /// # Errors
    /// There is no such account, or the store cannot be read.
    pub fn quota_entries(&self, id: AccountId, limit: u32) -> Result<Vec<QuotaEntry>, Refusal> {
        // The operator acts on all.
        let account = self.store.account(Reach::EveryTenant, id).map_err(|fault| unavailable(&fault))?.ok_or_else(Refusal::not_found)?;
        self.store.quota_entries(account.tenant_id, id, limit).map_err(|fault| unavailable(&fault))
    }
}
