//! Pages of a list: which, how long, in which order. Both ways in read them here.

use tenantry_domain::refusal::quoted;
use tenantry_domain::{Code, Fault, Invalid, Refusal};

/// Records on a page unless the caller says how many.
pub(crate) const DEFAULT_COUNT: u64 = 50;
/// Records on a page at most: 200 of them are about 200 KB.
pub(crate) const MAX_COUNT: u64 = 200;
/// The highest page number: what a signed 32-bit integer of an old client holds.
const MAX_PAGE: u64 = i32::MAX as u64;

/// Which page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) page: u64,
    pub(crate) count: u64,
}

impl Default for Page {
    fn default() -> Self {
        Self { page: 1, count: DEFAULT_COUNT }
    }
}

impl Page {
    /// How many records to pass over.
    pub(crate) const fn skip(self) -> u64 {
        (self.page - 1) * self.count
    }

    /// Whether there is another page after this one.
    pub(crate) const fn has_next(self, total: u64) -> bool {
        self.page < MAX_PAGE && self.page * self.count < total
    }

    /// The part of a list that is whole in memory.
    pub(crate) fn of<T>(self, all: Vec<T>) -> (u64, Vec<T>) {
        let total = all.len() as u64;
        let skip = usize::try_from(self.skip()).unwrap_or(usize::MAX);
        // At most 200.
        (total, all.into_iter().skip(skip).take(self.count as usize).collect())
    }
}

/// A list that somebody asks for, read part by part; both ways in read it so.
pub(crate) trait Asked: Default {
    /// Reads `page`, `count`, `order` or `direction`. Gives whether it is one of them.
    fn part(&mut self, name: &str, value: &str) -> bool;

    /// Whether a name is one that narrows the list, also where it stands alone.
    fn is_filter(name: &str) -> bool;

    /// Reads a filter. An empty value does not filter.
    fn filter(&mut self, name: &str, value: String);

    /// Says that something else is wrong.
    fn fault(&mut self, fault: Fault);

    /// Which page is asked for.
    fn page(&self) -> Page;
}

/// The parts that are not filters, in the order in which XML-RPC has them.
pub(crate) const PARTS: [&str; 4] = ["page", "count", "order", "direction"];

/// Reads a page's number.
pub(crate) fn page(text: &str) -> Result<u64, Invalid> {
    number(text, MAX_PAGE)
}

/// Reads how many records a page has.
pub(crate) fn count(text: &str) -> Result<u64, Invalid> {
    number(text, MAX_COUNT)
}

/// Reads whether the order falls.
pub(crate) fn direction(text: &str) -> Result<bool, Invalid> {
    match text.to_ascii_lowercase().as_str() {
        "" | "asc" => Ok(false),
        "desc" => Ok(true),
        _ => Err(Invalid::new(format!("{} is no direction; there are asc and desc", quoted(text)))),
    }
}

fn number(text: &str, max: u64) -> Result<u64, Invalid> {
    match text.parse::<u64>() {
        Ok(number) if (1..=max).contains(&number) && text.bytes().all(|b| b.is_ascii_digit()) => Ok(number),
        _ => Err(Invalid::new(format!("{} is not a number from 1 to {max}", quoted(text)))),
    }
}

/// The refusal of a list that is asked for in a faulty way.
pub(crate) fn faulty(faults: Vec<Fault>) -> Refusal {
    Refusal { code: Code::Invalid, ..Refusal::faulty(faults) }
}
