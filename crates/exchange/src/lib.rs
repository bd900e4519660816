//! Files of customers: octets to rows, and rows to octets. No I/O and no rules: what a row may say is read by the face, as a body of a call is.

mod cell;
mod csv;
mod fields;
mod flat;
pub mod limits;
mod lines;
mod mapping;
mod write;

pub use cell::{neutralised, restored};
pub use csv::CsvRows;
pub use fields::{ERROR_COLUMN, Format};
pub use flat::flattened;
pub use lines::Lines;
pub use mapping::{Column, Mapping, Row};
pub use write::{CsvFile, EXPORTED};

use std::fmt;

/// What is wrong with a file, so that it cannot be read on: a sentence for whoever sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault(pub String);

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FileFault {}
