//! Ledgers of prepaid balances.

use tenantry_domain::quota::QuotaEntry;
use tenantry_domain::{AccountId, Refusal};
use tenantry_store::Reach;

use crate::Service;
use crate::credentials::unavailable;

impl Service {
    /// The newest lines of an account's ledger, newest first: for the operator's command line.
    ///
    /// # Errors
    /// There is no such account, or the store cannot be read.
    pub async fn quota_entries(&self, id: AccountId, limit: u32) -> Result<Vec<QuotaEntry>, Refusal> {
        // The operator acts on all.
        let account =
            self.store.account(Reach::EveryTenant, id).await.map_err(|fault| unavailable(&fault))?.ok_or_else(Refusal::not_found)?;
        self.store.quota_entries(account.tenant_id, id, limit).await.map_err(|fault| unavailable(&fault))
    }
}
