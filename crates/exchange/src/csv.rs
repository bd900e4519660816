//! CSV, read as it comes: octets are put in, rows are taken out.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use crate::FileFault;
use crate::limits::{COLUMNS_MAX, ROW_MAX_OCTETS};

/// What separates cells: the one of these that the first line has most of.
const SEPARATORS: [u8; 3] = *b",;\t";
/// What some programs write before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads rows of cells.
pub struct CsvRows {
    /// `None` until the first line is here, which says what separates cells.
    reader: Option<Reader>,
    /// What was put in and not read yet.
    waiting: Vec<u8>,
    read: usize,
    /// The row on the way.
    octets: Vec<u8>,
    filled: usize,
    ends: Vec<usize>,
    ended: usize,
    rows: u64,
    finished: bool,
}

impl Default for CsvRows {
    fn default() -> Self {
        Self {
            reader: None,
            waiting: Vec::new(),
            read: 0,
            octets: vec![0; ROW_MAX_OCTETS],
            filled: 0,
            ends: vec![0; COLUMNS_MAX + 1],
            ended: 0,
            rows: 0,
            finished: false,
        }
    }
}

impl CsvRows {
    /// Takes in what came.
    pub fn put(&mut self, octets: &[u8]) {
        self.waiting.drain(..std::mem::take(&mut self.read));
        self.waiting.extend_from_slice(octets);
    }

    /// Nothing more comes.
    pub const fn finish(&mut self) {
        self.finished = true;
    }

    /// The next row, when it is whole.
    ///
    /// # Errors
    /// The row is over a limit.
    pub fn next_row(&mut self) -> Result<Option<Vec<Vec<u8>>>, FileFault> {
        if self.reader.is_none() && !self.begin()? {
            return Ok(None);
        }
        let Some(reader) = &mut self.reader else { return Ok(None) };
        loop {
            let input = &self.waiting[self.read..];
            if input.is_empty() && !self.finished {
                return Ok(None);
            }
            let (result, read, written, ends) = reader.read_record(input, &mut self.octets[self.filled..], &mut self.ends[self.ended..]);
            self.read += read;
            self.filled += written;
            self.ended += ends;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => {
                    let row = self.rows + 1;
                    let limit = ROW_MAX_OCTETS / 1024;
                    return Err(FileFault(format!("row {row} has more than {limit} KiB; is a quotation mark left open before it?")));
                }
                ReadRecordResult::OutputEndsFull => {
                    return Err(FileFault(format!("row {} has more than {COLUMNS_MAX} cells", self.rows + 1)));
                }
                ReadRecordResult::Record => {
                    self.rows += 1;
                    return Ok(Some(self.take()));
                }
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    /// Looks at the first line, when it is here.
    fn begin(&mut self) -> Result<bool, FileFault> {
        let line_end = self.waiting.iter().position(|octet| matches!(octet, b'\n' | b'\r'));
        if line_end.is_none() && !self.finished {
            if self.waiting.len() > ROW_MAX_OCTETS {
                return Err(FileFault(format!("the first line has more than {} KiB; it should name the columns", ROW_MAX_OCTETS / 1024)));
            }
            return Ok(false);
        }
        if self.waiting.starts_with(BYTE_ORDER_MARK) {
            self.read = BYTE_ORDER_MARK.len();
        }
        let line = &self.waiting[..line_end.unwrap_or(self.waiting.len())];
        let count = |separator: &u8| line.iter().filter(|octet| *octet == separator).count();
        // Of several alike the last is taken: the comma comes last.
        let separator = SEPARATORS.into_iter().rev().max_by_key(count).unwrap_or(b',');
        self.reader = Some(ReaderBuilder::new().delimiter(separator).build());
        Ok(true)
    }

    fn take(&mut self) -> Vec<Vec<u8>> {
        let mut start = 0;
        let cells = self.ends[..self.ended].iter().map(|end| self.octets[std::mem::replace(&mut start, *end)..*end].to_vec()).collect();
        (self.filled, self.ended) = (0, 0);
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[u8], piece: usize) -> Vec<Vec<String>> {
        let (mut csv, mut all) = (CsvRows::default(), Vec::new());
        let mut take = |csv: &mut CsvRows| {
            while let Some(row) = csv.next_row().unwrap() {
                all.push(row.into_iter().map(|cell| String::from_utf8(cell).unwrap()).collect());
            }
        };
        for octets in text.chunks(piece) {
            csv.put(octets);
            take(&mut csv);
        }
        csv.finish();
        take(&mut csv);
        all
    }

    #[test]
    fn rows_are_the_same_however_they_come() {
        let text = b"\xef\xbb\xbfname;note\r\n\"a;b\";\"two\nlines \"\"quoted\"\"\"\r\n\r\nlast;";
        let whole = rows(text, text.len());
        assert_eq!(whole, [vec!["name", "note"], vec!["a;b", "two\nlines \"quoted\""], vec!["last", ""]]);
        for piece in 1..20 {
            assert_eq!(rows(text, piece), whole, "in pieces of {piece}");
        }
    }

    #[test]
    fn separators_are_guessed() {
        for text in ["a,b\n1,2\n", "a;b\n1;2\n", "a\tb\n1\t2"] {
            assert_eq!(rows(text.as_bytes(), 3), [["a", "b"], ["1", "2"]], "{text:?}");
        }
        assert_eq!(rows(b"email\na@example.org\n", 1), [["email"], ["a@example.org"]]);
        assert!(rows(b"", 1).is_empty());
    }

    #[test]
    fn limits_hold() {
        let mut csv = CsvRows::default();
        csv.put(b"a,b\n\"");
        csv.put(&vec![b'x'; ROW_MAX_OCTETS + 1]);
        assert_eq!(csv.next_row().unwrap().unwrap().len(), 2);
        assert!(csv.next_row().unwrap_err().0.contains("row 2"));
        let mut csv = CsvRows::default();
        csv.put(&[b",".repeat(COLUMNS_MAX + 1), b"\n".to_vec()].concat());
        assert!(csv.next_row().unwrap_err().0.contains("cells"));
    }
}
