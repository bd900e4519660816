//! Windows that nobody else disturbed: a rate taken beside somebody's compiler says nothing.

use std::time::{Duration, Instant};

use tenantry::Failure;

use crate::machine::{cpu_of, cpu_of_all, own_cpu};

/// Share of one core that others may use during a window; a machine's own chores stay below it.
const FOREIGN_SHARE_MAX: f64 = 0.08;
/// How often a disturbed window is taken again before it is kept and said to be disturbed.
const RETRIES: usize = 6;
/// How long the machine is looked at before it counts as idle.
const LOOK: Duration = Duration::from_secs(2);

/// Waits for an idle machine and counts the windows that were disturbed all the same.
#[derive(Debug)]
pub(crate) struct Quiet {
    /// How long to wait for an idle machine, at most, each time.
    patience: Duration,
    /// Windows that were taken again.
    pub(crate) repeated: usize,
    /// Windows that were kept although somebody disturbed them.
    pub(crate) disturbed: usize,
}

impl Quiet {
    /// Waits at most this long each time.
    pub(crate) const fn new(patience: Duration) -> Self {
        Self { patience, repeated: 0, disturbed: 0 }
    }

    /// Waits until others leave the processors alone.
    pub(crate) fn wait(&self) -> Result<(), Failure> {
        let begun = Instant::now();
        while begun.elapsed() < self.patience {
            let watch = Watch::start(&[])?;
            std::thread::sleep(LOOK);
            if watch.foreign_share()? <= FOREIGN_SHARE_MAX {
                break;
            }
        }
        Ok(())
    }

    /// Takes a window, again when others disturbed it. `ours` are the processes that work for it.
    pub(crate) fn window<T>(&mut self, ours: &[u32], mut take: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
        for _ in 0..RETRIES {
            let watch = Watch::start(ours)?;
            let taken = take()?;
            if watch.foreign_share()? <= FOREIGN_SHARE_MAX {
                return Ok(taken);
            }
            self.repeated += 1;
            self.wait()?;
        }
        self.disturbed += 1;
        take()
    }
}

/// What everybody and we had used when the watch began.
struct Watch<'a> {
    ours: &'a [u32],
    begun: Instant,
    all: Duration,
    own: Duration,
}

impl<'a> Watch<'a> {
    fn start(ours: &'a [u32]) -> Result<Self, Failure> {
        Ok(Self { ours, begun: Instant::now(), all: cpu_of_all()?, own: used(ours)? })
    }

    /// Processor time of others, as a share of one core.
    fn foreign_share(&self) -> Result<f64, Failure> {
        let all = cpu_of_all()?.saturating_sub(self.all);
        let own = used(self.ours)?.saturating_sub(self.own);
        Ok(all.saturating_sub(own).as_secs_f64() / self.begun.elapsed().as_secs_f64())
    }
}

fn used(ours: &[u32]) -> Result<Duration, Failure> {
    let mut used = own_cpu()?;
    for pid in ours {
        used += cpu_of(*pid)?;
    }
    Ok(used)
}
