//! What is measured, one file for each part. A part measures and makes lines of the table; how to measure is elsewhere.

mod adds;
mod codec;
mod edits;
mod everlytic;
mod gets;
mod million;
mod postgres;
mod scale;
mod search;

use std::time::Duration;

use clap::ValueEnum;
use tenantry::Failure;

use crate::figures::median;
use crate::load::Window;
use crate::quiet::Quiet;
use crate::report::Line;
use crate::seed::{Scratch, Seeded};

/// Connections of the load, as the targets name them.
pub(crate) const CONNECTIONS: u64 = 64;

/// A part of the bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Reads against a bare server.
    Gets,
    /// Durable edits against reads and against plain SQLite.
    Edits,
    /// The Everlytic dialect against the WWWEngine one.
    Everlytic,
    /// The XML-RPC codec against Python's.
    Codec,
    /// Adds with a password against argon2id alone.
    Adds,
    /// Reads and edits over PostgreSQL against pgbench.
    Postgres,
    /// A million customers: start, memory, latency.
    Million,
    /// Search over a million customers, and what its index costs.
    Search,
    /// One and ten million customers over PostgreSQL: room and rates. Takes the better part of an hour and 60 GB; only when it is named.
    Scale,
}

/// How much is measured.
pub(crate) struct Sizes {
    /// Customers of the first three parts.
    pub(crate) customers: u64,
    /// Customers of the last part, and of the store that it is compared with.
    pub(crate) many: u64,
    pub(crate) few: u64,
    /// Customers of the part over PostgreSQL that grows.
    pub(crate) scale: Vec<u64>,
    /// How often each thing is measured, one after the other in turns.
    pub(crate) rounds: usize,
    /// How long each time.
    pub(crate) window: Duration,
}

impl Sizes {
    /// Those that the targets are about.
    pub(crate) fn full() -> Self {
        let scale = vec![1_000_000, 10_000_000];
        Self { customers: 100_000, many: 1_000_000, few: 10_000, scale, rounds: 7, window: Duration::from_secs(3) }
    }

    /// Enough to see that everything works.
    pub(crate) fn quick() -> Self {
        Self { customers: 10_000, many: 20_000, few: 2_000, scale: vec![10_000, 50_000], rounds: 2, window: Duration::from_secs(1) }
    }
}

/// What the parts share.
pub(crate) struct Bench {
    pub(crate) sizes: Sizes,
    pub(crate) scratch: Scratch,
    pub(crate) quiet: Quiet,
    /// The store of the first three parts, once one of them made it.
    seeded: Option<std::rc::Rc<Seeded>>,
}

impl Bench {
    pub(crate) fn new(sizes: Sizes, scratch: Scratch, quiet: Quiet) -> Self {
        Self { sizes, scratch, quiet, seeded: None }
    }

    /// Measures one part.
    pub(crate) fn run(&mut self, part: Part) -> Result<Vec<Line>, Failure> {
        crate::note(&format!("measuring {part:?}"));
        match part {
            Part::Gets => gets::run(self),
            Part::Edits => edits::run(self),
            Part::Everlytic => everlytic::run(self),
            Part::Codec => codec::run(self),
            Part::Adds => adds::run(self),
            Part::Postgres => postgres::run(self),
            Part::Million => million::run(self),
            Part::Search => search::run(self),
            Part::Scale => scale::run(self),
        }
    }

    /// The store of the first three parts.
    fn seeded(&mut self) -> Result<std::rc::Rc<Seeded>, Failure> {
        if let Some(seeded) = &self.seeded {
            return Ok(std::rc::Rc::clone(seeded));
        }
        let made = std::rc::Rc::new(Seeded::make(self.scratch.join("customers"), self.sizes.customers)?);
        Ok(std::rc::Rc::clone(self.seeded.insert(made)))
    }
}

/// The median over windows of one of their figures.
fn middle(windows: &[Window], figure: impl Fn(&Window) -> f64) -> f64 {
    median(&windows.iter().map(figure).collect::<Vec<f64>>())
}

/// The figures of the one divided by those of the other, round by round: what drifts hits both.
fn ratios(ours: &[f64], theirs: &[f64]) -> Vec<f64> {
    ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect()
}

fn rates(windows: &[Window]) -> Vec<f64> {
    windows.iter().map(|window| window.rate).collect()
}

/// `41,250/s`.
fn a_second(rate: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rates are small and positive")]
    let whole = rate.round() as u64;
    let thousands = whole / 1000;
    if thousands == 0 { format!("{whole}/s") } else { format!("{thousands},{:03}/s", whole % 1000) }
}

/// The server's processor time for each request, and the load's.
fn cpu(windows: &[Window]) -> String {
    format!("{:.4} + load {:.4}", middle(windows, |window| window.server_cpu_ms), middle(windows, |window| window.load_cpu_ms))
}
