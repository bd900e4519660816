//! What connections send: reads, edits, adds, and a mixture.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use memchr::memmem;
use tenantry::Failure;

use super::Script;
use crate::chance::Dice;
use crate::customer::{Customer, email};
use crate::process::Server;
use crate::seed::Seeded;

/// Of so many answers, one has its body looked at; all have their status looked at.
pub(super) const CHECK_EVERY: u64 = 64;

/// What scripts call: a provider's customers on one server.
pub(crate) struct Target {
    provider: i64,
    query: String,
    pub(super) authorization: String,
    pub(super) first: i64,
    pub(super) count: u64,
    /// The next number that no customer was made from yet.
    next_new: AtomicU64,
    /// Scripts that edit made so far: their texts must differ from those of earlier windows.
    pub(super) editions: AtomicU64,
}

impl Target {
    pub(crate) fn of(seeded: &Seeded) -> Arc<Self> {
        Arc::new(Self {
            provider: seeded.provider,
            query: seeded.query.clone(),
            authorization: seeded.authorization.clone(),
            first: seeded.first,
            count: seeded.count,
            next_new: AtomicU64::new(seeded.count),
            editions: AtomicU64::new(0),
        })
    }

    /// The path and query of one customer.
    pub(crate) fn of_customer(&self, id: i64) -> String {
        format!("/user/{id}?{}", self.query)
    }

    /// The path and query of the list, with a filter.
    pub(crate) fn of_list(&self, filter: &str) -> String {
        format!("/user?{}&{filter}", self.query)
    }

    /// How many customers were made from here on.
    pub(crate) fn made(&self) -> u64 {
        self.next_new.load(Ordering::Relaxed)
    }

    fn head(&self, request: &mut Vec<u8>, method: &str, id: i64) {
        write(request, format_args!("{method} /user/{id}?{} HTTP/1.1\r\nHost: bench\r\n", self.query));
    }
}

/// Writing into memory cannot fail.
pub(super) fn write(request: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    let _written = request.write_fmt(text);
}

fn body(request: &mut Vec<u8>, body: &str) {
    write(request, format_args!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
}

pub(super) fn expect(body: &[u8], part: &str) -> Result<(), Failure> {
    if memmem::find(body, part.as_bytes()).is_some() {
        return Ok(());
    }
    Err(Failure(format!("an answer lacks {part}: {}", String::from_utf8_lossy(body))))
}

/// Customers whose addresses are asked for: no store of the bench has fewer that were made by commands.
const MADE_AT_LEAST: u64 = 2_000;

/// `GET /user/{id}` of random customers.
pub(crate) struct Reads {
    target: Arc<Target>,
    dice: Dice,
    sent: u64,
    id: i64,
    /// The bare server's answer is always the same.
    of_bare: bool,
}

impl Reads {
    /// One script for each connection.
    pub(crate) fn many(target: &Arc<Target>, connections: u64, of_bare: bool) -> Vec<Self> {
        let one = |seed| Self { target: Arc::clone(target), dice: Dice::of(seed), sent: 0, id: 0, of_bare };
        (0..connections).map(one).collect()
    }
}

impl Script for Reads {
    fn next(&mut self, request: &mut Vec<u8>) {
        self.id = self.target.first + self.dice.below(self.target.count).cast_signed();
        self.sent += 1;
        self.target.head(request, "GET", self.id);
        request.extend_from_slice(b"\r\n");
    }

    fn check(&mut self, body: &[u8]) -> Result<(), Failure> {
        if !self.sent.is_multiple_of(CHECK_EVERY) || self.of_bare {
            return Ok(());
        }
        expect(body, &format!(r#""response":{{"id":{},"type":"customer""#, self.id))
    }
}

/// `GET /user?…` that finds one random customer.
pub(crate) struct Lists {
    target: Arc<Target>,
    dice: Dice,
    /// By its number, as a word of its search text; else by its e-mail address.
    by_words: bool,
}

impl Lists {
    /// One script for each connection.
    pub(crate) fn by_email(target: &Arc<Target>, connections: u64) -> Vec<Self> {
        Self::many(target, connections, false)
    }

    /// The same, searching.
    pub(crate) fn by_words(target: &Arc<Target>, connections: u64) -> Vec<Self> {
        Self::many(target, connections, true)
    }

    fn many(target: &Arc<Target>, connections: u64, by_words: bool) -> Vec<Self> {
        (0..connections).map(|seed| Self { target: Arc::clone(target), dice: Dice::of(seed), by_words }).collect()
    }
}

impl Script for Lists {
    fn next(&mut self, request: &mut Vec<u8>) {
        let number = self.dice.below(self.target.count);
        let filter = if self.by_words {
            format!("search={}", self.target.first + number.cast_signed())
        } else {
            // The first of those that were made; copies have addresses of their own.
            format!("email={}", email(number % MADE_AT_LEAST))
        };
        write(request, format_args!("GET {} HTTP/1.1\r\nHost: bench\r\n\r\n", self.target.of_list(&filter)));
    }

    fn check(&mut self, body: &[u8]) -> Result<(), Failure> {
        expect(body, r#""total":"#)
    }
}

/// Which field an edit changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// One that search does not look into.
    State,
    /// One that search looks into, so that the index changes with it.
    Organization,
}

/// `PUT /user/{id}` of random customers, each with a value that was never there before. No two connections edit the same customer, so that the
/// last value of each is known.
pub(crate) struct Edits {
    target: Arc<Target>,
    field: Field,
    dice: Dice,
    edition: u64,
    own: u64,
    connections: u64,
    value: u64,
    id: i64,
    /// The newest edit that was answered: the customer and the text.
    newest: Option<(i64, String)>,
}

impl Edits {
    /// One script for each connection.
    pub(crate) fn many(target: &Arc<Target>, connections: u64, field: Field) -> Vec<Self> {
        let one = |own| {
            let edition = target.editions.fetch_add(1, Ordering::Relaxed);
            Self { target: Arc::clone(target), field, dice: Dice::of(edition), edition, own, connections, value: 0, id: 0, newest: None }
        };
        (0..connections).map(one).collect()
    }

    fn text(&self) -> String {
        format!("Fresh {}-{}", self.edition, self.value)
    }

    /// Reads the newest edit back.
    pub(crate) fn verify(&self, server: &Server) -> Result<(), Failure> {
        let Some((id, text)) = &self.newest else { return Ok(()) };
        let read = server.call(&self.target.of_customer(*id))?;
        let pointer = match self.field {
            Field::State => "/response/contactInfo/postalInfo/address/state",
            Field::Organization => "/response/contactInfo/postalInfo/organization",
        };
        let found = read.pointer(pointer).and_then(serde_json::Value::as_str);
        if found == Some(text) { Ok(()) } else { Err(Failure(format!("customer {id} has {found:?} where {text:?} was acknowledged"))) }
    }
}

impl Script for Edits {
    fn next(&mut self, request: &mut Vec<u8>) {
        let places = (self.target.count / self.connections).max(1);
        self.id = self.target.first + (self.dice.below(places) * self.connections + self.own).cast_signed();
        self.value += 1;
        let text = self.text();
        self.target.head(request, "PUT", self.id);
        match self.field {
            Field::State => body(request, &format!(r#"{{"contactInfo":{{"postalInfo":{{"address":{{"state":"{text}"}}}}}}}}"#)),
            Field::Organization => body(request, &format!(r#"{{"contactInfo":{{"postalInfo":{{"organization":"{text}"}}}}}}"#)),
        }
    }

    fn check(&mut self, body: &[u8]) -> Result<(), Failure> {
        self.newest = Some((self.id, self.text()));
        expect(body, r#""response":true"#)
    }
}

/// `POST /user` with a password, each a new customer.
pub(crate) struct Adds {
    target: Arc<Target>,
}

impl Adds {
    /// One script for each connection.
    pub(crate) fn many(target: &Arc<Target>, connections: u64) -> Vec<Self> {
        (0..connections).map(|_| Self { target: Arc::clone(target) }).collect()
    }
}

impl Script for Adds {
    fn next(&mut self, request: &mut Vec<u8>) {
        let number = self.target.next_new.fetch_add(1, Ordering::Relaxed);
        write(request, format_args!("POST /user?{} HTTP/1.1\r\nHost: bench\r\n", self.target.query));
        body(request, &Customer::number(number).body(self.target.provider));
    }

    fn check(&mut self, body: &[u8]) -> Result<(), Failure> {
        expect(body, r#""response":{"id":"#)
    }
}

/// Of a hundred calls: 80 reads, 15 edits (5 of them of a field that search looks into), 4 lists by e-mail address, 1 add with a password.
pub(crate) struct Mixed {
    dice: Dice,
    turn: u64,
    reads: Reads,
    edits: [Edits; 2],
    adds: Adds,
}

impl Mixed {
    /// One script for each connection.
    pub(crate) fn many(target: &Arc<Target>, connections: u64) -> Vec<Self> {
        let edits = Edits::many(target, connections, Field::State).into_iter().zip(Edits::many(target, connections, Field::Organization));
        let parts = Reads::many(target, connections, false).into_iter().zip(edits).zip(Adds::many(target, connections)).zip(0..);
        parts.map(|(((reads, edits), adds), seed)| Self { dice: Dice::of(seed), turn: 0, reads, edits: edits.into(), adds }).collect()
    }
}

impl Script for Mixed {
    fn next(&mut self, request: &mut Vec<u8>) {
        self.turn = self.dice.below(100);
        match self.turn {
            0..80 => self.reads.next(request),
            80..90 => self.edits[0].next(request),
            90..95 => self.edits[1].next(request),
            95..99 => {
                let target = &self.reads.target;
                let email = email(self.dice.below(target.count));
                write(request, format_args!("GET {} HTTP/1.1\r\nHost: bench\r\n\r\n", target.of_list(&format!("email={email}"))));
            }
            _ => self.adds.next(request),
        }
    }

    fn check(&mut self, body: &[u8]) -> Result<(), Failure> {
        match self.turn {
            0..80 => self.reads.check(body),
            80..90 => self.edits[0].check(body),
            90..95 => self.edits[1].check(body),
            95..99 => expect(body, r#""total":1,"#),
            _ => self.adds.check(body),
        }
    }
}
