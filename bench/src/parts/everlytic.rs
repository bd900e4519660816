//! The Everlytic dialect against the WWWEngine one: the same reads and the same durable changes of the same customers, in turns.

use tenantry::Failure;

use super::{Bench, CONNECTIONS, a_second, cpu, middle, rates, ratios};
use crate::load::{self, Edits, Field, Reads, RestReads, Target, XmlrpcUpdates};
use crate::process::Server;
use crate::report::{Goal, Line};

/// Of the other dialect's rate.
const GOAL: Goal = Goal::AtLeast(0.7);

pub(super) fn run(bench: &mut Bench) -> Result<Vec<Line>, Failure> {
    let seeded = bench.seeded()?;
    let target = Target::of(&seeded);
    let server = Server::tenantry(&seeded.path)?;
    let window = bench.sizes.window;
    // Once each beforehand, so that nobody pays for cold caches.
    load::run(&server, Edits::many(&target, CONNECTIONS, Field::State), window)?;
    load::run(&server, XmlrpcUpdates::many(&target, CONNECTIONS), window)?;
    bench.quiet.wait()?;
    let (mut signed_reads, mut rest_reads, mut signed_edits, mut updates) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.sizes.rounds {
        let round = bench.quiet.window(&[server.pid()], || {
            let signed_reads = load::run(&server, Reads::many(&target, CONNECTIONS, false), window)?.0;
            let rest_reads = load::run(&server, RestReads::many(&target, CONNECTIONS), window)?.0;
            let signed_edits = load::run(&server, Edits::many(&target, CONNECTIONS, Field::State), window)?.0;
            let updates = load::run(&server, XmlrpcUpdates::many(&target, CONNECTIONS), window)?.0;
            Ok((signed_reads, rest_reads, signed_edits, updates))
        })?;
        signed_reads.push(round.0);
        rest_reads.push(round.1);
        signed_edits.push(round.2);
        updates.push(round.3);
    }
    let line = |what: &str, ours: &[load::Window], theirs: &[load::Window], named: &str| {
        let against = format!("{named}: {}, {}", a_second(middle(theirs, |taken| taken.rate)), cpu(theirs));
        let measured = a_second(middle(ours, |taken| taken.rate));
        Line::of_ratios(what, measured, &cpu(ours), against, &ratios(&rates(ours), &rates(theirs)), GOAL)
    };
    Ok(vec![
        line("GET /api/2.0/customers/{id}", &rest_reads, &signed_reads, "GET /user/{id}"),
        line("durable UpdateCustomer over XML-RPC", &updates, &signed_edits, "durable PUT /user/{id}"),
    ])
}
