//! The clock: the only place that reads the time of day.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use tenantry_domain::Timestamp;

/// What tells the time: the machine, or a hand that a test turns.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A hand, in microseconds since 1970.
    Hand(Arc<AtomicI64>),
}

impl Clock {
    /// A hand that stands at this time.
    pub fn hand(at: Timestamp) -> Self {
        Self::Hand(Arc::new(AtomicI64::new(at.micros())))
    }

    /// Turns the hand; the machine's clock is not ours to turn.
    pub fn set(&self, at: Timestamp) {
        if let Self::Hand(micros) = self {
            micros.store(at.micros(), Ordering::SeqCst);
        }
    }

    /// What time it is.
    #[expect(clippy::disallowed_methods, reason = "this is the place where time comes in")]
    pub fn now(&self) -> Timestamp {
        let micros = match self {
            Self::System => {
                let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX)
            }
            Self::Hand(micros) => micros.load(Ordering::SeqCst),
        };
        Timestamp::from_micros(micros)
    }
}
