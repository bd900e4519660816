//! Budgets: how many failed calls an address may make, and how many calls a key.
//!
//! One budget of failures serves every door, and outlives a restart. It is counted for the address together with the credential tried, so that nobody can
//! lock a provider's other systems out; and, more generously, for the address alone.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use quick_cache::sync::Cache;
use tenantry_domain::key::PublicKey;
use tenantry_domain::{AccountId, Code, Refusal, Timestamp};
use tenantry_store::FailureBudget;

use crate::Principal;
use crate::failures::{Failures, Measure};
use crate::pepper::Pepper;

/// Wrong PINs of one customer in a day, whoever tries: of four digits a guesser then finds one in some years, and a caller who mistypes has many left.
const WRONG_PINS_OF_CUSTOMER: Measure = Measure::of(10, 24 * HOUR_MICROS);
/// Wrong PINs that one party tries in an hour, whosesoever: a busy call centre has fewer, and one PIN tried on all customers finds one in some days.
const WRONG_PINS_BY_CALLER: Measure = Measure::of(100, HOUR_MICROS);
const HOUR_MICROS: i64 = 3_600_000_000;

/// How many keys' own budgets are remembered; the least recently used are forgotten, full again.
const REMEMBERED_KEYS: usize = 10_000;

/// How many calls there may be in a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Failed authentications of one address with one credential.
    pub failures_per_credential: NonZeroU32,
    /// Failed authentications of one address.
    pub failures_per_address: NonZeroU32,
}

impl Default for Limits {
    fn default() -> Self {
        // A wrong key in a busy portal fails some hundred times before somebody sees it; guessing 143 bits takes more than these allow.
        const PER_CREDENTIAL: NonZeroU32 = NonZeroU32::new(600).unwrap();
        const PER_ADDRESS: NonZeroU32 = NonZeroU32::new(6_000).unwrap();
        Self { failures_per_credential: PER_CREDENTIAL, failures_per_address: PER_ADDRESS }
    }
}

/// The budgets.
pub(crate) struct Budget {
    failures: Failures,
    keys: Cache<(AccountId, PublicKey), Arc<KeyBudget>>,
}

struct KeyBudget {
    rate_per_minute: u32,
    limiter: DefaultDirectRateLimiter<StateInformationMiddleware>,
    /// Calls that were left after the last one.
    remaining: AtomicU32,
}

/// The rate of a key, as its caller is told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallRate {
    /// Calls a minute.
    pub per_minute: u32,
    /// Calls that are left at once.
    pub remaining: u32,
}

impl Budget {
    /// Budgets as they were kept.
    pub(crate) fn new(limits: &Limits, kept: Vec<FailureBudget>) -> Self {
        Self { failures: Failures::new(limits, kept), keys: Cache::new(REMEMBERED_KEYS) }
    }

    /// Takes over what all servers have counted together.
    pub(crate) fn adopt(&self, counted: Vec<FailureBudget>) {
        self.failures.adopt(counted);
    }

    /// Counts a failed authentication. Gives the budgets that it took from, to be kept. Over the budget, the answer is no longer that it failed. A right key is let in all the same: no number of guesses
    /// finds one of 143 random bits, which are left of a key whose beginning was seen, and whoever knows its public part must not be able to lock its owner out.
    pub(crate) fn failed(
        &self,
        peer: IpAddr,
        credential: &str,
        at: Timestamp,
        pepper: &Pepper,
    ) -> (Vec<FailureBudget>, Result<(), Refusal>) {
        let buckets = [named(peer, Some(credential)), named(peer, None)].map(|named| pepper.bucket(&named));
        let (used, wait) = self.failures.count(buckets, at.micros());
        (used, wait.map_err(too_many_failures))
    }

    /// Tries a PIN of a customer for a party while both have room. Gives whether it was right, and the budgets that a wrong one took from, to be kept.
    pub(crate) fn tried_pin(
        &self,
        (customer, caller): (AccountId, AccountId),
        at: Timestamp,
        pepper: &Pepper,
        is_right: impl FnOnce() -> bool,
    ) -> Result<(bool, Vec<FailureBudget>), Refusal> {
        let of_customer = (pepper.bucket(&format!("pin of {customer}")), WRONG_PINS_OF_CUSTOMER);
        let by_caller = (pepper.bucket(&format!("pins by {caller}")), WRONG_PINS_BY_CALLER);
        let tried = self.failures.tried([of_customer, by_caller], at.micros(), is_right);
        tried.map_err(|wait| too_many("Too many wrong PINs", std::time::Duration::from_micros(wait.unsigned_abs())))
    }

    /// Counts a call with a key that has a rate of its own.
    pub(crate) fn call(&self, principal: &Principal) -> Result<(), Refusal> {
        let Some(rate) = principal.rate_per_minute.and_then(NonZeroU32::new) else { return Ok(()) };
        let name = (principal.actor.account_id, principal.public.clone());
        let fresh = || {
            let limiter = RateLimiter::direct(Quota::per_minute(rate)).with_middleware();
            Arc::new(KeyBudget { rate_per_minute: rate.get(), limiter, remaining: AtomicU32::new(rate.get()) })
        };
        let budget = match self.keys.get(&name) {
            Some(budget) if budget.rate_per_minute == rate.get() => budget,
            _ => {
                let budget = fresh();
                self.keys.insert(name, Arc::clone(&budget));
                budget
            }
        };
        let remaining = budget.limiter.check().map(|state| state.remaining_burst_capacity());
        budget.remaining.store(remaining.as_ref().copied().unwrap_or(0), Ordering::Relaxed);
        remaining.map(drop).map_err(|not_until| {
            too_many("This key has used up its calls of this minute", not_until.wait_time_from(DefaultClock::default().now()))
        })
    }
}

impl Budget {
    /// The rate of a key that has one of its own, and what is left of it.
    pub(crate) fn rate(&self, principal: &Principal) -> Option<CallRate> {
        let budget = self.keys.get(&(principal.actor.account_id, principal.public.clone()))?;
        principal.rate_per_minute.map(|per_minute| CallRate { per_minute, remaining: budget.remaining.load(Ordering::Relaxed) })
    }
}

fn too_many_failures(wait_micros: i64) -> Refusal {
    too_many("Too many failed calls from this address", std::time::Duration::from_micros(wait_micros.unsigned_abs()))
}

/// What names a budget.
fn named(peer: IpAddr, credential: Option<&str>) -> String {
    match credential {
        Some(credential) => format!("{}\n{credential}", network_of(peer)),
        None => network_of(peer).to_string(),
    }
}

fn too_many(message: &str, wait: std::time::Duration) -> Refusal {
    let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
    Refusal::new(Code::TooManyRequests, message).retry_after(seconds)
}

/// An IPv6 customer has a whole /64 to come from; an IPv4 one has an address.
fn network_of(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_tried_too_often_from_one_address_stops_nobody_else() {
        let few = NonZeroU32::new(3).unwrap();
        let budget = Budget::new(&Limits { failures_per_credential: few, ..Limits::default() }, Vec::new());
        let (here, there): (IpAddr, IpAddr) = ("2001:db8::1".parse().unwrap(), "2001:db8:0:1::1".parse().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let pepper = Pepper::open(folder.path(), false, &crate::Chance).unwrap();
        let at: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        for _ in 0..3 {
            budget.failed(here, "38f9c450", at, &pepper).1.unwrap();
        }
        let refusal = budget.failed("2001:db8::2".parse().unwrap(), "38f9c450", at, &pepper).1.unwrap_err();
        assert_eq!(refusal.code, Code::TooManyRequests);
        assert!(refusal.retry_after_seconds.is_some_and(|seconds| (1..=60).contains(&seconds)));
        budget.failed(here, "00000000", at, &pepper).1.unwrap();
        budget.failed(there, "38f9c450", at, &pepper).1.unwrap();
    }
}
