//! Counting failed authentications by the generic cell rate algorithm (ITU-T I.371): of each budget one time is remembered, that at which it is full
//! again. The library among the dependencies that counts so (governor) keeps those times to itself, and here they must outlive a restart.

use std::collections::HashMap;

use parking_lot::Mutex;
use tenantry_store::FailureBudget;

use crate::Limits;

const MINUTE_MICROS: i64 = 60_000_000;
/// Budgets that are remembered before those that are full are looked for and forgotten: the map must not grow with every address that ever failed.
const SWEEP_FROM: usize = 10_000;

/// Budgets of failures: of an address with a credential, and of an address.
pub(crate) struct Failures {
    /// What one failure takes of each, in microseconds until it is full again.
    steps: [i64; 2],
    budgets: Mutex<Budgets>,
}

#[derive(Default)]
struct Budgets {
    full_at: HashMap<String, i64>,
    sweep_at: usize,
}

impl Failures {
    /// Budgets as they were kept.
    pub(crate) fn new(limits: &Limits, kept: Vec<FailureBudget>) -> Self {
        let step = |per_minute: std::num::NonZeroU32| (MINUTE_MICROS / i64::from(per_minute.get())).max(1);
        let full_at = kept.into_iter().map(|budget| (budget.bucket, budget.full_at)).collect();
        Self {
            steps: [step(limits.failures_per_credential), step(limits.failures_per_address)],
            budgets: Mutex::new(Budgets { full_at, sweep_at: SWEEP_FROM }),
        }
    }

    /// Takes over what all servers have counted together.
    pub(crate) fn adopt(&self, counted: Vec<FailureBudget>) {
        if counted.is_empty() {
            return;
        }
        let mut budgets = self.budgets.lock();
        for FailureBudget { bucket, full_at, .. } in counted {
            let own = budgets.full_at.entry(bucket).or_insert(full_at);
            *own = full_at.max(*own);
        }
    }

    /// Takes one failure from both budgets. Gives those that changed, and whether there was room in both.
    pub(crate) fn count(&self, buckets: [String; 2], now: i64) -> (Vec<FailureBudget>, Result<(), i64>) {
        let mut budgets = self.budgets.lock();
        let (mut changed, mut wait) = (Vec::new(), Ok(()));
        // The address first: once its budget is used up, its failures are remembered no more, whatever name each of them has.
        for (bucket, step) in buckets.into_iter().zip(self.steps).rev() {
            let full_at = budgets.full_at.get(&bucket).copied().unwrap_or(now);
            match next(full_at, step, now) {
                Ok(full_at) => {
                    budgets.full_at.insert(bucket.clone(), full_at);
                    changed.push(FailureBudget { bucket, full_at, taken: step });
                }
                Err(longer) => {
                    // A clock that was set back: what was beyond a whole budget is forgotten for good.
                    budgets.full_at.insert(bucket, full_at.min(now + MINUTE_MICROS));
                    wait = Err(longer);
                    break;
                }
            }
        }
        if budgets.full_at.len() >= budgets.sweep_at {
            budgets.full_at.retain(|_, full_at| *full_at > now);
            budgets.sweep_at = SWEEP_FROM.max(budgets.full_at.len() * 2);
        }
        (changed, wait)
    }
}

/// When a budget of a minute is full again after one more failure.
///
/// # Errors
/// It is used up: the microseconds until it has room again.
fn next(full_at: i64, step: i64, now: i64) -> Result<i64, i64> {
    // Never longer than a whole budget takes: a clock that was set back must not keep anybody out.
    let full_at = full_at.clamp(now, now + MINUTE_MICROS);
    let wait = full_at + step - (now + MINUTE_MICROS);
    if wait > 0 { Err(wait) } else { Ok(full_at + step) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(kept: Vec<FailureBudget>) -> Failures {
        let limit = |number| std::num::NonZeroU32::new(number).unwrap();
        Failures::new(&Limits { failures_per_credential: limit(4), failures_per_address: limit(6) }, kept)
    }

    fn fail(failures: &Failures, credential: &str, now: i64) -> (Vec<FailureBudget>, Result<(), i64>) {
        failures.count([credential.to_owned(), "address".to_owned()], now)
    }

    #[test]
    fn a_budget_is_used_up_and_fills_with_time() {
        let failures = failures(Vec::new());
        for _ in 0..4 {
            assert_eq!(fail(&failures, "a", 0).1, Ok(()));
        }
        assert_eq!(fail(&failures, "a", 0).1, Err(15_000_000), "this one counts for the address all the same");
        assert_eq!(fail(&failures, "b", 0).1, Ok(()));
        assert_eq!(fail(&failures, "b", 0).1, Err(10_000_000), "the address has its own budget");
        assert_eq!(fail(&failures, "a", 15_000_000).1, Ok(()), "a quarter of a minute later there is room for one of four");
    }

    #[test]
    fn what_was_kept_still_counts_and_a_clock_set_back_keeps_nobody_out_for_long() {
        let before = failures(Vec::new());
        let mut kept = Vec::new();
        for _ in 0..4 {
            kept = fail(&before, "a", 3_600_000_000).0;
            kept.retain(|budget| budget.bucket == "a");
        }
        assert_eq!(fail(&failures(kept.clone()), "a", 3_600_000_000).1, Err(15_000_000));
        let after = failures(kept);
        assert_eq!(fail(&after, "a", 0).1, Err(15_000_000), "an hour back");
        assert_eq!(fail(&after, "a", 15_000_000).1, Ok(()), "and a quarter of a minute later there is room, as ever");
    }

    #[test]
    fn what_other_servers_counted_counts_here() {
        let failures = failures(Vec::new());
        assert_eq!(fail(&failures, "a", 0).1, Ok(()));
        let elsewhere = |full_at| vec![FailureBudget { bucket: "a".to_owned(), full_at, taken: 0 }];
        failures.adopt(elsewhere(60_000_000));
        assert_eq!(fail(&failures, "a", 0).1, Err(15_000_000));
        failures.adopt(elsewhere(0));
        assert_eq!(fail(&failures, "a", 0).1, Err(15_000_000), "what is known here is not forgotten");
    }

    #[test]
    fn those_that_are_full_are_forgotten() {
        let failures = failures(Vec::new());
        for number in 0..SWEEP_FROM as i64 * 3 {
            let now = number * MINUTE_MICROS;
            assert_eq!(failures.count([number.to_string(), "x".to_owned()], now).1, Ok(()));
        }
        assert!(failures.budgets.lock().full_at.len() <= SWEEP_FROM);
    }
}
