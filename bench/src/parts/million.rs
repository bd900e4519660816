//! A million customers: how long a start takes, what memory a load leaves, and whether reads are as quick as over few customers.

use std::time::Duration;

use tenantry::Failure;

use super::{Bench, CONNECTIONS, a_second, cpu, middle, ratios};
use crate::figures::median;
use crate::load::{self, Mixed, Reads, Target, Window};
use crate::process::Server;
use crate::report::{Goal, Line};
use crate::seed::Seeded;

/// From the start of the process to the first 200 of `/readyz`.
const READY: Goal = Goal::AtMost(1.0);
/// After the mixed load.
const RESIDENT: Goal = Goal::AtMost(200.0);
/// Of the 99th percentile over few customers.
const SLOWER: Goal = Goal::AtMost(2.0);
/// How long the mixed load lasts.
const MIXED: Duration = Duration::from_secs(10);
/// Connections of the reads whose latency is compared: enough to keep both cores at work, few enough that requests do not wait for each other.
const MODERATE: u64 = 8;
/// Starts whose median counts.
const STARTS: usize = 5;

pub(super) fn run(bench: &mut Bench) -> Result<Vec<Line>, Failure> {
    let many = Seeded::make(bench.scratch.join("many"), bench.sizes.many)?;
    let few = Seeded::make(bench.scratch.join("few"), bench.sizes.few)?;
    bench.quiet.wait()?;
    let mut lines = latency(bench, &many, &few)?;
    let starts = (0..STARTS).map(|_| Ok(Server::tenantry(&many.path)?.ready_after.as_secs_f64())).collect::<Result<Vec<f64>, Failure>>()?;
    let what = |name: &str| format!("{} customers: {name}", bench.sizes.many);
    lines.push(Line::of_figure(&what("ready after"), median(&starts), " s", 3, READY));
    let target = Target::of(&many);
    let server = Server::tenantry(&many.path)?;
    let idle = server.resident_mib()?;
    let mixed = load::run(&server, Mixed::many(&target, CONNECTIONS), MIXED)?.0;
    let loaded = server.resident_mib()?;
    // Killed under load, so that there is a log to recover.
    drop(server);
    let recovered = Server::tenantry(&many.path)?;
    lines.push(Line::of_figure(&what("ready after kill −9"), recovered.ready_after.as_secs_f64(), " s", 3, READY));
    lines.push(Line::of_figure(&what("resident after 10 s of mixed load"), loaded, " MiB", 0, RESIDENT));
    let told = format!(
        "{}, p99 {:.1} ms, {} adds; {idle:.0} MiB before",
        a_second(mixed.rate),
        mixed.percentile_ms(0.99),
        target.made() - many.count
    );
    lines.push(Line { cpu: cpu(&[mixed]), ..Line::of_note("the mixed load", told) });
    Ok(lines)
}

/// The two stores in turns, at the same concurrency.
fn latency(bench: &mut Bench, many: &Seeded, few: &Seeded) -> Result<Vec<Line>, Failure> {
    let servers = [Server::tenantry(&many.path)?, Server::tenantry(&few.path)?];
    let targets = [Target::of(many), Target::of(few)];
    let take = |index: usize| -> Result<Window, Failure> {
        Ok(load::run(&servers[index], Reads::many(&targets[index], MODERATE, false), bench.sizes.window)?.0)
    };
    take(0)?;
    take(1)?;
    let pids = [servers[0].pid(), servers[1].pid()];
    let (mut of_many, mut of_few) = (Vec::new(), Vec::new());
    for _ in 0..bench.sizes.rounds {
        let (one, other) = bench.quiet.window(&pids, || Ok((take(0)?, take(1)?)))?;
        of_many.push(one);
        of_few.push(other);
    }
    let p99 = |windows: &[Window]| windows.iter().map(|taken| taken.percentile_ms(0.99)).collect::<Vec<f64>>();
    let told = |windows: &[Window]| {
        let of = |share| middle(windows, |taken| taken.percentile_ms(share));
        format!("p50 {:.3} ms, p99 {:.3} ms, {}", of(0.5), of(0.99), a_second(middle(windows, |taken| taken.rate)))
    };
    let what = format!("{} customers: GET p99, {MODERATE} connections", bench.sizes.many);
    let against = format!("{} customers: {}", bench.sizes.few, told(&of_few));
    Ok(vec![Line::of_ratios(&what, told(&of_many), &cpu(&of_many), against, &ratios(&p99(&of_many), &p99(&of_few)), SLOWER)])
}
