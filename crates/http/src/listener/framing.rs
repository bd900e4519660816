//! Where an incoming octet stands: in a request's head, in its body, or between requests. hyper takes a line of a head that ends in a bare LF; two
//! readers that disagree about line ends can be made to see different requests, so such a head is spoiled here for hyper to refuse.

use memchr::memchr;

/// The longest line that is kept when it comes in pieces; hyper refuses longer heads.
const MAX_LINE: usize = 64 * 1024;

/// Where the next octet stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Before the first octet of a request.
    Between,
    /// In a head.
    Head,
    /// In a body of known length, with this much to come.
    Body(u64),
    /// In the line before a chunk.
    ChunkSize,
    /// In a chunk, with this much to come, its line end included.
    Chunk(u64),
    /// In the lines after the last chunk.
    Trailers,
    /// After something that hyper refuses: nothing is followed any more.
    Lost,
}

/// Follows the octets of one connection.
pub(super) struct Framing {
    place: Place,
    /// The beginning of a line that came in pieces.
    line: Vec<u8>,
    content_length: Option<u64>,
    chunked: bool,
}

impl Framing {
    pub(super) const fn new() -> Self {
        Self { place: Place::Between, line: Vec::new(), content_length: None, chunked: false }
    }

    pub(super) const fn place(&self) -> Place {
        self.place
    }

    /// Follows what came, and puts a NUL, which hyper refuses, in place of a bare LF in a head. Gives how many requests became whole.
    pub(super) fn follow(&mut self, octets: &mut [u8]) -> usize {
        let (mut at, mut whole) = (0, 0);
        while at < octets.len() {
            match self.place {
                Place::Lost => return whole,
                Place::Body(left) => at += self.pass(left, octets.len() - at, Place::Body, Place::Between, &mut whole),
                Place::Chunk(left) => at += self.pass(left, octets.len() - at, Place::Chunk, Place::ChunkSize, &mut whole),
                Place::Between | Place::Head | Place::ChunkSize | Place::Trailers => {
                    let Some(end) = memchr(b'\n', &octets[at..]).map(|n| at + n) else {
                        self.keep(&octets[at..]);
                        return whole;
                    };
                    let bare = match end.checked_sub(1).filter(|before| *before >= at) {
                        Some(before) => octets[before] != b'\r',
                        None => self.line.last() != Some(&b'\r'),
                    };
                    if bare && matches!(self.place, Place::Between | Place::Head) {
                        octets[end] = 0;
                        self.place = Place::Lost;
                        return whole;
                    }
                    whole += self.end_line(&octets[at..end]);
                    at = end + 1;
                }
            }
        }
        whole
    }

    /// Passes over a body or a chunk.
    fn pass(&mut self, left: u64, here: usize, on: fn(u64) -> Place, then: Place, whole: &mut usize) -> usize {
        let here_u64 = here as u64;
        if here_u64 < left {
            self.place = on(left - here_u64);
            return here;
        }
        self.place = then;
        *whole += usize::from(then == Place::Between);
        // It fits: it is at most `here`.
        usize::try_from(left).unwrap_or(here)
    }

    fn keep(&mut self, piece: &[u8]) {
        if self.place == Place::Between {
            self.place = Place::Head;
        }
        if self.line.len() + piece.len() > MAX_LINE {
            self.place = Place::Lost;
        } else {
            self.line.extend_from_slice(piece);
        }
    }

    /// Takes a whole line in, without its LF.
    fn end_line(&mut self, rest: &[u8]) -> usize {
        let kept = std::mem::take(&mut self.line);
        let line = if kept.is_empty() { rest.trim_ascii_end() } else { &[&kept, rest].concat() };
        let line = line.trim_ascii_end();
        match self.place {
            // Empty lines before a request are passed over (RFC 9112 section 2.2).
            Place::Between if line.is_empty() => 0,
            Place::Between => {
                self.place = Place::Head;
                0
            }
            Place::Head if line.is_empty() => self.end_head(),
            Place::Head => {
                self.header(line);
                0
            }
            Place::ChunkSize => {
                self.place = chunk(line);
                0
            }
            Place::Trailers if line.is_empty() => {
                self.place = Place::Between;
                1
            }
            _ => 0,
        }
    }

    fn header(&mut self, line: &[u8]) {
        // Few headers begin so; the rest cost one comparison.
        if !matches!(line.first(), Some(b'c' | b'C' | b't' | b'T')) {
            return;
        }
        let Some(colon) = memchr(b':', line) else { return };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"content-length") {
            self.content_length = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
            if self.content_length.is_none() {
                self.place = Place::Lost;
            }
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.chunked = true;
        }
    }

    fn end_head(&mut self) -> usize {
        let (length, chunked) = (self.content_length.take(), std::mem::take(&mut self.chunked));
        self.place = match (chunked, length) {
            (true, None) => Place::ChunkSize,
            // Both at once: hyper takes the chunks and closes the connection.
            (true, Some(_)) => Place::Lost,
            (false, Some(left)) if left > 0 => Place::Body(left),
            (false, _) => Place::Between,
        };
        usize::from(self.place == Place::Between)
    }
}

/// What follows the line before a chunk.
fn chunk(line: &[u8]) -> Place {
    let digits = line.split(|b| *b == b';').next().unwrap_or_default().trim_ascii();
    match std::str::from_utf8(digits).ok().and_then(|text| u64::from_str_radix(text, 16).ok()) {
        Some(0) => Place::Trailers,
        // With the line end after it.
        Some(size) => size.checked_add(2).map_or(Place::Lost, Place::Chunk),
        None => Place::Lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Follows the octets in pieces of every size; gives the requests that became whole and whether a head was spoiled.
    fn follow(text: &str) -> (usize, bool) {
        let mut results = (1..=text.len()).map(|size| {
            let mut framing = Framing::new();
            let mut octets = text.as_bytes().to_vec();
            let whole = octets.chunks_mut(size).map(|piece| framing.follow(piece)).sum();
            (whole, octets.contains(&0))
        });
        let first = results.next().unwrap();
        assert!(results.all(|result| result == first), "the pieces' size matters: {text:?}");
        first
    }

    #[test]
    fn requests_are_told_apart() {
        let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        let post = "POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 4\r\n\r\na\nb\n";
        let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\na\nb\r\n0\r\nT: x\r\n\r\n";
        assert_eq!(follow(get), (1, false));
        assert_eq!(follow(post), (1, false));
        assert_eq!(follow(chunked), (1, false));
        assert_eq!(follow(&[get, post, "\r\n", chunked, get].concat()), (4, false));
        assert_eq!(follow(&post[..post.len() - 1]), (0, false));
    }

    #[test]
    fn a_bare_lf_in_a_head_is_spoiled() {
        assert_eq!(follow("GET / HTTP/1.1\nHost: a\r\n\r\n"), (0, true));
        assert_eq!(follow("GET / HTTP/1.1\r\nHost: a\n\r\n"), (0, true));
        assert_eq!(follow("GET / HTTP/1.1\r\nHost: a\r\n\n"), (0, true));
        assert_eq!(follow("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n\nGET / HTTP/1.1\nHost: a\r\n\r\n"), (1, true));
    }
}
