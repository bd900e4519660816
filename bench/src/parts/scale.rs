//! How cost grows with customers over PostgreSQL: what each takes on the disk, and what reads, edits, lists and searches take among many. One provider has all of
//! them, which is the hardest case: nothing that it does can be spread.

use std::time::Duration;

use tenantry::Failure;

use super::edits::edit;
use super::postgres::{SERVER, program};
use super::{Bench, CONNECTIONS, a_second, cpu};
use crate::load::{self, Field, Lists, Reads, Target, Window};
use crate::process::Server;
use crate::report::Line;
use crate::seed::Seeded;

/// An empty database for this part instead of one on the bench's own server: on a Citus cluster, say.
const DATABASE: &str = "TENANTRY_BENCH_DATABASE";
/// Customers that are made as commands make them; the others are their copies.
const MADE: u64 = 100_000;
/// Connections of lists: few, because each keeps a processor at work.
const FEW: u64 = 4;
/// How long each is measured.
const WINDOW: Duration = Duration::from_secs(10);

pub(super) fn run(bench: &mut Bench) -> Result<Vec<Line>, Failure> {
    let url = match (std::env::var(DATABASE), std::env::var(SERVER)) {
        (Ok(url), _) => url,
        (_, Ok(server)) => {
            let (root, _) = server.rsplit_once('/').ok_or_else(|| Failure(format!("{SERVER} names no database")))?;
            program("psql", &["-Xq", "-d", &server, "-c", "CREATE DATABASE scale"])?;
            format!("{root}/scale")
        }
        _ => return Ok(vec![Line::of_note("scale", "not measured: start the bench with `make bench-scale`".to_owned())]),
    };
    let sql =
        |sql: &str| program("psql", &["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", &url, "-c", "SET search_path = tenantry, public", "-c", sql]);
    let made = MADE.min(bench.sizes.scale.first().copied().unwrap_or(MADE));
    let mut seeded = Seeded::make_over(bench.scratch.join("scale"), made, &url)?;
    let mut lines = Vec::new();
    for customers in bench.sizes.scale.clone() {
        crate::note(&format!("growing to {customers} customers"));
        grow(&sql, &seeded, made, customers)?;
        seeded.count = customers;
        bench.quiet.wait()?;
        lines.extend(sizes(&sql, customers)?);
        lines.extend(loads(&seeded)?);
    }
    Ok(lines)
}

/// Copies what was made until there are so many customers: each with an id, an address and a search text of its own, and an event.
pub(super) fn grow(sql: &impl Fn(&str) -> Result<String, Failure>, seeded: &Seeded, made: u64, customers: u64) -> Result<(), Failure> {
    let of = "parent_id, ancestors, kind, hash, password_hash, call_in_pin, status, holds, activated_at, ended_at, created_at, updated_at, version, \
              profile, allotments, name_folded";
    let event = "version, name, at, actor_id, credential, peer, claimed, dialect, request_id, changes";
    let first = seeded.first;
    let last = first + made.cast_signed() - 1;
    // The index of search is made anew: row by row it takes longer than all else together.
    sql("DROP INDEX account_search")?;
    for copy in seeded.count / made..customers / made {
        let by = copy * made;
        // sql: constants, and numbers of ours
        sql(&format!(
            "INSERT INTO account (tenant_id, id, {of}, external_id, email, email_folded, search_text) SELECT tenant_id, id + {by}, {of}, {copy} || '.' || external_id, {copy} || '.' || email, \
             {copy} || '.' || email_folded, (id + {by}) || substr(search_text, strpos(search_text, E'\\n')) \
             FROM account WHERE tenant_id = {provider} AND id BETWEEN {first} AND {last}",
            provider = seeded.provider
        ))?;
        // sql: constants, and numbers of ours
        sql(&format!(
            "INSERT INTO event (tenant_id, account_id, seq, {event}) SELECT tenant_id, account_id + {by}, seq + {by} + 1000000000, {event} \
             FROM event WHERE tenant_id = {provider} AND account_id BETWEEN {first} AND {last} AND version = 1",
            provider = seeded.provider
        ))?;
    }
    sql("SET maintenance_work_mem = '1GB'; CREATE INDEX account_search ON account USING gin (tenant_id, search_text gin_trgm_ops)")?;
    sql("SELECT setval('account_id', 1000000000), setval('event_seq', 3000000000)")?;
    sql("VACUUM ANALYZE")?;
    sql("CHECKPOINT").map(drop)
}

/// What the customers take on the disk, with the indexes of each table.
fn sizes(sql: &impl Fn(&str) -> Result<String, Failure>, customers: u64) -> Result<Vec<Line>, Failure> {
    // On a cluster the pieces of a table are elsewhere: its own functions add them up.
    let is_cluster = sql("SELECT count(*) FROM pg_extension WHERE extname = 'citus'")?.trim() == "1";
    let [table, all] =
        if is_cluster { ["citus_table_size", "citus_total_relation_size"] } else { ["pg_table_size", "pg_total_relation_size"] };
    let mut told = Vec::new();
    for name in ["account", "event"] {
        // sql: constants
        let octets = sql(&format!("SELECT {table}('{name}') || ' ' || {all}('{name}')"))?;
        let octets: Vec<u64> = octets.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        let [rows, total] = octets[..] else { return Err(Failure(format!("no size of {name} was said"))) };
        told.push(format!("{name} {} + indexes {}", rows / customers, (total - rows) / customers));
    }
    Ok(vec![Line::of_note(&format!("{customers} customers: octets each"), told.join(", "))])
}

/// What they are worked with.
fn loads(seeded: &Seeded) -> Result<Vec<Line>, Failure> {
    let (target, server) = (Target::of(seeded), Server::tenantry(&seeded.path)?);
    let line = |what: &str, window: &Window| {
        let told = format!("{}, p50 {:.2} ms, p99 {:.2} ms", a_second(window.rate), window.percentile_ms(0.5), window.percentile_ms(0.99));
        let what = format!("{} customers: {what}", seeded.count);
        Line { cpu: cpu(std::slice::from_ref(window)), ..Line::of_note(&what, told) }
    };
    // What is read first comes from the disk; the second time counts.
    load::run(&server, Reads::many(&target, CONNECTIONS, false), WINDOW)?;
    let reads = load::run(&server, Reads::many(&target, CONNECTIONS, false), WINDOW)?.0;
    edit(&server, &target, Field::State, WINDOW)?;
    let edits = edit(&server, &target, Field::State, WINDOW)?;
    let of_email = load::run(&server, Lists::by_email(&target, FEW), WINDOW)?.0;
    let of_id = load::run(&server, Lists::by_words(&target, FEW), WINDOW)?.0;
    Ok(vec![
        line("GET, 64 connections", &reads),
        line("durable edits, 64 connections", &edits),
        line("list by e-mail address, 4 connections", &of_email),
        line("search for what one customer has, 4 connections", &of_id),
    ])
}
