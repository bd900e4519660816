//! What is sent: nothing, octets at hand, a file, or what a reader gives.

use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::{Frame, SizeHint};
use tokio::io::{AsyncRead, ReadBuf};

use crate::Fault;

/// How much of a stream is read at a time: what makes a system call cheap beside the copying.
const CHUNK_BYTES: usize = 64 * 1024;

/// A body as hyper takes it.
pub(crate) type Outgoing = http_body_util::combinators::BoxBody<Bytes, io::Error>;

/// A body. A file or a reader is sent as it is read, so that memory does not grow with it.
#[derive(Default)]
pub enum Body {
    /// None.
    #[default]
    Nothing,
    /// Octets at hand.
    Octets(Bytes),
    /// A file; it is opened anew when the request is sent again.
    File(PathBuf),
    /// What a reader gives, once. With a length it is announced; without, it goes in chunks.
    Reader(Box<dyn AsyncRead + Send + Sync + Unpin>, Option<u64>),
}

impl Body {
    /// The body for one try, and what is left for the next. `None` where a reader has been read already.
    pub(crate) async fn take(&mut self) -> Result<Option<Outgoing>, Fault> {
        Ok(Some(match self {
            Self::Nothing => Empty::new().map_err(|never| match never {}).boxed(),
            Self::Octets(octets) => Full::new(octets.clone()).map_err(|never| match never {}).boxed(),
            Self::File(path) => {
                let of_file = |error: io::Error| Fault::of_file(path, &error);
                let file = tokio::fs::File::open(&*path).await.map_err(of_file)?;
                let meta = file.metadata().await.map_err(of_file)?;
                // The length of a pipe is not known before its end.
                let length = meta.is_file().then_some(meta.len());
                Streamed::new(Box::new(file), length).boxed()
            }
            Self::Reader(..) => {
                let Self::Reader(reader, length) = std::mem::take(self) else { return Ok(None) };
                *self = Self::Reader(Box::new(Spent), length);
                Streamed::new(reader, length).boxed()
            }
        }))
    }

    /// Whether it can be sent a second time.
    pub(crate) fn is_repeatable(&self) -> bool {
        !matches!(self, Self::Reader(..))
    }
}

/// What is left of a reader that was read.
struct Spent;

impl AsyncRead for Spent {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::Error::other("this was read already")))
    }
}

/// A reader as a body.
struct Streamed {
    reader: Box<dyn AsyncRead + Send + Sync + Unpin>,
    /// How much is to come, where that was announced.
    left: Option<u64>,
    buffer: Vec<u8>,
}

impl Streamed {
    fn new(reader: Box<dyn AsyncRead + Send + Sync + Unpin>, left: Option<u64>) -> Self {
        Self { reader, left, buffer: vec![0; CHUNK_BYTES] }
    }
}

impl hyper::body::Body for Streamed {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let Self { reader, left, buffer } = self.get_mut();
        // A file that grows while it is sent is sent as long as it was.
        let most = left.map_or(CHUNK_BYTES, |left| usize::try_from(left).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES));
        if most == 0 {
            return Poll::Ready(None);
        }
        let mut read = ReadBuf::new(&mut buffer[..most]);
        ready!(Pin::new(reader).poll_read(context, &mut read))?;
        let octets = read.filled();
        if octets.is_empty() {
            let too_short = || Err(io::Error::other("what is sent became shorter while it was read"));
            return Poll::Ready(left.is_some().then(too_short));
        }
        if let Some(left) = left {
            *left = left.saturating_sub(octets.len() as u64);
        }
        Poll::Ready(Some(Ok(Frame::data(Bytes::copy_from_slice(octets)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sent(body: &mut Body) -> io::Result<Bytes> {
        let outgoing = body.take().await.map_err(|fault| io::Error::other(fault.to_string()))?;
        Ok(outgoing.unwrap().collect().await?.to_bytes())
    }

    #[tokio::test]
    async fn a_reader_is_sent_once_and_a_file_again() {
        let text = "x".repeat(3 * CHUNK_BYTES + 1);
        let mut once = Body::Reader(Box::new(io::Cursor::new(text.clone())), None);
        assert_eq!(sent(&mut once).await.unwrap(), text);
        assert!(!once.is_repeatable() && sent(&mut once).await.is_err());
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, &text).unwrap();
        let mut file = Body::File(path);
        for _ in 0..2 {
            assert_eq!(sent(&mut file).await.unwrap(), text);
        }
    }

    #[tokio::test]
    async fn what_was_announced_is_sent_or_fails() {
        let mut longer = Body::Reader(Box::new(io::Cursor::new("12345")), Some(3));
        assert_eq!(sent(&mut longer).await.unwrap(), "123");
        let mut shorter = Body::Reader(Box::new(io::Cursor::new("12")), Some(3));
        assert!(sent(&mut shorter).await.is_err());
    }
}
