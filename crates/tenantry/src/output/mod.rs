//! How records are shown: tables and cards for people, tab-separated lines for other programs, and the server's own JSON. It asks nobody anything.

mod card;
mod table;

use std::io::IsTerminal;

use serde_json::Value;
use tenantry_client::printable;

pub(crate) use card::card;

use crate::commands::{plain, say};

/// The shape of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// For people: fitted to the terminal.
    Terminal,
    /// For other programs: a header, and values between tabs.
    Tabs,
    /// The server's JSON.
    Json,
}

impl Shape {
    /// JSON where that was asked for; or else what whoever reads standard output can use.
    pub(crate) fn of(json: bool) -> Self {
        match json {
            true => Self::Json,
            false if std::io::stdout().is_terminal() => Self::Terminal,
            false => Self::Tabs,
        }
    }
}

/// Prints values, each an object, by these fields of theirs.
pub(crate) fn values(shape: Shape, columns: &[&str], values: &[Value]) {
    let cells = |value: &Value| columns.iter().map(|column| printable(&plain(&value[*column]))).collect::<Vec<_>>();
    match shape {
        Shape::Json => values.iter().for_each(|value| say(&value.to_string())),
        Shape::Tabs => {
            say(&columns.join("\t"));
            values.iter().for_each(|value| say(&cells(value).join("\t")));
        }
        Shape::Terminal => say(&table::fitted(columns, values.iter().map(cells))),
    }
}

/// Prints rows of text below a header; `with_header` is for the first page.
pub(crate) fn rows(shape: Shape, columns: &[&str], rows: impl Iterator<Item = Vec<String>>, with_header: bool) {
    let clean = rows.map(|row| row.iter().map(|cell| printable(cell)).collect::<Vec<_>>());
    if shape == Shape::Terminal {
        say(&table::fitted(columns, clean));
        return;
    }
    if with_header {
        say(&columns.join("\t"));
    }
    clean.for_each(|row| say(&row.join("\t")));
}
