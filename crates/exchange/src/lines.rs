//! JSON Lines, read as they come.

use crate::FileFault;
use crate::limits::ROW_MAX_OCTETS;

/// Reads lines.
#[derive(Default)]
pub struct Lines {
    waiting: Vec<u8>,
    read: usize,
    /// How far was looked for the end of the line.
    looked: usize,
    lines: u64,
    finished: bool,
}

impl Lines {
    /// Takes in what came.
    pub fn put(&mut self, octets: &[u8]) {
        let read = std::mem::take(&mut self.read);
        self.waiting.drain(..read);
        self.looked -= read;
        self.waiting.extend_from_slice(octets);
    }

    /// Nothing more comes.
    pub const fn finish(&mut self) {
        self.finished = true;
    }

    /// The next line that is not blank, when it is whole.
    ///
    /// # Errors
    /// The line is over the limit.
    pub fn next_line(&mut self) -> Result<Option<Vec<u8>>, FileFault> {
        loop {
            let end = self.waiting[self.looked..].iter().position(|octet| *octet == b'\n').map(|at| self.looked + at);
            let last = self.finished && self.read < self.waiting.len();
            let length = end.unwrap_or(self.waiting.len()) - self.read;
            if length > ROW_MAX_OCTETS {
                return Err(FileFault(format!("line {} has more than {} KiB", self.lines + 1, ROW_MAX_OCTETS / 1024)));
            }
            if end.is_none() && !last {
                self.looked = self.waiting.len();
                return Ok(None);
            }
            let line = self.waiting[self.read..self.read + length].trim_ascii().to_vec();
            self.read = end.map_or(self.waiting.len(), |end| end + 1);
            self.looked = self.read;
            self.lines += 1;
            if !line.is_empty() {
                return Ok(Some(line));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_the_same_however_they_come() {
        let text = b"{\"a\":1}\r\n\n{\"b\":2}\n{\"c\":3}";
        for piece in 1..text.len() {
            let (mut lines, mut all) = (Lines::default(), Vec::new());
            for octets in text.chunks(piece) {
                lines.put(octets);
                while let Some(line) = lines.next_line().unwrap() {
                    all.push(line);
                }
            }
            lines.finish();
            while let Some(line) = lines.next_line().unwrap() {
                all.push(line);
            }
            assert_eq!(all, [b"{\"a\":1}".to_vec(), b"{\"b\":2}".to_vec(), b"{\"c\":3}".to_vec()], "in pieces of {piece}");
        }
        let mut lines = Lines::default();
        lines.put(&vec![b'x'; ROW_MAX_OCTETS + 1]);
        assert!(lines.next_line().is_err());
    }
}
