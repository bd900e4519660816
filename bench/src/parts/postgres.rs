//! The same calls over PostgreSQL, against what its own `pgbench` does on the same server in the same minutes.

use std::process::Command;
use std::time::Duration;

use tenantry::Failure;

use super::edits::edit;
use super::{Bench, CONNECTIONS, a_second, cpu, middle, rates, ratios};
use crate::figures::median;
use crate::load::{self, Field, Reads, Target, Window};
use crate::process::Server;
use crate::report::{Goal, Line};
use crate::seed::Seeded;

/// Of the rate of `pgbench`'s simple update.
const GOAL_OF_UPDATES: Goal = Goal::AtLeast(3.0);
/// Of the rate of `pgbench`'s select.
const GOAL_OF_SELECTS: Goal = Goal::AtLeast(0.5);
/// How `pgbench` asks: as it does when nobody says how, and the way that costs least, as we do.
const PROTOCOLS: [&str; 2] = ["simple", "prepared"];
/// Rows of `pgbench`'s accounts, in hundreds of thousands: as many as there are customers, so that both are in memory.
const SCALE: u64 = 100_000;
/// Where the server is: `make bench` starts one.
pub(super) const SERVER: &str = "TENANTRY_TEST_POSTGRES";

pub(super) fn run(bench: &mut Bench) -> Result<Vec<Line>, Failure> {
    let Ok(server) = std::env::var(SERVER) else {
        return Ok(vec![Line::of_note("PostgreSQL", "not measured: start the bench with `make bench`".to_owned())]);
    };
    let (root, _) = server.rsplit_once('/').ok_or_else(|| Failure(format!("{SERVER} names no database")))?;
    for name in ["bench", "yardstick"] {
        program("psql", &["-Xq", "-d", &server, "-c", &format!("CREATE DATABASE {name}")])?;
    }
    let yardstick = format!("{root}/yardstick");
    program("pgbench", &["-iq", "-s", &(bench.sizes.customers / SCALE).max(1).to_string(), &yardstick])?;
    let seeded = Seeded::make_over(bench.scratch.join("postgres"), bench.sizes.customers, &format!("{root}/bench"))?;
    program("psql", &["-Xq", "-d", &format!("{root}/bench"), "-c", "VACUUM ANALYZE"])?;
    let (target, server) = (Target::of(&seeded), Server::tenantry(&seeded.path)?);
    let window = bench.sizes.window;
    edit(&server, &target, Field::State, window)?;
    let (mut reads, mut edits) = (Vec::new(), Vec::new());
    let (mut selects, mut updates) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for _ in 0..bench.sizes.rounds {
        // The database's own processes work for both, and would count as others.
        reads.push(load::run(&server, Reads::many(&target, CONNECTIONS, false), window)?.0);
        for (rates, protocol) in selects.iter_mut().zip(PROTOCOLS) {
            rates.push(pgbench("-S", protocol, &yardstick, window)?);
        }
        edits.push(edit(&server, &target, Field::State, window)?);
        for (rates, protocol) in updates.iter_mut().zip(PROTOCOLS) {
            rates.push(pgbench("-N", protocol, &yardstick, window)?);
        }
    }
    let line = |what: &str, ours: &[Window], against: &str, theirs: &[f64], goal| {
        let measured = a_second(middle(ours, |taken| taken.rate));
        let against = format!("{against}: {}", a_second(median(theirs)));
        Line::of_ratios(what, measured, &cpu(ours), against, &ratios(&rates(ours), theirs), goal)
    };
    let mut lines = Vec::new();
    for ((protocol, updates), selects) in PROTOCOLS.into_iter().zip(&updates).zip(&selects) {
        let [of_updates, of_selects] = ["simple update", "select"].map(|script| format!("pgbench {script}, 64 clients, {protocol}"));
        lines.push(line("durable edits over PostgreSQL", &edits, &of_updates, updates, GOAL_OF_UPDATES));
        lines.push(line("GET over PostgreSQL", &reads, &of_selects, selects, GOAL_OF_SELECTS));
    }
    Ok(lines)
}

/// Transactions a second.
fn pgbench(script: &str, protocol: &str, url: &str, window: Duration) -> Result<f64, Failure> {
    let (clients, seconds) = (CONNECTIONS.to_string(), window.as_secs().max(1).to_string());
    let said = program("pgbench", &[script, "-n", "-c", &clients, "-j", "2", "-M", protocol, "-T", &seconds, url])?;
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    rate.ok_or_else(|| Failure(format!("pgbench said no rate: {said}")))
}

/// Runs a program of PostgreSQL's; Debian keeps some of them beside the server.
pub(super) fn program(name: &str, arguments: &[&str]) -> Result<String, Failure> {
    let output = Command::new(name).args(arguments).output().map_err(|error| Failure(format!("{name}: {error}")))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(Failure(format!("{name}: {}", String::from_utf8_lossy(&output.stderr))))
    }
}
