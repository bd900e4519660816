//! Durable edits of random customers, against reads of the same customers and against one-row commits of plain SQLite on the same disk.

use std::sync::Arc;

use tenantry::Failure;

use super::{Bench, CONNECTIONS, a_second, cpu, middle, rates, ratios};
use crate::figures::median;
use crate::load::{self, Edits, Field, Reads, Target, Window};
use crate::process::Server;
use crate::report::{Goal, Line};
use crate::yardsticks::{PlainSqlite, Rate, flushes};

/// Of the rate of reads.
const GOAL_OF_READS: Goal = Goal::AtLeast(0.4);
/// Of the rate of plain SQLite's commits.
const GOAL_OF_COMMITS: Goal = Goal::AtLeast(3.0);
/// Octets of plain SQLite's row: a record without what the answer adds.
const ROW_OCTETS: usize = 900;

#[derive(Default)]
struct Taken {
    reads: Vec<Window>,
    edits: Vec<Window>,
    searched: Vec<Window>,
    commits: Vec<Rate>,
    flushes: Vec<Rate>,
}

pub(super) fn run(bench: &mut Bench) -> Result<Vec<Line>, Failure> {
    let seeded = bench.seeded()?;
    let target = Target::of(&seeded);
    let server = Server::tenantry(&seeded.path)?;
    let plain = PlainSqlite::open(&bench.scratch.join("plain.sqlite"), ROW_OCTETS)?;
    let flushed = bench.scratch.join("flushed");
    let window = bench.sizes.window;
    edit(&server, &target, Field::State, window)?;
    bench.quiet.wait()?;
    let mut taken = Taken::default();
    for _ in 0..bench.sizes.rounds {
        let round = bench.quiet.window(&[server.pid()], || {
            let reads = load::run(&server, Reads::many(&target, CONNECTIONS, false), window)?.0;
            let edits = edit(&server, &target, Field::State, window)?;
            let commits = plain.commits(window)?;
            let searched = edit(&server, &target, Field::Organization, window)?;
            Ok((reads, edits, searched, commits, flushes(&flushed, window / 3)?))
        })?;
        taken.reads.push(round.0);
        taken.edits.push(round.1);
        taken.searched.push(round.2);
        taken.commits.push(round.3);
        taken.flushes.push(round.4);
    }
    Ok(lines(&taken))
}

/// One window of edits, the newest of each connection read back.
pub(super) fn edit(server: &Server, target: &Arc<Target>, field: Field, window: std::time::Duration) -> Result<Window, Failure> {
    let (taken, scripts) = load::run(server, Edits::many(target, CONNECTIONS, field), window)?;
    scripts.iter().try_for_each(|script| script.verify(server))?;
    Ok(taken)
}

fn lines(taken: &Taken) -> Vec<Line> {
    let rates_of = |measured: &[Rate]| measured.iter().map(|one| one.rate).collect::<Vec<f64>>();
    let (reads, commits, flushes) = (rates(&taken.reads), rates_of(&taken.commits), rates_of(&taken.flushes));
    let of_reads = format!("GET: {}, {}", a_second(median(&reads)), cpu(&taken.reads));
    let commit_cpu = median(&taken.commits.iter().map(|one| one.cpu_ms).collect::<Vec<f64>>());
    let of_commits = format!("plain SQLite, one row a commit: {}, {commit_cpu:.4}", a_second(median(&commits)));
    let (edits, measured) = (rates(&taken.edits), a_second(middle(&taken.edits, |taken| taken.rate)));
    let of_edits =
        |cpu: &str, against: String, ratios: &[f64], goal| Line::of_ratios("durable edits", measured.clone(), cpu, against, ratios, goal);
    let mut lines = vec![
        of_edits(&cpu(&taken.edits), of_reads, &ratios(&edits, &reads), GOAL_OF_READS),
        of_edits("", of_commits, &ratios(&edits, &commits), GOAL_OF_COMMITS),
    ];
    // Told beside them: what it costs more when the search index changes with the record.
    let searched = a_second(middle(&taken.searched, |taken| taken.rate));
    lines.push(Line { cpu: cpu(&taken.searched), ..Line::of_note("durable edits of a field that is searched", searched) });
    let flush = median(&flushes);
    lines.push(Line::of_note("fdatasync of 4 KiB in these minutes", format!("{}, {:.2} ms each", a_second(flush), 1000.0 / flush)));
    lines
}
