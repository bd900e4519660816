//! What the machine can do without us, measured in the same minute: flushes, plain SQLite, password hashes.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use rusqlite::Connection;
use tenantry::Failure;

use crate::machine::own_cpu;

/// Octets of one flush: a page of the log.
const FLUSH_OCTETS: usize = 4096;
/// Octets of the file that is flushed: written before, as a log that starts again from its beginning is.
const FLUSH_FILE_OCTETS: usize = 4 * 1024 * 1024;
/// What the server hashes with: 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet).
const ARGON2: (u32, u32, u32) = (19_456, 2, 1);

/// A rate and the processor milliseconds for each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) rate: f64,
    pub(crate) cpu_ms: f64,
}

/// Repeats something until the time is over.
pub(crate) fn repeat(duration: Duration, mut once: impl FnMut() -> Result<(), Failure>) -> Result<Rate, Failure> {
    let (cpu, begun) = (own_cpu()?, Instant::now());
    let mut count = 0.0;
    while begun.elapsed() < duration {
        once()?;
        count += 1.0;
    }
    let rate = count / begun.elapsed().as_secs_f64();
    Ok(Rate { rate, cpu_ms: own_cpu()?.saturating_sub(cpu).as_secs_f64() * 1000.0 / count })
}

/// Pages overwritten in place and flushed with fdatasync, one after the other.
pub(crate) fn flushes(path: &Path, duration: Duration) -> Result<Rate, Failure> {
    let mut file = File::create(path)?;
    file.write_all(&vec![0; FLUSH_FILE_OCTETS])?;
    file.sync_all()?;
    file.seek(SeekFrom::Start(0))?;
    let page = [0x5a; FLUSH_OCTETS];
    let mut written = 0;
    repeat(duration, || {
        if written + FLUSH_OCTETS > FLUSH_FILE_OCTETS {
            file.seek(SeekFrom::Start(0))?;
            written = 0;
        }
        file.write_all(&page)?;
        written += FLUSH_OCTETS;
        Ok(file.sync_data()?)
    })
}

/// Plain SQLite with the same durability: one row of this size, one transaction, one flush.
pub(crate) struct PlainSqlite {
    connection: Connection,
    row: String,
}

impl PlainSqlite {
    /// An empty table in a file of its own.
    pub(crate) fn open(path: &Path, row_octets: usize) -> Result<Self, Failure> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch("CREATE TABLE record (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT")?;
        Ok(Self { connection, row: "x".repeat(row_octets) })
    }

    /// Durable commits of one row each.
    pub(crate) fn commits(&self, duration: Duration) -> Result<Rate, Failure> {
        let mut insert = self.connection.prepare("INSERT INTO record (body) VALUES (?1)")?;
        repeat(duration, || Ok(insert.execute([&self.row]).map(|_| ())?))
    }
}

/// Password hashes that this many threads make, each with a block of memory of its own that it keeps.
pub(crate) fn hashes(threads: usize, duration: Duration) -> Result<Rate, Failure> {
    let (cpu, begun) = (own_cpu()?, Instant::now());
    let counts: Vec<Result<f64, Failure>> = std::thread::scope(|scope| {
        let working: Vec<_> = (0..threads).map(|_| scope.spawn(move || hash_until(begun + duration))).collect();
        let ended =
            |thread: std::thread::ScopedJoinHandle<'_, _>| thread.join().unwrap_or_else(|_| Err(Failure("a thread panicked".to_owned())));
        working.into_iter().map(ended).collect()
    });
    let elapsed = begun.elapsed().as_secs_f64();
    let count: f64 = counts.into_iter().collect::<Result<Vec<f64>, Failure>>()?.iter().sum();
    Ok(Rate { rate: count / elapsed, cpu_ms: own_cpu()?.saturating_sub(cpu).as_secs_f64() * 1000.0 / count })
}

fn hash_until(deadline: Instant) -> Result<f64, Failure> {
    let fault = |error: argon2::Error| Failure(error.to_string());
    let (memory_kib, passes, lanes) = ARGON2;
    let params = Params::new(memory_kib, passes, lanes, Some(32)).map_err(fault)?;
    let mut memory = vec![Block::default(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let (mut hash, mut count) = ([0; 32], 0.0);
    while Instant::now() < deadline {
        argon2.hash_password_into_with_memory(b"pass-word-1", b"sixteen-octets..", &mut hash, &mut memory).map_err(fault)?;
        count += 1.0;
    }
    Ok(count)
}
