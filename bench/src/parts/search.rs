//! Search over a million customers: names of many scripts, numbers, addresses; pages; and what the index of search costs an edit.

use std::path::Path;
use std::sync::Arc;

use tenantry::Failure;

use super::edits::edit;
use super::postgres::{SERVER, program};
use super::scale::grow;
use super::{Bench, a_second, cpu, middle, ratios};
use crate::load::{self, Asked, Field, Searches, Target, Window};
use crate::process::Server;
use crate::report::{Goal, Line};
use crate::seed::Seeded;

/// Connections, as the targets name them.
const CONNECTIONS: u64 = 8;
/// The 99th percentile of a search for words of three and more characters.
const WORDS: Goal = Goal::AtMost(20.0);
/// The same of one or two.
const INITIALS: Goal = Goal::AtMost(50.0);
/// Of page 1's 99th percentile.
const DEEP: Goal = Goal::AtMost(1.2);
/// What an edit that changes the search text takes, of one that does not.
const INDEX_COST: Goal = Goal::AtMost(1.3);
/// Customers that are made as commands make them, over PostgreSQL; the others are their copies.
const MADE: u64 = 100_000;
/// Everything that is searched for, with its target.
const SEARCHES: [(Asked, Goal); 5] =
    [(Asked::Names, WORDS), (Asked::Initials, INITIALS), (Asked::Emails, WORDS), (Asked::Digits, WORDS), (Asked::ExternalIds, WORDS)];

pub(super) fn run(bench: &mut Bench) -> Result<Vec<Line>, Failure> {
    let seeded = Seeded::make(bench.scratch.join("search"), bench.sizes.many)?;
    let mut lines = measure(bench, &seeded, seeded.count, "")?;
    let Ok(server) = std::env::var(SERVER) else { return Ok(lines) };
    let (root, _) = server.rsplit_once('/').ok_or_else(|| Failure(format!("{SERVER} names no database")))?;
    program("psql", &["-Xq", "-d", &server, "-c", "CREATE DATABASE search"])?;
    let url = format!("{root}/search");
    let over = over_postgres(&bench.scratch.join("search-postgres"), bench.sizes.many, &url)?;
    lines.extend(measure(bench, &over, MADE.min(over.count), " over PostgreSQL")?);
    Ok(lines)
}

/// The same customers in a database server's database.
fn over_postgres(path: &Path, customers: u64, url: &str) -> Result<Seeded, Failure> {
    let sql =
        |sql: &str| program("psql", &["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", "SET search_path = tenantry, public", "-c", sql]);
    let made = MADE.min(customers);
    let mut seeded = Seeded::make_over(path.to_owned(), made, url)?;
    grow(&sql, &seeded, made, customers)?;
    seeded.count = customers;
    Ok(seeded)
}

fn measure(bench: &mut Bench, seeded: &Seeded, made: u64, over: &str) -> Result<Vec<Line>, Failure> {
    let (target, server) = (Target::of(seeded), Server::tenantry(&seeded.path)?);
    bench.quiet.wait()?;
    let mut lines = Vec::new();
    let what = |name: &str| format!("{} customers{over}: {name}, {CONNECTIONS} connections", seeded.count);
    for (asked, goal) in SEARCHES {
        let windows = windows(bench, &server, &target, (asked, made))?;
        let p99 = middle(&windows, |window| window.percentile_ms(0.99));
        let line = Line::of_figure(&what(asked.name()), p99, " ms", 2, goal);
        lines.push(Line { measured: told(&windows), cpu: cpu(&windows), ..line });
    }
    let first = windows(bench, &server, &target, (Asked::FirstPage, made))?;
    let deep = windows(bench, &server, &target, (Asked::DeepPage, made))?;
    let p99 = |windows: &[Window]| windows.iter().map(|window| window.percentile_ms(0.99)).collect::<Vec<f64>>();
    let against = format!("page 1: {}", told(&first));
    lines.push(Line::of_ratios(&what("page 1,000"), told(&deep), &cpu(&deep), against, &ratios(&p99(&deep), &p99(&first)), DEEP));
    lines.push(index_cost(
        bench,
        &server,
        &target,
        &format!("{} customers{over}: durable edits of a field that is searched", seeded.count),
    )?);
    Ok(lines)
}

/// Windows of one kind of search, after one that does not count.
fn windows(bench: &mut Bench, server: &Server, target: &Arc<Target>, (asked, made): (Asked, u64)) -> Result<Vec<Window>, Failure> {
    let window = bench.sizes.window;
    let take = || Ok(load::run(server, Searches::many(target, CONNECTIONS, asked, made), window)?.0);
    take()?;
    (0..bench.sizes.rounds).map(|_| bench.quiet.window(&[server.pid()], take)).collect()
}

fn told(windows: &[Window]) -> String {
    let of = |share| middle(windows, |window| window.percentile_ms(share));
    format!("p50 {:.2} ms, p99 {:.2} ms, {}", of(0.5), of(0.99), a_second(middle(windows, |window| window.rate)))
}

/// How much longer an edit takes that changes the search text: the rates of both, in turns.
fn index_cost(bench: &mut Bench, server: &Server, target: &Arc<Target>, what: &str) -> Result<Line, Failure> {
    let window = bench.sizes.window;
    let (mut plain, mut searched) = (Vec::new(), Vec::new());
    edit(server, target, Field::State, window)?;
    edit(server, target, Field::Organization, window)?;
    for _ in 0..bench.sizes.rounds {
        let take = || Ok((edit(server, target, Field::State, window)?, edit(server, target, Field::Organization, window)?));
        let (one, other) = bench.quiet.window(&[server.pid()], take)?;
        plain.push(one);
        searched.push(other);
    }
    let rates = |windows: &[Window]| windows.iter().map(|window| window.rate).collect::<Vec<f64>>();
    let against = format!("of one that is not: {}, {}", a_second(middle(&plain, |window| window.rate)), cpu(&plain));
    let measured = a_second(middle(&searched, |window| window.rate));
    Ok(Line::of_ratios(what, measured, &cpu(&searched), against, &ratios(&rates(&plain), &rates(&searched)), INDEX_COST))
}
