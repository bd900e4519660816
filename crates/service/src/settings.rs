//! Settings of tenants.

use std::sync::Arc;

use tenantry_domain::account::edit::EditAccount;
use tenantry_domain::account::{CustomField, Kind};
use tenantry_domain::key::Scope;
use tenantry_domain::{Account, Code, Command, Outcome, Refusal, TenantId};
use tenantry_store::Reach;

use crate::credentials::unavailable;
use crate::{Principal, Request, Service};

impl Service {
    /// The top provider of the caller's tenant, who has its settings: whoever is of the tenant may know them.
    ///
    /// # Errors
    /// The key has not the scope, the caller is the operator, or the store cannot be read.
    pub async fn tenant(&self, principal: &Principal) -> Result<Arc<Account>, Refusal> {
        principal.require(Scope::Read)?;
        let tenant_id = principal.actor().tenant_id;
        if principal.actor().kind == Kind::Operator {
            return Err(Refusal::new(Code::Forbidden, "Settings are those of a tenant; use a key of its provider"));
        }
        self.top_provider(tenant_id).await?.ok_or_else(Refusal::not_found)
    }

    /// The custom fields that the caller's tenant has defined, for whoever may add customers.
    ///
    /// # Errors
    /// The key has not the scope, or the store cannot be read.
    pub async fn custom_fields(&self, principal: &Principal) -> Result<Vec<CustomField>, Refusal> {
        principal.require(Scope::Add)?;
        let provider = self.top_provider(principal.actor().tenant_id).await?;
        Ok(provider.map(|provider| provider.profile.settings.custom_fields.clone()).unwrap_or_default())
    }

    async fn top_provider(&self, tenant_id: TenantId) -> Result<Option<Arc<Account>>, Refusal> {
        self.store.account(Reach::Tenant(tenant_id), tenant_id.provider_id()).await.map_err(|fault| unavailable(&fault))
    }

    /// Changes the settings of the caller's tenant.
    ///
    /// # Errors
    /// The key has not the scope, the caller is not the tenant's top provider, or the store's.
    pub async fn edit_settings(self: &Arc<Self>, edit: EditAccount, request: &Request) -> Result<Outcome, Refusal> {
        request.principal.require(Scope::Edit)?;
        let actor = request.principal.actor();
        if actor.account_id != actor.tenant_id.provider_id() || actor.kind != Kind::Provider {
            return Err(Refusal::new(Code::Forbidden, "Settings are changed by the tenant's top provider"));
        }
        self.carry_out(Command::EditAccount(Box::new(edit)), None, request).await
    }
}
