//! Prepaid balances and their ledgers.

use std::sync::Arc;

use tenantry_domain::key::Scope;
use tenantry_domain::quota::movement::MoveQuota;
use tenantry_domain::quota::{Channel, QuotaEntry};
use tenantry_domain::{AccountId, Command, Outcome, Refusal};
use tenantry_store::{LedgerQuery, Reach};

use crate::credentials::unavailable;
use crate::{Principal, Request, Service};

impl Service {
    /// The newest lines of an account's ledger, newest first: for the operator's command line.
    ///
    /// # Errors
    /// There is no such account, or the store cannot be read.
    pub async fn quota_entries(&self, id: AccountId, limit: u32) -> Result<Vec<QuotaEntry>, Refusal> {
        // The operator acts on all.
        let account = self.meant(Reach::EveryTenant, id).await?.ok_or_else(Refusal::not_found)?;
        self.store.quota_entries(account.tenant_id, account.id, limit).await.map_err(|fault| unavailable(&fault))
    }

    /// Moves a balance.
    ///
    /// # Errors
    /// The key has not the scope, the domain's refusal, or the store's.
    pub async fn move_quota(self: &Arc<Self>, movement: MoveQuota, request: &Request) -> Result<Outcome, Refusal> {
        request.principal.require(Scope::Edit)?;
        self.carry_out(Command::MoveQuota(Box::new(movement)), None, request).await
    }

    /// A page of one balance's ledger, the newest line first.
    ///
    /// # Errors
    /// The key has not the scope; there is no such account, or it is not the caller's; the store cannot be read.
    pub async fn ledger(
        &self,
        principal: &Principal,
        id: AccountId,
        channel: Channel,
        before_version: Option<i64>,
        limit: u32,
    ) -> Result<Vec<QuotaEntry>, Refusal> {
        principal.require(Scope::Read)?;
        let account = self.look_up(principal, id).await?;
        let query = LedgerQuery { tenant_id: account.tenant_id, account_id: account.id, channel, before_version, limit };
        let _turn = self.lists.take(principal.actor().tenant_id).await;
        self.store.ledger(query).await.map_err(|fault| unavailable(&fault))
    }
}
