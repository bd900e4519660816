//! Credentials: from what a caller presents to a principal, or to one and the same refusal.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use quick_cache::sync::Cache;
use subtle::ConstantTimeEq;
use tenantry_domain::account::Status;
use tenantry_domain::key::{Key, PublicKey, Scheme};
use tenantry_domain::limits::EXTERNAL_ID_MAX_CHARS;
use tenantry_domain::value::{Network, lets_in};
use tenantry_domain::{Account, AccountId, Actor, Code, Refusal, TenantId, Timestamp};
use tenantry_store::{Reach, StoreFault};
use zeroize::Zeroizing;

use crate::bearer::BearerKey;
use crate::epoch::Epoch;
use crate::keys::verifier_of;
use crate::{Principal, Service};

/// Keys whose standing is remembered: what the systems of a large platform use at once, at some 500 octets each.
const REMEMBERED_KEYS: usize = 10_000;

/// Characters of a secret key, and of the whole with the number that some systems put behind it.
const SECRET_KEY_CHARS: usize = 32;
const SECRET_KEY_MAX_CHARS: usize = 64;
/// A username is an e-mail address, an account's number, or its provider's id of it: none is longer.
const USERNAME_MAX_CHARS: usize = EXTERNAL_ID_MAX_CHARS;

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

/// What a caller presents by HTTP Basic (RFC 7617): a name of its account, and one of its secret keys.
pub struct BasicCredentials {
    username: String,
    key: Zeroizing<String>,
    /// Which keys it may be one of: told by its form.
    scheme: Scheme,
}

impl BasicCredentials {
    /// Takes both. `None` where the key has not the form that keys have: 32 letters and digits, and sometimes `_` and a number behind them, or that of a
    /// [`BearerKey`].
    pub fn parse(username: &str, key: &str) -> Option<Self> {
        let is_name = username.chars().count() <= USERNAME_MAX_CHARS;
        if is_name && BearerKey::parse(key).is_some() {
            return Some(Self { username: username.to_owned(), key: Zeroizing::new(key.to_owned()), scheme: Scheme::Bearer });
        }
        let (letters, number) = key.split_once('_').map_or((key, None), |(letters, number)| (letters, Some(number)));
        let has_form = letters.len() == SECRET_KEY_CHARS
            && letters.bytes().all(|b| b.is_ascii_alphanumeric())
            && number.is_none_or(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
            && key.len() <= SECRET_KEY_MAX_CHARS;
        (is_name && has_form).then(|| Self { username: username.to_owned(), key: Zeroizing::new(key.to_owned()), scheme: Scheme::Basic })
    }

    /// The part of the key under which it is found.
    fn public(&self) -> PublicKey {
        match BearerKey::parse(&self.key) {
            Some(bearer) => bearer.public(),
            None => PublicKey::of_secret(&self.key),
        }
    }

    /// Whether the account has this name: its e-mail address, its provider's id of it, or its number.
    fn is_name_of(&self, account: &Account) -> bool {
        let folded = || self.username.to_lowercase();
        account.email.as_ref().is_some_and(|email| email.folded() == folded())
            || account.external_id.as_ref().is_some_and(|id| id.as_str() == self.username)
            || AccountId::parse(&self.username) == Some(account.id)
    }
}

/// What a caller presents, at any door.
pub enum Presented<'a> {
    /// A signed query.
    Signed(&'a SignedQuery),
    /// A name and a secret key.
    Basic(&'a BasicCredentials),
    /// A secret key alone.
    Bearer(&'a BearerKey),
}

impl Presented<'_> {
    /// What failures are counted by, beside the address: what stays the same while somebody guesses.
    fn guessed(&self) -> &str {
        match self {
            Self::Signed(query) => query.public.as_str(),
            Self::Basic(basic) => &basic.username,
            Self::Bearer(bearer) => bearer.public_part(),
        }
    }

    /// What a log may show. What stands in the place of a secret key may be anything, a password too.
    fn shown(&self) -> &str {
        match self {
            Self::Signed(query) => query.public.shown(),
            Self::Basic(_) => "basic",
            Self::Bearer(bearer) => bearer.public_part(),
        }
    }

    /// What verifies it, if anything does.
    fn verifier(&self) -> [u8; 32] {
        match self {
            Self::Signed(query) => verifier_of(&query.hash).0,
            Self::Basic(basic) => verifier_of(&basic.key).0,
            Self::Bearer(bearer) => bearer.verifier().0,
        }
    }

    /// Under which name its key's standing is remembered.
    fn name(&self, verifier: [u8; 32]) -> Name {
        match self {
            Self::Signed(query) => Name::Signed(query.account_id, query.public.clone()),
            Self::Basic(_) | Self::Bearer(_) => Name::Secret(verifier),
        }
    }
}

/// The name of a key that is remembered. A secret key's is its digest, which only its holder can make.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Name {
    Signed(AccountId, PublicKey),
    Secret([u8; 32]),
}

/// A key with everything that decides whether it may be used, as it stood in one epoch.
struct Standing {
    epoch: u64,
    /// When it was looked up.
    since: Instant,
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
    standings: Cache<Name, Arc<Standing>>,
    /// How long a standing holds where other servers may change it and nobody tells this one.
    remembered_for: Option<Duration>,
}

impl Credentials {
    pub(crate) fn new(epoch: Arc<Epoch>, remembered_for: Option<Duration>) -> Self {
        Self { epoch, standings: Cache::new(REMEMBERED_KEYS), remembered_for }
    }

    /// Whether a standing is new enough to be taken without another look.
    fn still_holds(&self, standing: &Standing) -> bool {
        self.remembered_for.is_none_or(|longest| standing.since.elapsed() < longest)
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
    /// Finds out who calls.
    ///
    /// # Errors
    /// `unauthenticated`, the same for every reason; `too_many_requests` over a budget; `unavailable` when the store cannot be read.
    pub async fn authenticate(
        &self,
        presented: Option<&Presented<'_>>,
        peer: IpAddr,
        request_id: &(dyn fmt::Display + Sync),
    ) -> Result<Arc<Principal>, Refusal> {
        let Some(presented) = presented else { return Err(self.refuse(peer, None, "not the canonical form", request_id)) };
        let at = self.now();
        let verifier = presented.verifier();
        let epoch = self.credentials.epoch();
        let name = presented.name(verifier);
        if let Some(standing) = self.credentials.standings.get(&name)
            && standing.epoch == epoch
            && self.credentials.still_holds(&standing)
            && standing.fault(&verifier, peer, at).is_none()
            && self.is_named(presented, &standing).await?
        {
            self.budget.call(&standing.principal)?;
            return Ok(Arc::clone(&standing.principal));
        }
        // Whatever fails takes this way, known key or not, so that the time tells nothing.
        let standing = self.standing(presented, &verifier, epoch).await.map_err(|fault| unavailable(&fault))?;
        let Some(standing) = standing else {
            return Err(self.refuse(peer, Some((presented, presented.shown())), "unknown key or account", request_id));
        };
        let mut why = standing.fault(&verifier, peer, at);
        if why.is_none() && !self.is_named(presented, &standing).await? {
            why = Some("another account's name");
        }
        if let Some(why) = why {
            return Err(self.refuse(peer, Some((presented, standing.key.public.shown())), why, request_id));
        }
        self.budget.call(&standing.principal)?;
        let principal = Arc::clone(&standing.principal);
        self.credentials.standings.insert(name, Arc::new(standing));
        Ok(principal)
    }

    /// The refusal of a call without any credentials. It is the same as any other, but nothing was guessed: some clients send theirs only when they are
    /// asked for them.
    #[must_use]
    pub fn challenge(&self) -> Refusal {
        Refusal::new(Code::Unauthenticated, "Authentication failed").because("no credentials")
    }

    /// Counts one more call of a caller: each of those that came in one request.
    ///
    /// # Errors
    /// `too_many_requests` over the key's own rate.
    pub fn count_call(&self, principal: &Principal) -> Result<(), Refusal> {
        self.budget.call(principal)
    }

    /// The rate of the caller's key, where it has one of its own.
    pub fn rate(&self, principal: &Principal) -> Option<crate::CallRate> {
        self.budget.rate(principal)
    }

    /// Whether a caller who was let in would still be: for calls that last, since what is revoked or suspended meanwhile holds at once.
    ///
    /// # Errors
    /// `unauthenticated` when its key was revoked or has ended, or it or somebody above it is out of service; the store cannot be read.
    pub async fn still_lets_in(&self, principal: &Principal) -> Result<(), Refusal> {
        if self.is_still_in(principal).await.map_err(|fault| unavailable(&fault))? {
            return Ok(());
        }
        Err(Refusal::new(Code::Unauthenticated, "Authentication failed").because("key revoked or account not active since the call began"))
    }

    async fn is_still_in(&self, principal: &Principal) -> Result<bool, StoreFault> {
        let (actor, at) = (principal.actor(), self.now());
        let keys = self.store.keys(Some(actor.account_id)).await?;
        let is_live = keys.iter().any(|key| key.scheme == principal.scheme && key.public == principal.public && key.is_live(at));
        let account = self.store.account(Reach::Tenant(actor.tenant_id), actor.account_id).await?;
        let Some(account) = account.filter(|account| is_live && account.status == Status::Active) else { return Ok(false) };
        self.all_active(&account).await
    }

    /// Whether the name that was presented is the account's. It is looked at each time: names change, and no key with them.
    async fn is_named(&self, presented: &Presented<'_>, standing: &Standing) -> Result<bool, Refusal> {
        let Presented::Basic(basic) = presented else { return Ok(true) };
        let actor = standing.principal.actor();
        let account = self.store.account(Reach::Tenant(actor.tenant_id), actor.account_id).await.map_err(|fault| unavailable(&fault))?;
        Ok(account.is_some_and(|account| basic.is_name_of(&account)))
    }

    /// The refusal of a body that holds credentials: they stand in the query, and a body cannot change who acts.
    #[must_use]
    pub fn refuse_credentials_in_body(&self, request: &crate::Request) -> Refusal {
        let credential = request.principal.credential();
        tracing::info!(credential, why = "credentials in the body", request_id = request.request_id, "authentication failed");
        Refusal::new(Code::Unauthenticated, "Authentication failed").because("credentials in the body")
    }

    /// Reads how a key stands now. Who calls is not known yet, so neither is the tenant.
    async fn standing(&self, presented: &Presented<'_>, verifier: &[u8; 32], epoch: u64) -> Result<Option<Standing>, StoreFault> {
        // Before the first look: what changes meanwhile counts from here.
        let since = Instant::now();
        let key = match presented {
            Presented::Signed(query) => {
                let alike = self.store.keys_by_public(Scheme::Wwwengine, &query.public).await?;
                alike.into_iter().find(|key| key.account_id == query.account_id)
            }
            Presented::Basic(basic) => self.secret_key(basic.scheme, &basic.public(), verifier).await?,
            Presented::Bearer(bearer) => self.secret_key(Scheme::Bearer, &bearer.public(), verifier).await?,
        };
        // The key says whose tenant is asked. Without one somebody's account is read all the same: what is known must not take longer than what is not.
        let whose = key.as_ref().map_or((TenantId::OPERATOR, AccountId::OPERATOR), |key| (key.tenant_id, key.account_id));
        let account = self.store.account_on_disk(whose.0, whose.1).await?;
        let (Some(account), Some(key)) = (account, key) else { return Ok(None) };
        let provider = self.store.account(Reach::Tenant(account.tenant_id), account.tenant_id.provider_id()).await?;
        let principal = Principal {
            actor: Actor { account_id: account.id, tenant_id: account.tenant_id, kind: account.kind },
            scopes: key.scopes,
            scheme: key.scheme,
            public: key.public.clone(),
            rate_per_minute: key.rate_per_minute,
            requires_if_match: provider.is_some_and(|provider| provider.profile.settings.require_if_match),
            allow: key.allow.clone(),
            expires_at: key.expires_at,
        };
        let in_service = account.status == Status::Active && self.all_active(&account).await?;
        let account_allow = account.profile.allow.clone();
        Ok(Some(Standing { epoch, since, key, principal: Arc::new(principal), in_service, account_allow }))
    }

    /// The secret key that this verifies, of those with its public part.
    async fn secret_key(&self, scheme: Scheme, public: &PublicKey, verifier: &[u8; 32]) -> Result<Option<Key>, StoreFault> {
        let alike = self.store.keys_by_public(scheme, public).await?;
        Ok(alike.into_iter().find(|key| key.verifier.0.ct_eq(verifier).into()))
    }

    /// Whether everybody above an account is active: a suspended provider takes what stands below it out of service.
    async fn all_active(&self, account: &Account) -> Result<bool, StoreFault> {
        for ancestor in &account.ancestors {
            let ancestor = self.store.account(Reach::Tenant(account.tenant_id), *ancestor).await?;
            if ancestor.is_none_or(|ancestor| ancestor.status != Status::Active) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// One answer for every reason; the log has the reason.
    fn refuse(&self, peer: IpAddr, presented: Option<(&Presented<'_>, &str)>, why: &'static str, request_id: &dyn fmt::Display) -> Refusal {
        let (guessed, credential) = presented.map_or(("", ""), |(presented, shown)| (presented.guessed(), shown));
        let at = self.now();
        self.budget.adopt(self.store.counted_failure_budgets());
        let (used, counted) = self.budget.failed(peer, guessed, at, &self.pepper);
        for budget in used {
            self.store.keep_failure_budget(budget, at.micros());
        }
        match counted {
            Ok(()) => {
                tracing::info!(%peer, credential, why, %request_id, "authentication failed");
                Refusal::new(Code::Unauthenticated, "Authentication failed").because(why)
            }
            Err(too_many) => {
                // Whoever goes on all the same must not fill the disk with lines; their 429s are counted in the metrics.
                tracing::debug!(%peer, credential, why, %request_id, "authentication failed, over the budget");
                too_many
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdefghijABCDEFGHIJXY";

    #[test]
    fn a_name_and_a_key_have_their_forms() {
        let bearer = BearerKey::make(&crate::Chance).into_secret();
        for (username, key) in [("1", KEY), ("a@example.org", KEY), ("ünal", &*format!("{KEY}_42")), ("", KEY), ("1", &bearer)] {
            assert!(BasicCredentials::parse(username, key).is_some(), "{key}");
        }
        let long = "x".repeat(300);
        for (username, key) in [
            ("1", &KEY[1..]),
            ("1", &*format!("{KEY}x")),
            ("1", &*format!("{KEY}_")),
            ("1", &*format!("{KEY}_x")),
            ("a", &*format!("b:{KEY}")),
            ("1", &*format!(" {KEY}")),
            (&*long, KEY),
            (&*long, &bearer),
            ("1", &*format!("{KEY}_{}", "1".repeat(40))),
            ("1", &bearer[1..]),
        ] {
            assert!(BasicCredentials::parse(username, key).is_none(), "{key}");
        }
    }
}
