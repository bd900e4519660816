//! Octets of a file as rows, as they come.

use serde_json::{Map, Value};
use tenantry_domain::{Code, Refusal};
use tenantry_exchange::{CsvFile, CsvRows, ERROR_COLUMN, FileFault, Format, Lines, Mapping, Row, neutralised};
use tenantry_http::json::{self, Tree};

use super::record::{ShownColumn, columns};

/// A row, and how it stood in the file.
pub(super) struct SourceRow {
    pub(super) row: Row,
    pub(super) raw: Raw,
}

/// A row as it stood in the file.
pub(super) enum Raw {
    Cells(Vec<Vec<u8>>),
    Line(Vec<u8>),
}

/// Reads a file.
pub(super) struct Source {
    format: Format,
    /// What is said of columns.
    set: Vec<(String, Option<String>)>,
    rows: Rows,
    header: Vec<String>,
    mapping: Option<Mapping>,
}

enum Rows {
    Csv(Box<CsvRows>),
    Lines(Lines),
}

impl Source {
    pub(super) fn new(format: Format, set: Vec<(String, Option<String>)>) -> Self {
        let rows = if format.is_csv() { Rows::Csv(Box::default()) } else { Rows::Lines(Lines::default()) };
        Self { format, set, rows, header: Vec::new(), mapping: None }
    }

    pub(super) fn put(&mut self, octets: &[u8]) {
        match &mut self.rows {
            Rows::Csv(rows) => rows.put(octets),
            Rows::Lines(lines) => lines.put(octets),
        }
    }

    pub(super) fn finish(&mut self) {
        match &mut self.rows {
            Rows::Csv(rows) => rows.finish(),
            Rows::Lines(lines) => lines.finish(),
        }
    }

    /// The next row, when it is whole.
    pub(super) fn next_row(&mut self) -> Result<Option<SourceRow>, Refusal> {
        match &mut self.rows {
            Rows::Csv(rows) => loop {
                let Some(cells) = rows.next_row().map_err(|fault| refused(&fault))? else { return Ok(None) };
                if let Some(mapping) = &self.mapping {
                    let row = mapping.row(&cells);
                    return Ok(Some(SourceRow { row, raw: Raw::Cells(cells) }));
                }
                self.header = cells.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect();
                self.mapping = Some(Mapping::guess(&self.header, self.format, &self.set).map_err(|fault| refused(&fault))?);
            },
            Rows::Lines(lines) => {
                let Some(line) = lines.next_line().map_err(|fault| refused(&fault))? else { return Ok(None) };
                let row = self.of_line(&line)?;
                Ok(Some(SourceRow { row, raw: Raw::Line(line) }))
            }
        }
    }

    fn of_line(&mut self, line: &[u8]) -> Result<Row, Refusal> {
        let members = match json::read(line) {
            Ok(Tree::Object(members)) => members.into_iter().map(|(name, value)| (name, value.into())).collect::<Map<String, Value>>(),
            Ok(_) => return Ok(faulty("a line is a JSON object")),
            Err(fault) => return Ok(faulty(&format!("this line is not JSON that can be read: {}", fault.message))),
        };
        if self.format == Format::Jsonl {
            return Ok(Row::of_record(members));
        }
        let (row, mapping) = Row::of_object(&Value::Object(members), self.format, &self.set).map_err(|fault| refused(&fault))?;
        self.mapping.get_or_insert(mapping);
        Ok(row)
    }

    /// Whether the names of the columns were read, where there are such.
    pub(super) const fn has_begun(&self) -> bool {
        self.mapping.is_some() || !self.format.is_csv()
    }

    /// What the columns were taken for.
    pub(super) fn columns(&self) -> Vec<ShownColumn> {
        self.mapping.as_ref().map(columns).unwrap_or_default()
    }

    /// The first line of a file of faulty rows.
    pub(super) fn faulty_header(&self) -> Vec<u8> {
        let mut file = CsvFile::default();
        if self.format.is_csv() {
            let names = self.header.iter().map(String::as_str).filter(|name| *name != ERROR_COLUMN);
            file.row(names.chain([ERROR_COLUMN]).map(|name| neutralised(name.to_owned())));
        }
        file.take()
    }

    /// A faulty row as it was, with what is wrong.
    pub(super) fn faulty_row(&self, raw: &Raw, message: &str) -> Vec<u8> {
        match raw {
            Raw::Cells(cells) => {
                let mut file = CsvFile::default();
                let mut texts: Vec<String> = Vec::with_capacity(cells.len() + 1);
                // As many cells as there are columns, so that what is wrong stands in its own.
                for (index, _) in self.header.iter().enumerate().filter(|(_, name)| *name != ERROR_COLUMN) {
                    texts.push(cells.get(index).map(|cell| String::from_utf8_lossy(cell).into_owned()).unwrap_or_default());
                }
                texts.push(neutralised(message.to_owned()));
                file.row(texts);
                file.take()
            }
            Raw::Line(line) => with_error(line, message),
        }
    }
}

/// A line with what is wrong as a further member; one that is no object stays as it is.
fn with_error(line: &[u8], message: &str) -> Vec<u8> {
    let mut line = match serde_json::from_slice::<Value>(line) {
        Ok(Value::Object(mut members)) => {
            members.insert(ERROR_COLUMN.to_owned(), message.into());
            Value::Object(members).to_string().into_bytes()
        }
        _ => line.to_vec(),
    };
    line.push(b'\n');
    line
}

fn faulty(message: &str) -> Row {
    Row { faults: vec![(String::new(), message.to_owned())], ..Row::default() }
}

/// A file that cannot be read on.
fn refused(fault: &FileFault) -> Refusal {
    Refusal::new(Code::Malformed, ["The file cannot be read: ", &fault.0].concat())
}
