//! Signed reads of random customers, against a bare server that answers a constant of the same size.

use tenantry::Failure;

use super::{Bench, CONNECTIONS, a_second, cpu, middle, rates, ratios};
use crate::load::{self, Reads, Target};
use crate::process::Server;
use crate::report::{Goal, Line};

/// Of the bare server's rate.
const GOAL: Goal = Goal::AtLeast(0.6);

pub(super) fn run(bench: &mut Bench) -> Result<Vec<Line>, Failure> {
    let seeded = bench.seeded()?;
    let target = Target::of(&seeded);
    let ours = Server::tenantry(&seeded.path)?;
    let octets = ours.call(&target.of_customer(seeded.first))?.to_string().len();
    let bare = Server::bare(octets, &seeded.path)?;
    let pids = [ours.pid(), bare.pid()];
    let window = bench.sizes.window;
    let take = |server: &Server, of_bare| load::run(server, Reads::many(&target, CONNECTIONS, of_bare), window).map(|(taken, _)| taken);
    take(&ours, false)?;
    take(&bare, true)?;
    bench.quiet.wait()?;
    let (mut of_ours, mut of_bare) = (Vec::new(), Vec::new());
    for _ in 0..bench.sizes.rounds {
        let (one, other) = bench.quiet.window(&pids, || Ok((take(&ours, false)?, take(&bare, true)?)))?;
        of_ours.push(one);
        of_bare.push(other);
    }
    let against = format!("bare axum, {octets} octets: {}, {}", a_second(middle(&of_bare, |taken| taken.rate)), cpu(&of_bare));
    let what = format!("GET /user/{{id}}, {} customers", bench.sizes.customers);
    let measured = a_second(middle(&of_ours, |taken| taken.rate));
    Ok(vec![Line::of_ratios(&what, measured, &cpu(&of_ours), against, &ratios(&rates(&of_ours), &rates(&of_bare)), GOAL)])
}
