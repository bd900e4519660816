//! Budgets: how many failed calls an address may make, and how many calls a key.
//!
//! One budget of failures serves every door. It is counted for the address together with the credential tried, so that nobody can lock a
//! provider's other systems out; and, more generously, for the address alone.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use parking_lot::Mutex;
use quick_cache::sync::Cache;
use tenantry_domain::key::Key;
use tenantry_domain::{AccountId, Code, Refusal};

/// How many keys' own budgets are remembered; the least recently used are forgotten, full again.
const REMEMBERED_KEYS: usize = 10_000;
/// Calls after which full budgets of failures are forgotten: the map must not grow with every address that ever failed.
const SWEEP_EVERY_FAILURES: u32 = 10_000;

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
        // A wrong key in a busy portal fails some hundred times before somebody sees it; guessing 256 bits takes more than these allow.
        const PER_CREDENTIAL: NonZeroU32 = NonZeroU32::new(600).unwrap();
        const PER_ADDRESS: NonZeroU32 = NonZeroU32::new(6_000).unwrap();
        Self { failures_per_credential: PER_CREDENTIAL, failures_per_address: PER_ADDRESS }
    }
}

type Tried = (IpAddr, String);

/// The budgets.
pub(crate) struct Budget {
    by_credential: DefaultKeyedRateLimiter<Tried>,
    by_address: DefaultKeyedRateLimiter<IpAddr>,
    failures: Mutex<u32>,
    keys: Cache<(AccountId, String), Arc<KeyBudget>>,
}

struct KeyBudget {
    rate_per_minute: u32,
    limiter: DefaultDirectRateLimiter,
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            by_credential: RateLimiter::keyed(Quota::per_minute(limits.failures_per_credential)),
            by_address: RateLimiter::keyed(Quota::per_minute(limits.failures_per_address)),
            failures: Mutex::new(0),
            keys: Cache::new(REMEMBERED_KEYS),
        }
    }

    /// Counts a failed authentication. Over the budget, the answer is no longer that it failed.
    pub(crate) fn failed(&self, peer: IpAddr, credential: &str) -> Result<(), Refusal> {
        self.sweep();
        let address = network_of(peer);
        let by_credential = self.by_credential.check_key(&(address, credential.to_owned()));
        let by_address = self.by_address.check_key(&address);
        match by_credential.and(by_address) {
            Ok(()) => Ok(()),
            Err(not_until) => {
                Err(too_many("Too many failed calls from this address", not_until.wait_time_from(DefaultClock::default().now())))
            }
        }
    }

    /// Counts a call with a key that has a rate of its own.
    pub(crate) fn call(&self, key: &Key) -> Result<(), Refusal> {
        let Some(rate) = key.rate_per_minute.and_then(NonZeroU32::new) else { return Ok(()) };
        let name = (key.account_id, key.public.as_str().to_owned());
        let fresh = || Arc::new(KeyBudget { rate_per_minute: rate.get(), limiter: RateLimiter::direct(Quota::per_minute(rate)) });
        let budget = match self.keys.get(&name) {
            Some(budget) if budget.rate_per_minute == rate.get() => budget,
            _ => {
                let budget = fresh();
                self.keys.insert(name, Arc::clone(&budget));
                budget
            }
        };
        budget.limiter.check().map_err(|not_until| {
            too_many("This key has used up its calls of this minute", not_until.wait_time_from(DefaultClock::default().now()))
        })
    }

    fn sweep(&self) {
        let mut failures = self.failures.lock();
        *failures += 1;
        if *failures >= SWEEP_EVERY_FAILURES {
            *failures = 0;
            self.by_credential.retain_recent();
            self.by_address.retain_recent();
        }
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
        let budget = Budget::new(&Limits { failures_per_credential: few, ..Limits::default() });
        let (here, there): (IpAddr, IpAddr) = ("2001:db8::1".parse().unwrap(), "2001:db8:0:1::1".parse().unwrap());
        for _ in 0..3 {
            budget.failed(here, "38f9c450").unwrap();
        }
        let refusal = budget.failed("2001:db8::2".parse().unwrap(), "38f9c450").unwrap_err();
        assert_eq!(refusal.code, Code::TooManyRequests);
        assert!(refusal.retry_after_seconds.is_some_and(|seconds| (1..=60).contains(&seconds)));
        budget.failed(here, "00000000").unwrap();
        budget.failed(there, "38f9c450").unwrap();
    }
}
