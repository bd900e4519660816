//! Counting failed authentications by the generic cell rate algorithm (ITU-T I.371): of each budget one time is remembered, that at which it is full
//! again. The library among the dependencies that counts so (governor) keeps those times to itself, and here they must outlive a restart.

use std::collections::HashMap;

use parking_lot::Mutex;
use tenantry_store::FailureBudget;

use crate::Limits;

const MINUTE_MICROS: i64 = 60_000_000;
/// Budgets that are remembered before those that are full are looked for and forgotten: the map must not grow with every address that ever failed.
const SWEEP_FROM: usize = 10_000;

/// How much a budget has room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Measure {
    /// What one failure takes, in microseconds until the budget is full again.
    step: i64,
    /// In how many microseconds an empty budget is full.
    whole: i64,
}

impl Measure {
    /// So many failures in so many microseconds.
    pub(crate) const fn of(failures: u32, whole: i64) -> Self {
        let step = whole / failures as i64;
        Self { step: if step < 1 { 1 } else { step }, whole }
    }

    /// When a budget is full again after one more failure.
    ///
    /// # Errors
    /// It is used up: the microseconds until it has room again.
    fn next(self, full_at: i64, now: i64) -> Result<i64, i64> {
        // Never longer than a whole budget takes: a clock that was set back must not keep anybody out.
        let full_at = full_at.clamp(now, now + self.whole);
        let wait = full_at + self.step - (now + self.whole);
        if wait > 0 { Err(wait) } else { Ok(full_at + self.step) }
    }
}

/// Budgets of failures: of an address with a credential, of an address, and of whatever else is guessed.
pub(crate) struct Failures {
    /// Those of an address with a credential, and of an address.
    measures: [Measure; 2],
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
        let measure = |per_minute: std::num::NonZeroU32| Measure::of(per_minute.get(), MINUTE_MICROS);
        let full_at = kept.into_iter().map(|budget| (budget.bucket, budget.full_at)).collect();
        Self {
            measures: [measure(limits.failures_per_credential), measure(limits.failures_per_address)],
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
        for (bucket, measure) in buckets.into_iter().zip(self.measures).rev() {
            let full_at = budgets.full_at.get(&bucket).copied().unwrap_or(now);
            match measure.next(full_at, now) {
                Ok(full_at) => {
                    budgets.full_at.insert(bucket.clone(), full_at);
                    changed.push(FailureBudget { bucket, full_at, taken: measure.step });
                }
                Err(longer) => {
                    // A clock that was set back: what was beyond a whole budget is forgotten for good.
                    budgets.full_at.insert(bucket, full_at.min(now + measure.whole));
                    wait = Err(longer);
                    break;
                }
            }
        }
        budgets.sweep(now);
        (changed, wait)
    }

    /// Tries a guess while each of these budgets has room, and counts it in all of them when it is wrong. Gives whether it was right, and the budgets that changed.
    /// Looking and counting are one step: of guesses that come at once no more are tried than there is room for.
    ///
    /// # Errors
    /// A budget is used up, and nothing was tried: the microseconds until all have room.
    pub(crate) fn tried(
        &self,
        buckets: [(String, Measure); 2],
        now: i64,
        is_right: impl FnOnce() -> bool,
    ) -> Result<(bool, Vec<FailureBudget>), i64> {
        let mut budgets = self.budgets.lock();
        let (mut after, mut longest) = (Vec::new(), 0);
        for (bucket, measure) in buckets {
            match measure.next(budgets.full_at.get(&bucket).copied().unwrap_or(now), now) {
                Ok(full_at) => after.push(FailureBudget { bucket, full_at, taken: measure.step }),
                Err(wait) => longest = longest.max(wait),
            }
        }
        if longest > 0 {
            return Err(longest);
        }
        if is_right() {
            return Ok((true, Vec::new()));
        }
        for FailureBudget { bucket, full_at, .. } in &after {
            budgets.full_at.insert(bucket.clone(), *full_at);
        }
        budgets.sweep(now);
        Ok((false, after))
    }
}

impl Budgets {
    /// Forgets those that are full, once there are many.
    fn sweep(&mut self, now: i64) {
        if self.full_at.len() >= self.sweep_at {
            self.full_at.retain(|_, full_at| *full_at > now);
            self.sweep_at = SWEEP_FROM.max(self.full_at.len() * 2);
        }
    }
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
    fn a_guess_is_tried_while_there_is_room_and_a_right_one_takes_none() {
        const HOUR: i64 = 3_600_000_000;
        let failures = failures(Vec::new());
        let (few, many) = (Measure::of(2, HOUR), Measure::of(3, HOUR));
        let tried = |who: &str, now, right| {
            failures.tried([(who.to_owned(), few), ("all".to_owned(), many)], now, || right).map(|(right, used)| (right, used.len()))
        };
        assert_eq!(tried("a", 0, false), Ok((false, 2)));
        assert_eq!(tried("a", 0, true), Ok((true, 0)));
        assert_eq!(tried("a", 0, false), Ok((false, 2)));
        assert_eq!(tried("a", 0, true), Err(HOUR / 2), "a right one is not tried either");
        assert_eq!(tried("b", 0, false), Ok((false, 2)));
        assert_eq!(tried("b", 0, false), Err(HOUR / 3), "all together have a budget, too");
        assert_eq!(tried("a", HOUR / 2, true), Ok((true, 0)));
    }

    #[test]
    fn guesses_that_come_at_once_are_tried_as_often_as_there_is_room() {
        let failures = failures(Vec::new());
        let measure = Measure::of(10, MINUTE_MICROS);
        let tries = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let buckets = [("a".to_owned(), measure), ("b".to_owned(), measure)];
                        let _ = failures.tried(buckets, 0, || {
                            tries.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                            false
                        });
                    }
                });
            }
        });
        assert_eq!(tries.into_inner(), 10);
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
