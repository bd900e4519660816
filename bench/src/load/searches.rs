//! Searches and pages over `/v1`, as people in an office ask: by a part of a name, an address, a number.

use std::sync::Arc;

use base64ct::{Base64UrlUnpadded, Encoding};
use tenantry::Failure;

use super::Script;
use super::scripts::{Target, expect, write};
use crate::chance::Dice;
use crate::customer::{Customer, email};

/// Records on a page.
const PAGE: u64 = 50;
/// Characters of the shortest word that is found by trigrams.
const TRIGRAM: u64 = 3;
/// Characters of the longest piece of a name that is typed.
const TYPED_MAX: u64 = 8;
/// The page that stands deep in a list.
const DEEP: u64 = 1_000;
/// A word that stands in every customer: in its e-mail address.
const EVERYWHERE: &str = "example";

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Names or the beginnings of names, of three characters and more; every third time two of them.
    Names,
    /// The first one or two characters of a name.
    Initials,
    /// An e-mail address, or what stands before its @.
    Emails,
    /// A phone's number, or its last digits.
    Digits,
    /// The caller's own id of a customer.
    ExternalIds,
    /// The first page of all, or of what a common word finds.
    FirstPage,
    /// The thousandth page of the same, by its cursor.
    DeepPage,
}

impl Asked {
    /// What the table calls it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Names => "words of 3 and more characters",
            Self::Initials => "words of 1 and 2 characters",
            Self::Emails => "e-mail addresses",
            Self::Digits => "digits of phones",
            Self::ExternalIds => "external ids",
            Self::FirstPage => "page 1",
            Self::DeepPage => "page 1,000",
        }
    }
}

/// `GET /v1/customers` with a search.
pub(crate) struct Searches {
    target: Arc<Target>,
    dice: Dice,
    asked: Asked,
    /// How many customers were made from numbers; the others are copies of those.
    made: u64,
}

impl Searches {
    /// One script for each connection.
    pub(crate) fn many(target: &Arc<Target>, connections: u64, asked: Asked, made: u64) -> Vec<Self> {
        (0..connections).map(|seed| Self { target: Arc::clone(target), dice: Dice::of(seed), asked, made }).collect()
    }

    /// The query of the next request.
    fn query(&mut self) -> String {
        let number = self.dice.below(self.made);
        let customer = Customer::number(number);
        match self.asked {
            Asked::Names => {
                let first = self.piece(&customer, TRIGRAM, TYPED_MAX);
                let second = if self.dice.below(3) == 0 { self.piece(&customer, TRIGRAM, TYPED_MAX) } else { String::new() };
                search(format!("{first} {second}").trim())
            }
            Asked::Initials => search(&self.piece(&customer, 1, TRIGRAM - 1)),
            Asked::Emails => {
                let email = email(number);
                let local = email.split('@').next().unwrap_or_default();
                search(if self.dice.below(2) == 0 { &email } else { local })
            }
            Asked::Digits => {
                let number = customer.voice();
                let digits: String = number.chars().filter(char::is_ascii_digit).collect();
                // As people know it: whole, or without the country and sometimes the first digits of the area.
                let cut = usize::try_from(self.dice.below(5)).unwrap_or(0);
                search(if cut == 0 { &number } else { digits.get(cut..).unwrap_or(&digits) })
            }
            Asked::ExternalIds => search(&customer.external_id()),
            Asked::FirstPage => self.page(0),
            Asked::DeepPage => self.page(DEEP - 1),
        }
    }

    /// A page of all, and of what a word finds that stands everywhere; each every second time.
    fn page(&mut self, pages_before: u64) -> String {
        let last_before = self.target.first + (pages_before.min(self.target.count / PAGE - 1) * PAGE).cast_signed() - 1;
        let cursor = match pages_before {
            0 => String::new(),
            _ => format!("&cursor={}", Base64UrlUnpadded::encode_string(format!("1:{last_before}").as_bytes())),
        };
        let found = if self.dice.below(2) == 0 { String::new() } else { search(EVERYWHERE) };
        format!("{found}{cursor}")
    }

    /// A piece of one of a customer's names from its beginning, of so many characters where the name has them.
    fn piece(&mut self, customer: &Customer, least: u64, most: u64) -> String {
        let names: Vec<&str> = customer.words().filter(|word| word.chars().count() as u64 >= least).collect();
        let chosen = usize::try_from(self.dice.below(names.len() as u64)).unwrap_or(0);
        let length = usize::try_from(least + self.dice.below(most - least + 1)).unwrap_or(1);
        names.get(chosen).unwrap_or(&EVERYWHERE).chars().take(length).collect()
    }
}

/// A text as the value of `search`.
fn search(text: &str) -> String {
    let mut query = "&search=".to_owned();
    for octet in text.bytes() {
        match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => query.push(char::from(octet)),
            other => query.push_str(&format!("%{other:02X}")),
        }
    }
    query
}

impl Script for Searches {
    fn next(&mut self, request: &mut Vec<u8>) {
        let query = self.query();
        let head = format_args!("GET /v1/customers?limit={PAGE}{query} HTTP/1.1\r\nHost: bench\r\n").to_string();
        write(request, format_args!("{head}Authorization: {}\r\n\r\n", self.target.authorization));
    }

    fn check(&mut self, body: &[u8]) -> Result<(), Failure> {
        // Everything that is asked for was taken from a customer: something is found.
        expect(body, r#"{"customers":[{"id":"#)
    }
}
