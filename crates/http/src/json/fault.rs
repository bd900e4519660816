//! What is wrong with a text that should be JSON, and where.

use std::fmt;

/// What kind of fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonFaultKind {
    /// Not JSON (RFC 8259).
    Syntax,
    /// A name that stands twice in one object: two readers could take different ones.
    Duplicate,
    /// Nested too deep.
    TooDeep,
    /// Too many values.
    TooMany,
}

/// Why a text was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonFault {
    /// The field in which the fault lies (`a.b[0]`); empty at the top.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong, in words; never holds a value of the text.
    pub message: String,
    /// What kind of fault it is.
    pub kind: JsonFaultKind,
}

impl fmt::Display for JsonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {}, column {}", self.message, self.line, self.column)
    }
}

impl std::error::Error for JsonFault {}
