//! Moving a whole installation from one engine to the other, row by row and as it is.
//!
//! A table at a time and page by page, in the order of the source's keys; each page is one transaction, so the greatest key that is there says where an
//! interrupted move goes on. Until all of it is there and was compared, the target is marked, and no server starts on it.

mod postgres;
mod sqlite;
mod table;

use std::fmt;
use std::path::{Path, PathBuf};

use crate::postgres::PostgresOptions;
use crate::{Directory, OpenFault};
use postgres::PostgresEnd;
use sqlite::SqliteEnd;
use table::{Row, SEQUENCES, TABLES, Table, Value};

pub(crate) use sqlite::tallied;
pub use table::Tally;

/// Rows of a page: each is one flush, and so many take longer than one.
const PAGE_ROWS: usize = 2_000;

/// Where an installation is.
#[derive(Debug, Clone)]
pub enum Place {
    /// The embedded engine's data directory.
    Sqlite(PathBuf),
    /// A database.
    Postgres(Box<PostgresOptions>),
}

impl fmt::Display for Place {
    /// For people, and without a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(options) => f.write_str(&options.shown()),
        }
    }
}

/// What is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Rows are copied.
    Copy,
    /// Both ends are read and compared.
    Compare,
}

impl Stage {
    /// As a word for people.
    pub const fn doing(self) -> &'static str {
        match self {
            Self::Copy => "copying",
            Self::Compare => "comparing",
        }
    }
}

/// How far a move is, told after each page.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// What is under way.
    pub stage: Stage,
    /// The table that it is under way with.
    pub table: &'static str,
    /// Rows of all tables that are done in this stage, with those of an earlier run.
    pub done: u64,
    /// Rows of all tables in this stage.
    pub total: u64,
}

/// What was moved of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The table.
    pub table: &'static str,
    /// What both ends have of it.
    pub tally: Tally,
}

/// Why an installation was not moved. Nothing of the source is changed by it, and what the target has of it stays marked.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are what the messages name")]
pub enum TransferFault {
    /// An end cannot be used.
    Open(OpenFault),
    /// There is no installation.
    Nothing { source: String },
    /// The target has records already.
    NotEmpty { target: String },
    /// The target has a part of another installation.
    OfAnother { source: String },
    /// A table is not the same at both ends.
    Differs { table: &'static str, source: Tally, target: Tally },
}

impl fmt::Display for TransferFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(fault) => fault.fmt(f),
            Self::Nothing { source } => write!(f, "there is no installation in {source}"),
            Self::NotEmpty { target } => write!(f, "{target} has records already; name one that is empty"),
            Self::OfAnother { source } => {
                write!(
                    f,
                    "the target has a part of an installation that was being moved from {source}; finish that, or name one that is empty"
                )
            }
            Self::Differs { table, source, target } => write!(
                f,
                "table {table} is not the same at both ends: {} rows, checksum {} in the source; {} rows, checksum {} in the target. Did somebody write \
                 meanwhile? Begin again with an empty target",
                source.rows,
                source.checksum(),
                target.rows,
                target.checksum()
            ),
        }
    }
}

impl TransferFault {
    const fn is_difference(&self) -> bool {
        matches!(self, Self::Differs { .. })
    }
}

impl std::error::Error for TransferFault {}

impl From<OpenFault> for TransferFault {
    fn from(fault: OpenFault) -> Self {
        Self::Open(fault)
    }
}

/// A move of a whole installation.
#[derive(Debug, Clone, Copy)]
pub struct Transfer<'a> {
    /// Where it is.
    pub from: &'a Place,
    /// Where it shall be.
    pub to: &'a Place,
    /// When the move begins, in microseconds since 1970.
    pub now: i64,
    /// Rows that are written together.
    pub page_rows: usize,
}

impl<'a> Transfer<'a> {
    /// A move from one place to another.
    pub const fn new(from: &'a Place, to: &'a Place, now: i64) -> Self {
        Self { from, to, now, page_rows: PAGE_ROWS }
    }

    /// Moves an installation into an empty place, or goes on with what an earlier run began. What an earlier run finished is compared again. Tells how far
    /// it is after each page.
    ///
    /// # Errors
    /// An end cannot be used, is in use, or has what it should not have; or the ends differ afterwards.
    pub async fn run(self, tell: impl FnMut(Progress)) -> Result<Vec<Moved>, TransferFault> {
        transfer(self, tell).await
    }
}

async fn transfer(transfer: Transfer<'_>, tell: impl FnMut(Progress)) -> Result<Vec<Moved>, TransferFault> {
    let source = open_source(transfer.from).await?;
    let target = End::open(transfer.to).await?;
    carry(source, target, transfer, tell).await
}

/// Copies a database that servers use, as of one instant, into a directory that is made. Gives the engine that it was on.
pub(crate) async fn snapshot(
    options: &PostgresOptions,
    into: &Path,
    now: i64,
    tell: impl FnMut(Progress),
) -> Result<String, TransferFault> {
    let (from, to) = (Place::Postgres(Box::new(options.clone())), Place::Sqlite(into.to_owned()));
    let (source, engine) = PostgresEnd::snapshot(options).await?;
    if let Some(source) = source.source().await? {
        return Err(TransferFault::Open(OpenFault::HalfMoved { source }));
    }
    let target = End::open(&to).await?;
    carry(End::Postgres(source), target, Transfer::new(&from, &to, now), tell).await?;
    Ok(engine)
}

async fn carry(
    source: End,
    mut target: End,
    Transfer { from, to, now, page_rows }: Transfer<'_>,
    mut tell: impl FnMut(Progress),
) -> Result<Vec<Moved>, TransferFault> {
    let mut counts = Vec::with_capacity(TABLES.len());
    for table in TABLES {
        counts.push((table, source.count(table).await?));
    }
    if counts.iter().any(|(table, rows)| table.name == "account" && *rows == 0) {
        return Err(TransferFault::Nothing { source: from.to_string() });
    }
    let total = counts.iter().map(|(_, rows)| rows).sum();
    if has_all(&target, &counts).await? {
        // The run that finished it may have been killed before it could say so.
        let not_empty = || TransferFault::NotEmpty { target: to.to_string() };
        let same = compare(&source, &target, total, &mut tell).await;
        let same = same.map_err(|fault| if fault.is_difference() { not_empty() } else { fault })?;
        for sequence in SEQUENCES {
            // Numbers that the source passes over were not passed over there: the rows are the same, and came some other way.
            if target.next(sequence).await? < source.next(sequence).await? {
                return Err(not_empty());
            }
        }
        return Ok(same);
    }
    begin(&target, from, to, now).await?;
    let mut done = 0;
    for (table, rows) in &counts {
        copy(&source, &mut target, table, page_rows, |here| {
            tell(Progress { stage: Stage::Copy, table: table.name, done: done + here, total });
        })
        .await?;
        done += rows;
    }
    let moved = compare(&source, &target, total, &mut tell).await?;
    let mut next = Vec::with_capacity(SEQUENCES.len());
    for sequence in SEQUENCES {
        next.push((*sequence, source.next(sequence).await?));
    }
    target.finish(&next).await?;
    Ok(moved)
}

/// Whether the target is open to servers, and has as many rows as the source.
async fn has_all(target: &End, counts: &[(&Table, u64)]) -> Result<bool, TransferFault> {
    if target.source().await?.is_some() {
        return Ok(false);
    }
    for (table, rows) in counts {
        if target.count(table).await? != *rows {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Opens the source. One that is not there is not made.
async fn open_source(from: &Place) -> Result<End, TransferFault> {
    if let Place::Sqlite(path) = from
        && !Directory::database_in(path).exists()
    {
        return Err(TransferFault::Nothing { source: from.to_string() });
    }
    let source = End::open(from).await?;
    match source.source().await? {
        Some(source) => Err(TransferFault::Open(OpenFault::HalfMoved { source })),
        None => Ok(source),
    }
}

/// Marks the target, unless an earlier run did.
async fn begin(target: &End, from: &Place, to: &Place, now: i64) -> Result<(), TransferFault> {
    match target.source().await? {
        Some(source) if source == from.to_string() => return Ok(()),
        Some(source) => return Err(TransferFault::OfAnother { source }),
        None => {}
    }
    for table in TABLES {
        // A server that was started once, and never installed, may have kept failures.
        if target.count(table).await? > 0 {
            return Err(TransferFault::NotEmpty { target: to.to_string() });
        }
    }
    target.begin(from, now).await
}

/// Copies what the target does not have of a table. Tells how many rows of it are there.
async fn copy(source: &End, target: &mut End, table: &Table, page_rows: usize, mut tell: impl FnMut(u64)) -> Result<(), TransferFault> {
    let key = source.key(table);
    let places = table.places(key);
    let mut here = target.count(table).await?;
    let key_of = |row: &Row| -> Vec<Value> { places.iter().map(|place| row[*place].clone()).collect() };
    let mut after = target.last(table, key).await?.as_ref().map(key_of);
    tell(here);
    loop {
        let rows = source.page(table, after.as_deref(), page_rows).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(key_of(last));
        target.put(table, &rows).await?;
        here += rows.len() as u64;
        tell(here);
    }
}

/// Reads both ends and compares each table.
async fn compare(source: &End, target: &End, total: u64, tell: &mut impl FnMut(Progress)) -> Result<Vec<Moved>, TransferFault> {
    let mut moved = Vec::with_capacity(TABLES.len());
    let mut done = 0;
    for table in TABLES {
        let mut tallies = [Tally::default(); 2];
        for (end, tally) in [source, target].into_iter().zip(&mut tallies) {
            let mut after: Option<Vec<Value>> = None;
            let places = table.places(end.key(table));
            loop {
                let rows = end.page(table, after.as_deref(), PAGE_ROWS).await?;
                let Some(last) = rows.last() else { break };
                after = Some(places.iter().map(|place| last[*place].clone()).collect());
                rows.iter().for_each(|row| tally.add(row));
                done += rows.len() as u64;
                tell(Progress { stage: Stage::Compare, table: table.name, done, total: total * 2 });
            }
        }
        let [source, target] = tallies;
        if source != target {
            return Err(TransferFault::Differs { table: table.name, source, target });
        }
        moved.push(Moved { table: table.name, tally: source });
    }
    Ok(moved)
}

/// One end of a move. The embedded engine's calls block: nothing else is done meanwhile.
enum End {
    Sqlite(SqliteEnd),
    Postgres(PostgresEnd),
}

impl End {
    async fn open(place: &Place) -> Result<Self, TransferFault> {
        Ok(match place {
            Place::Sqlite(path) => Self::Sqlite(SqliteEnd::open(path)?),
            Place::Postgres(options) => Self::Postgres(PostgresEnd::open(options).await?),
        })
    }

    /// The key in whose order this end gives its rows.
    const fn key(&self, table: &Table) -> &'static [&'static str] {
        match self {
            Self::Sqlite(_) => table.sqlite_key,
            Self::Postgres(_) => table.postgres_key,
        }
    }

    async fn source(&self) -> Result<Option<String>, TransferFault> {
        match self {
            Self::Sqlite(end) => end.source(),
            Self::Postgres(end) => end.source().await,
        }
    }

    async fn begin(&self, source: &Place, now: i64) -> Result<(), TransferFault> {
        match self {
            Self::Sqlite(end) => end.begin(source, now),
            Self::Postgres(end) => end.begin(source, now).await,
        }
    }

    async fn count(&self, table: &Table) -> Result<u64, TransferFault> {
        match self {
            Self::Sqlite(end) => end.count(table),
            Self::Postgres(end) => end.count(table).await,
        }
    }

    async fn page(&self, table: &Table, after: Option<&[Value]>, most: usize) -> Result<Vec<Row>, TransferFault> {
        match self {
            Self::Sqlite(end) => end.page(table, after, most),
            Self::Postgres(end) => end.page(table, after, most).await,
        }
    }

    async fn last(&self, table: &Table, key: &[&str]) -> Result<Option<Row>, TransferFault> {
        match self {
            Self::Sqlite(end) => end.last(table, key),
            Self::Postgres(end) => end.last(table, key).await,
        }
    }

    async fn put(&mut self, table: &Table, rows: &[Row]) -> Result<(), TransferFault> {
        match self {
            Self::Sqlite(end) => end.put(table, rows),
            Self::Postgres(end) => end.put(table, rows).await,
        }
    }

    async fn next(&self, sequence: &str) -> Result<i64, TransferFault> {
        match self {
            Self::Sqlite(end) => end.next(sequence),
            Self::Postgres(end) => end.next(sequence).await,
        }
    }

    async fn finish(&mut self, next: &[(&str, i64)]) -> Result<(), TransferFault> {
        match self {
            Self::Sqlite(end) => end.finish(next),
            Self::Postgres(end) => end.finish(next).await,
        }
    }
}
