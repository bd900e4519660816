//! The providers above an account, remembered for one epoch of access: they are few, and every read asks what its account follows.

use std::sync::Arc;

use quick_cache::sync::Cache;
use tenantry_domain::{Account, AccountId};
use tenantry_store::{Reach, StoreFault};

use crate::Service;

/// Providers that are remembered: all of a large platform's, at some kilobytes each.
const REMEMBERED_PROVIDERS: usize = 2_000;

/// What is remembered of providers, each with the epoch in which it was read.
pub(crate) struct Ancestors(Cache<AccountId, (u64, Arc<Account>)>);

impl Ancestors {
    pub(crate) fn new() -> Self {
        Self(Cache::new(REMEMBERED_PROVIDERS))
    }
}

impl Service {
    /// An account above another one, as it stands now. Every commit that changes a provider starts a new epoch.
    pub(crate) fn ancestor(&self, below: &Account, id: AccountId) -> Result<Option<Arc<Account>>, StoreFault> {
        let epoch = self.credentials.epoch();
        if let Some((read_in, account)) = self.ancestors.0.get(&id)
            && read_in == epoch
        {
            return Ok(Some(account));
        }
        let account = self.store.account(Reach::Tenant(below.tenant_id), id)?;
        if let Some(account) = &account {
            self.ancestors.0.insert(id, (epoch, Arc::clone(account)));
        }
        Ok(account)
    }
}
