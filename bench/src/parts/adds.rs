//! Adds with a password, against the argon2id hashes that all cores make with nothing else to do.

use tenantry::Failure;

use super::{Bench, CONNECTIONS, a_second, cpu, middle, rates, ratios};
use crate::figures::median;
use crate::load::{self, Adds, Target};
use crate::process::Server;
use crate::report::{Goal, Line};
use crate::yardsticks::hashes;

/// Of the rate of hashes alone.
const GOAL: Goal = Goal::AtLeast(0.9);

pub(super) fn run(bench: &mut Bench) -> Result<Vec<Line>, Failure> {
    let seeded = bench.seeded()?;
    let target = Target::of(&seeded);
    let server = Server::tenantry(&seeded.path)?;
    let cores = std::thread::available_parallelism()?.get();
    let window = bench.sizes.window;
    let add = || load::run(&server, Adds::many(&target, CONNECTIONS), window).map(|(taken, _)| taken);
    let mut added = add()?.latencies.len() as u64;
    bench.quiet.wait()?;
    let (mut adds, mut alone) = (Vec::new(), Vec::new());
    for _ in 0..bench.sizes.rounds {
        let (taken, hashed) = bench.quiet.window(&[server.pid()], || {
            let taken = add()?;
            added += taken.latencies.len() as u64;
            Ok((taken, hashes(cores, window)?))
        })?;
        adds.push(taken);
        alone.push(hashed);
    }
    let total = server.call(&target.of_list("limit=1"))?.pointer("/response/total").and_then(serde_json::Value::as_u64);
    if total != Some(seeded.count + added) {
        return Err(Failure(format!("{total:?} customers are listed where {} were acknowledged", seeded.count + added)));
    }
    let hashed: Vec<f64> = alone.iter().map(|one| one.rate).collect();
    let each = median(&alone.iter().map(|one| one.cpu_ms).collect::<Vec<f64>>());
    let against = format!("argon2id on {cores} cores: {}, {each:.2}", a_second(median(&hashed)));
    let measured = a_second(middle(&adds, |taken| taken.rate));
    Ok(vec![Line::of_ratios("adds with a password", measured, &cpu(&adds), against, &ratios(&rates(&adds), &hashed), GOAL)])
}
