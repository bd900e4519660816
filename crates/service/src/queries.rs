//! Reading: one record, a list, and what follows from the records above.

use std::sync::Arc;

use tenantry_domain::account::{Kind, NameServer, NameServers, Status};
use tenantry_domain::key::{Key, Scope};
use tenantry_domain::package::PackageId;
use tenantry_domain::quota::Channel;
use tenantry_domain::search::{fold, words};
use tenantry_domain::value::Email;
use tenantry_domain::{Account, AccountId, Code, Refusal};
use tenantry_store::{AccountList, AccountOrder, AccountQuery, ProfileField, Reach, StoreReport, TimeRange};

use crate::credentials::unavailable;
use crate::{Principal, Service};

/// Which accounts to list, in a caller's terms.
#[derive(Debug, Clone, Default)]
pub struct ListRequest {
    /// Only the one with this e-mail address.
    pub email: Option<Email>,
    /// Only those in one of these statuses; empty: in any but deleted.
    pub statuses: Vec<Status>,
    /// Only those directly below this account.
    pub parent_id: Option<AccountId>,
    /// Only those that hold every word of this text.
    pub search: Option<String>,
    /// Only customers.
    pub customers_only: bool,
    /// Only providers.
    pub providers_only: bool,
    /// Only those somewhere below this account.
    pub below: Option<AccountId>,
    /// Only those that were made in this time.
    pub created: TimeRange,
    /// Only those that last changed in this time.
    pub updated: TimeRange,
    /// Only the one with this id.
    pub id: Option<AccountId>,
    /// Only the one with this external id.
    pub external_id: Option<String>,
    /// Only those with this name, without regard to case and accents.
    pub name: Option<String>,
    /// Only those that have these packages of these channels, or none of them.
    pub packages: Vec<(Channel, Option<PackageId>)>,
    /// Only those with these values in these fields, as given.
    pub profile: Vec<(ProfileField, String)>,
    /// Only those with each of these values of tags and custom fields: the name of the index, and the value, folded.
    pub values: Vec<(String, String)>,
    /// In which order.
    pub order: AccountOrder,
    /// Whether the order falls.
    pub descending: bool,
    /// Only those that come after this one, by id.
    pub after: Option<AccountId>,
    /// Leaves out how many there are in all, which looks at each of them.
    pub without_count: bool,
    /// How many to pass over.
    pub skip: u64,
    /// How many to give.
    pub limit: u64,
}

impl Service {
    /// One account.
    ///
    /// # Errors
    /// The key has not the scope; there is no such account, or it is not the caller's; the store cannot be read.
    pub async fn get(&self, principal: &Principal, id: AccountId) -> Result<Arc<Account>, Refusal> {
        principal.require(Scope::Read)?;
        self.look_up(principal, id).await
    }

    /// One account that a call which writes is about, or the one that it was merged into: whoever may act on it may compare it with what was sent.
    ///
    /// # Errors
    /// There is no such account, or it is not the caller's; the store cannot be read.
    pub async fn look_up(&self, principal: &Principal, id: AccountId) -> Result<Arc<Account>, Refusal> {
        let account = self.meant(reach(principal), id).await?;
        account.filter(|account| principal.actor().reaches(account)).ok_or_else(Refusal::not_found)
    }

    /// Takes out of a refusal the ids of accounts that the caller may not see: that a value is taken is told, by whom only to its owner.
    #[must_use]
    pub async fn hide(&self, mut refusal: Refusal, principal: &Principal) -> Refusal {
        for fault in &mut refusal.faults {
            if let Some(id) = fault.existing_id
                && self.get(principal, id).await.is_err()
            {
                fault.existing_id = None;
            }
        }
        refusal
    }

    /// A page of the accounts below the caller; a customer's list is itself.
    ///
    /// # Errors
    /// The key has not the scope, or the store cannot be read.
    pub async fn list(&self, principal: &Principal, request: ListRequest) -> Result<AccountList, Refusal> {
        principal.require(Scope::Read)?;
        let actor = principal.actor();
        let own = actor.account_id;
        let words = request.search.as_deref().map(words).unwrap_or_default();
        // A text of which nothing is left to look for finds nothing, rather than everything.
        if words.is_empty() && request.search.is_some_and(|text| !text.trim().is_empty()) {
            return Ok(AccountList { total: 0, accounts: Vec::new() });
        }
        let statuses = if request.statuses.is_empty() {
            Status::ALL.into_iter().filter(|status| *status != Status::Deleted).collect()
        } else {
            request.statuses
        };
        // A number that was merged into another means that.
        let asked = match request.id {
            Some(id) => Some(self.meant(reach(principal), id).await?.map_or(id, |account| account.id)),
            None => None,
        };
        let mut query = AccountQuery {
            reach: reach(principal),
            // Below a tenant's top provider stands the whole tenant.
            below: (actor.kind == Kind::Provider && own.get() != actor.tenant_id.get()).then_some(own),
            only: principal.is_customer().then_some(own),
            except: (!principal.is_customer()).then_some(own),
            parent_id: request.parent_id,
            email_folded: request.email.map(|email| email.folded()),
            customers_only: request.customers_only,
            providers_only: request.providers_only,
            created: request.created,
            updated: request.updated,
            id: asked,
            external_id: request.external_id,
            name_folded: request.name.map(|name| fold(name.trim())),
            packages: request.packages,
            profile: request.profile,
            values: request.values,
            order: request.order,
            descending: request.descending,
            statuses,
            words,
            after: request.after,
            counted: !request.without_count,
            skip: request.skip,
            limit: request.limit,
        };
        if let Some(top) = request.below {
            match self.look_up(principal, top).await {
                Ok(top) if top.kind != Kind::Customer => query.narrow_to(&top),
                // Below a customer stands nobody, nor below one that is not there.
                Ok(_) => return Ok(AccountList::default()),
                Err(refusal) if refusal.code == Code::NotFound => return Ok(AccountList::default()),
                Err(refusal) => return Err(refusal),
            }
        }
        let _turn = self.lists.take(actor.tenant_id).await;
        self.store.list(query).await.map_err(|fault| unavailable(&fault))
    }

    /// The name servers that an account in default mode follows: those of the nearest provider above that specifies its own.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn default_name_servers(&self, account: &Account) -> Result<Vec<NameServer>, Refusal> {
        for ancestor in account.ancestors.iter().rev() {
            let ancestor = self.store.account(Reach::Tenant(account.tenant_id), *ancestor).await.map_err(|fault| unavailable(&fault))?;
            if let Some(NameServers::Specify(hosts)) = ancestor.map(|ancestor| ancestor.profile.name_servers.clone()) {
                return Ok(hosts);
            }
        }
        Ok(Vec::new())
    }

    /// Whether the store holds an installation.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn is_installed(&self) -> Result<bool, Refusal> {
        self.store.is_installed().await.map_err(|fault| unavailable(&fault))
    }

    /// The keys of an account, or all: for the operator's command line.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn keys(&self, account_id: Option<AccountId>) -> Result<Vec<Key>, Refusal> {
        self.store.keys(account_id).await.map_err(|fault| unavailable(&fault))
    }

    /// The health of the store: for the operator's command line.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn report(&self) -> Result<StoreReport, Refusal> {
        self.store.report().await.map_err(|fault| unavailable(&fault))
    }
}

pub(crate) fn reach(principal: &Principal) -> Reach {
    match principal.actor().kind {
        // The operator acts on all.
        Kind::Operator => Reach::EveryTenant,
        Kind::Provider | Kind::Customer => Reach::Tenant(principal.actor().tenant_id),
    }
}
