//! Credentials: from what a caller presents to a principal, or to one and the same refusal.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use quick_cache::sync::Cache;
use subtle::ConstantTimeEq;
use tenantry_domain::account::Status;
use tenantry_domain::key::{Key, PublicKey, Scheme};
use tenantry_domain::value::{Network, lets_in};
use tenantry_domain::{Account, AccountId, Actor, Code, Refusal, Timestamp};
use tenantry_store::{Reach, StoreFault};

use crate::epoch::Epoch;
use crate::keys::verifier_of;
use crate::{Principal, Service};

/// Keys whose standing is remembered: what the systems of a large platform use at once, at some 500 octets each.
const REMEMBERED_KEYS: usize = 10_000;

/// What a caller of the WWWEngine dialect presents, in canonical form. Nothing of it was percent-decoded, trimmed or folded.
#[derive(Debug, Clone)]
pub struct SignedQuery {
    /// The account that it says it is.
    pub account_id: AccountId,
    /// The key's public part.
    pub public: PublicKey,
    /// The hash: 64 lower-hex characters.
    pub hash: String,
}

/// A key with everything that decides whether it may be used, as it stood in one epoch.
struct Standing {
    epoch: u64,
    key: Key,
    principal: Arc<Principal>,
    /// The account and everybody above it are active.
    in_service: bool,
    /// The account's own list of addresses.
    account_allow: Vec<Network>,
}

/// What is remembered of keys.
pub(crate) struct Credentials {
    epoch: Arc<Epoch>,
    standings: Cache<(AccountId, PublicKey), Arc<Standing>>,
}

impl Credentials {
    pub(crate) fn new(epoch: Arc<Epoch>) -> Self {
        Self { epoch, standings: Cache::new(REMEMBERED_KEYS) }
    }

    /// The present epoch of access.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.now()
    }
}

impl Standing {
    /// Everything that must hold at once. Why it does not is for the log only.
    fn fault(&self, presented: &[u8; 32], peer: IpAddr, at: Timestamp) -> Option<&'static str> {
        let proven: bool = self.key.verifier.0.ct_eq(presented).into();
        [
            (!proven, "wrong hash"),
            (!self.key.is_live(at), "key revoked or expired"),
            (!self.in_service, "account not active"),
            (!lets_in(&self.key.allow, peer), "address not in the key's list"),
            (!lets_in(&self.account_allow, peer), "address not in the account's list"),
        ]
        .into_iter()
        .find_map(|(holds, why)| holds.then_some(why))
    }
}

impl Service {
    /// Finds out who calls by a signed query.
    ///
    /// # Errors
    /// `unauthenticated`, the same for every reason; `too_many_requests` over a budget; `unavailable` when the store cannot be read.
    pub fn authenticate(
        &self,
        query: Option<&SignedQuery>,
        peer: IpAddr,
        request_id: &dyn fmt::Display,
    ) -> Result<Arc<Principal>, Refusal> {
        let Some(query) = query else { return Err(self.refuse(peer, None, "not the canonical form", request_id)) };
        let presented = verifier_of(&query.hash).0;
        let at = self.now();
        let epoch = self.credentials.epoch();
        let name = (query.account_id, query.public.clone());
        if let Some(standing) = self.credentials.standings.get(&name)
            && standing.epoch == epoch
            && standing.fault(&presented, peer, at).is_none()
        {
            self.budget.call(&standing.key)?;
            return Ok(Arc::clone(&standing.principal));
        }
        // Whatever fails takes this way, known key or not, so that the time tells nothing.
        let standing = self.standing(query, epoch).map_err(|fault| unavailable(&fault))?;
        let Some(standing) = standing else { return Err(self.refuse(peer, Some(query), "unknown key or account", request_id)) };
        if let Some(why) = standing.fault(&presented, peer, at) {
            return Err(self.refuse(peer, Some(query), why, request_id));
        }
        self.budget.call(&standing.key)?;
        let principal = Arc::clone(&standing.principal);
        self.credentials.standings.insert(name, Arc::new(standing));
        Ok(principal)
    }

    /// The refusal of a body that holds credentials: they stand in the query, and a body cannot change who acts.
    #[must_use]
    pub fn refuse_credentials_in_body(&self, request: &crate::Request) -> Refusal {
        let credential = request.principal.credential();
        tracing::info!(credential, why = "credentials in the body", request_id = request.request_id, "authentication failed");
        Refusal::new(Code::Unauthenticated, "Authentication failed").because("credentials in the body")
    }

    /// Reads how a key stands now.
    fn standing(&self, query: &SignedQuery, epoch: u64) -> Result<Option<Standing>, StoreFault> {
        // Who calls is not known yet, so neither is the tenant.
        let account = self.store.account_on_disk(query.account_id)?;
        let tenant_id = account.as_ref().map_or(tenantry_domain::TenantId::OPERATOR, |account| account.tenant_id);
        let key = self.store.key(tenant_id, query.account_id, Scheme::Wwwengine, &query.public)?;
        let (Some(account), Some(key)) = (account, key) else { return Ok(None) };
        let principal = Principal {
            actor: Actor { account_id: account.id, tenant_id, kind: account.kind },
            scopes: key.scopes,
            credential: key.public.shown().to_owned(),
        };
        let in_service = account.status == Status::Active && self.all_active(&account)?;
        let account_allow = account.profile.allow.clone();
        Ok(Some(Standing { epoch, key, principal: Arc::new(principal), in_service, account_allow }))
    }

    /// Whether everybody above an account is active: a suspended provider takes what stands below it out of service.
    fn all_active(&self, account: &Account) -> Result<bool, StoreFault> {
        for ancestor in &account.ancestors {
            let ancestor = self.store.account(Reach::Tenant(account.tenant_id), *ancestor)?;
            if ancestor.is_none_or(|ancestor| ancestor.status != Status::Active) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// One answer for every reason; the log has the reason.
    fn refuse(&self, peer: IpAddr, query: Option<&SignedQuery>, why: &'static str, request_id: &dyn fmt::Display) -> Refusal {
        let credential = query.map_or("", |query| query.public.shown());
        tracing::info!(%peer, credential, why, %request_id, "authentication failed");
        match self.budget.failed(peer, credential) {
            Ok(()) => Refusal::new(Code::Unauthenticated, "Authentication failed").because(why),
            Err(too_many) => too_many,
        }
    }
}

/// What a caller is told when the store cannot be read.
pub(crate) fn unavailable(fault: &StoreFault) -> Refusal {
    tracing::error!(%fault, "the store could not be read");
    let refusal = match fault {
        StoreFault::TooSlow => Refusal::new(Code::Unavailable, "This list takes too long; ask for less by another filter").retry_after(2),
        StoreFault::Corrupt(_) => Refusal::new(Code::Internal, "The server could not read this record"),
        _ => Refusal::new(Code::Unavailable, "The server cannot read now").retry_after(2),
    };
    refusal.because(fault)
}
