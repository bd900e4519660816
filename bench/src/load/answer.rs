//! Reading an answer: its status and its length, no more.

use memchr::memmem;
use tenantry::Failure;

/// An answer that is there whole.
pub(super) struct Answer<'a> {
    pub(super) status: u16,
    pub(super) body: &'a [u8],
}

/// The answer, once all of it has come. Answers without `Content-Length` are a fault: neither server sends any.
pub(super) fn parse(octets: &[u8]) -> Result<Option<Answer<'_>>, Failure> {
    let Some(end) = memmem::find(octets, b"\r\n\r\n") else { return Ok(None) };
    let (head, body) = (&octets[..end], &octets[end + 4..]);
    let fault = || Failure(format!("an answer that is no HTTP: {}", String::from_utf8_lossy(head)));
    let status = head.get(9..12).and_then(number).ok_or_else(fault)?;
    let length = content_length(head).ok_or_else(fault)?;
    match body.len() {
        // One request at a time is under way, so nothing can follow.
        more if more > length => Err(fault()),
        less if less < length => Ok(None),
        _ => Ok(Some(Answer { status: u16::try_from(status).map_err(|_| fault())?, body })),
    }
}

/// hyper writes names in lower case.
fn content_length(head: &[u8]) -> Option<usize> {
    let name = b"\r\ncontent-length: ";
    let value = &head[memmem::find(head, name)? + name.len()..];
    number(&value[..memchr::memchr(b'\r', value).unwrap_or(value.len())])
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_when_it_is_whole() {
        let whole = b"HTTP/1.1 200 OK\r\ncontent-type: a\r\ncontent-length: 4\r\nx: y\r\n\r\ntrue";
        for cut in 0..whole.len() {
            assert!(parse(&whole[..cut]).unwrap().is_none(), "{cut}");
        }
        let answer = parse(whole).unwrap().unwrap();
        assert_eq!((answer.status, answer.body), (200, &b"true"[..]));
    }

    #[test]
    fn what_follows_an_answer_is_a_fault() {
        assert!(parse(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab").is_err());
        assert!(parse(b"HTTP/1.1 200 OK\r\nx: y\r\n\r\n").is_err());
    }
}
