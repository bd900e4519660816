//! Where an incoming octet stands: in a request's head, in its body, or between requests. hyper takes a line of a head that ends in a bare LF, and a
//! request with both `Content-Length` and `Transfer-Encoding`; two readers that disagree about either can be made to see different requests, so such
//! a request is refused here.

use memchr::memchr;

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

/// An end of a line that hyper must not see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refused {
    /// Where it is in what came.
    pub(super) at: usize,
    /// What hyper gets from there on, and refuses; after it the connection has ended.
    pub(super) instead: &'static [u8],
}

/// No head or trailer has a NUL; the empty line makes hyper look at once, also at a head that came in pieces.
const NO_HEAD: &[u8] = b"\0\r\n\r\n";
/// hyper takes a NUL in a chunk's extension, but no bare LF.
const NO_CHUNK: &[u8] = b"\n";

/// Follows the octets of one connection.
pub(super) struct Framing {
    place: Place,
    /// The beginning of a line that came in pieces.
    line: Vec<u8>,
    /// The longest line that is kept when it comes in pieces: hyper refuses heads that are longer.
    max_line: usize,
    content_length: Option<u64>,
    chunked: bool,
}

impl Framing {
    pub(super) const fn new(max_line: usize) -> Self {
        Self { place: Place::Between, line: Vec::new(), max_line, content_length: None, chunked: false }
    }

    pub(super) const fn place(&self) -> Place {
        self.place
    }

    /// Follows what came, up to an end of a line that must not be taken.
    pub(super) fn follow(&mut self, octets: &[u8]) -> Option<Refused> {
        let mut at = 0;
        while at < octets.len() {
            match self.place {
                Place::Lost => return None,
                Place::Body(left) => at += self.pass(left, octets.len() - at, Place::Body, Place::Between),
                Place::Chunk(left) => at += self.pass(left, octets.len() - at, Place::Chunk, Place::ChunkSize),
                Place::Between | Place::Head | Place::ChunkSize | Place::Trailers => {
                    let Some(end) = memchr(b'\n', &octets[at..]).map(|n| at + n) else {
                        self.keep(&octets[at..]);
                        return None;
                    };
                    if !self.end_line(&octets[at..end]) {
                        let instead = if self.place == Place::ChunkSize { NO_CHUNK } else { NO_HEAD };
                        self.place = Place::Lost;
                        return Some(Refused { at: end, instead });
                    }
                    at = end + 1;
                }
            }
        }
        None
    }

    /// Passes over a body or a chunk; gives how much of what is here belongs to it.
    fn pass(&mut self, left: u64, here: usize, on: fn(u64) -> Place, then: Place) -> usize {
        let here_u64 = here as u64;
        if here_u64 < left {
            self.place = on(left - here_u64);
            return here;
        }
        self.place = then;
        // It fits: it is at most `here`.
        usize::try_from(left).unwrap_or(here)
    }

    fn keep(&mut self, piece: &[u8]) {
        if self.line.len() + piece.len() > self.max_line {
            self.place = Place::Lost;
            return;
        }
        self.line.extend_from_slice(piece);
        // A CR alone may yet be an empty line, and those are no request's beginning.
        if self.place == Place::Between && self.line != b"\r" {
            self.place = Place::Head;
        }
    }

    /// Takes a whole line in, without its LF. `false` when hyper must not see this end of a line.
    fn end_line(&mut self, rest: &[u8]) -> bool {
        let mut kept = std::mem::take(&mut self.line);
        let line = if kept.is_empty() {
            rest
        } else {
            kept.extend_from_slice(rest);
            &kept
        };
        let Some(line) = line.strip_suffix(b"\r") else { return false };
        match self.place {
            // Empty lines before a request are passed over (RFC 9112 section 2.2).
            Place::Between if line.is_empty() => {}
            Place::Between => self.place = Place::Head,
            Place::Head if line.is_empty() => return self.end_head(),
            Place::Head => self.header(line),
            Place::ChunkSize => self.place = chunk(line),
            Place::Trailers if line.is_empty() => self.place = Place::Between,
            Place::Trailers | Place::Body(_) | Place::Chunk(_) | Place::Lost => {}
        }
        true
    }

    fn header(&mut self, line: &[u8]) {
        // Few headers begin so; the rest cost one comparison.
        if !matches!(line.first(), Some(b'c' | b'C' | b't' | b'T')) {
            return;
        }
        let Some(colon) = memchr(b':', line) else { return };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"content-length") {
            // hyper refuses what is no number, but not beside chunks; the largest number keeps it in mind.
            self.content_length = Some(std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).unwrap_or(u64::MAX));
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.chunked = true;
        }
    }

    /// Ends a head. `false` when it says in two ways where the body ends (RFC 9112 section 6.1 lets a server refuse that, and hyper does not).
    fn end_head(&mut self) -> bool {
        let (length, chunked) = (self.content_length.take(), std::mem::take(&mut self.chunked));
        self.place = match (chunked, length) {
            (true, Some(_)) => return false,
            (true, None) => Place::ChunkSize,
            (false, Some(left)) if left > 0 => Place::Body(left),
            (false, _) => Place::Between,
        };
        true
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

    const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const POST: &str = "POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 4\r\n\r\na\nb\n";
    const CHUNKED: &str = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\na\nb\r\n0\r\nT: x\r\n\r\n";
    /// What shows that the next request was seen to begin here: it is refused, nothing before it is.
    const MARK: &str = "G / HTTP/1.1\nHost: a\r\n\r\n";

    /// Follows the octets in pieces of every size; gives where it stands at the end, and which octet was refused.
    fn follow(text: &str) -> (Place, Option<usize>) {
        let mut results = (1..=text.len()).map(|size| {
            let mut framing = Framing::new(64 * 1024);
            let mut pieces = text.as_bytes().chunks(size).enumerate();
            let refused = pieces.find_map(|(index, piece)| Some(index * size + framing.follow(piece)?.at));
            (framing.place(), refused)
        });
        let first = results.next().unwrap();
        assert!(results.all(|result| result == first), "the pieces' size matters: {text:?}");
        first
    }

    #[test]
    fn requests_are_told_apart() {
        for text in [GET, POST, CHUNKED, "\r\n", &[GET, POST, "\r\n", CHUNKED, "\r\n\r\n", GET].concat()] {
            assert_eq!(follow(text), (Place::Between, None), "{text:?}");
            let refused = text.len() + MARK.find('\n').unwrap();
            assert_eq!(follow(&[text, MARK].concat()), (Place::Lost, Some(refused)), "{text:?}");
        }
        assert_eq!(follow("\r"), (Place::Between, None));
        assert_eq!(follow("G"), (Place::Head, None));
        assert_eq!(follow(&GET[..GET.len() - 1]), (Place::Head, None));
        assert_eq!(follow(&POST[..POST.len() - 1]), (Place::Body(1), None));
        assert_eq!(follow(&CHUNKED[..CHUNKED.len() - 2]), (Place::Trailers, None));
    }

    #[test]
    fn a_bare_lf_in_a_line_is_refused() {
        for text in [
            "GET / HTTP/1.1#Host: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a#\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n#",
            "#GET / HTTP/1.1\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1#a\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nT: x#\r\n",
        ] {
            let refused = text.find('#');
            assert_eq!(follow(&text.replace('#', "\n")), (Place::Lost, refused), "{text:?}");
        }
    }

    #[test]
    fn two_ways_to_say_where_a_body_ends_are_refused() {
        for (one, other) in [
            ("Content-Length: 3", "Transfer-Encoding: chunked"),
            ("tRANSFER-eNCODING: chunked", "cONTENT-lENGTH: 0"),
            ("Transfer-Encoding: chunked", "Content-Length: abc"),
        ] {
            let head = format!("POST / HTTP/1.1\r\n{one}\r\n{other}\r\n\r\n");
            assert_eq!(follow(&format!("{head}0\r\n\r\n")), (Place::Lost, Some(head.len() - 1)));
        }
    }

    #[test]
    fn a_line_without_end_is_not_kept() {
        let mut framing = Framing::new(100);
        assert!((0..1000).all(|_| framing.follow(&[b'a'; 30]).is_none()));
        assert!(framing.line.len() <= 100);
        assert_eq!(framing.place(), Place::Lost);
    }
}
