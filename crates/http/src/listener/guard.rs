//! A connection under guard: its request heads are followed, and it is closed when a head, a body, the next request or the taking of an answer
//! takes too long.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::Limits;
use super::framing::{Framing, Place, Refused};

/// A body that is longer than this, a file that is sent, has the time of a body for each part of this length: lines that need longer are slower than any that files
/// are sent over, and what came early buys no silence later.
const BODY_PART_OCTETS: u64 = 64 * 1024;

/// A guarded connection.
///
/// There is one timer, and it is set only when there is nothing to read or no room to write. It is not moved for each request: when it fires before
/// its time has come, it is set anew.
///
/// While a request is being answered hyper does not read (the connection may be half closed), so that no deadline of the client's runs then.
pub(super) struct Guarded<S> {
    stream: S,
    limits: Limits,
    framing: Framing,
    /// What hyper still gets of a request that is refused; when it is there, nothing more is taken from the client.
    refused: Option<&'static [u8]>,
    /// When what the client is doing now began.
    since: Instant,
    /// What came since then of a part of a body.
    body_octets: u64,
    /// When what is to go out stopped going out.
    stalled_since: Option<Instant>,
    timer: Pin<Box<Sleep>>,
}

impl<S> Guarded<S> {
    pub(super) fn new(stream: S, limits: Limits) -> Self {
        let now = Instant::now();
        let timer = Box::pin(sleep_until(now + limits.header_timeout));
        Self {
            stream,
            limits,
            framing: Framing::new(limits.max_head_bytes),
            refused: None,
            since: now,
            body_octets: 0,
            stalled_since: None,
            timer,
        }
    }

    /// When what the client is doing now has lasted too long.
    fn read_deadline(&self) -> Instant {
        let limit = match self.framing.place() {
            Place::Between => self.limits.idle_timeout,
            Place::Head | Place::Lost => self.limits.header_timeout,
            Place::Body(_) | Place::ChunkSize | Place::Chunk(_) | Place::Trailers => self.limits.body_timeout,
        };
        self.since + limit
    }

    /// Takes in what was read.
    fn follow(&mut self, octets: &[u8]) -> Option<Refused> {
        let before = self.framing.place();
        let refused = self.framing.follow(octets);
        let after = self.framing.place();
        if std::mem::discriminant(&before) != std::mem::discriminant(&after) && !(is_body(before) && is_body(after)) {
            self.since = Instant::now();
            self.body_octets = 0;
        }
        if is_body(before) || is_body(after) {
            self.body_octets += octets.len() as u64;
            if self.body_octets >= BODY_PART_OCTETS {
                self.since = Instant::now();
                self.body_octets = 0;
            }
        }
        refused
    }

    /// Waits for the deadline. Ready when it has passed.
    fn poll_deadline(&mut self, deadline: Instant, context: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.timer.deadline() > deadline || self.timer.is_elapsed() {
                self.timer.as_mut().reset(deadline);
            }
            ready!(self.timer.as_mut().poll(context));
            if Instant::now() >= deadline {
                return Poll::Ready(());
            }
        }
    }
}

const fn is_body(place: Place) -> bool {
    matches!(place, Place::Body(_) | Place::ChunkSize | Place::Chunk(_) | Place::Trailers)
}

fn too_slow() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the client took too long")
}

/// Gives what there is room for; nothing, which is the end, when nothing is left.
fn give(rest: &mut &'static [u8], buffer: &mut ReadBuf<'_>) {
    let (now, later) = rest.split_at(rest.len().min(buffer.remaining()));
    buffer.put_slice(now);
    *rest = later;
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if let Some(rest) = &mut this.refused {
            give(rest, buffer);
            return Poll::Ready(Ok(()));
        }
        let filled = buffer.filled().len();
        match Pin::new(&mut this.stream).poll_read(context, buffer) {
            Poll::Ready(Ok(())) => {
                if let Some(Refused { at, mut instead }) = this.follow(&buffer.filled()[filled..]) {
                    buffer.set_filled(filled + at);
                    give(&mut instead, buffer);
                    this.refused = Some(instead);
                }
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let deadline = this.read_deadline();
                this.poll_deadline(deadline, context).map(|()| Err(too_slow()))
            }
        }
    }
}

impl<S> Guarded<S> {
    /// Takes in how a write went.
    fn written(&mut self, poll: Poll<io::Result<usize>>, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if poll.is_ready() {
            self.since = Instant::now();
        }
        self.gone_out(poll, context)
    }

    /// Lets what goes out wait for the client only so long.
    fn gone_out<T>(&mut self, poll: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if poll.is_ready() {
            self.stalled_since = None;
            return poll;
        }
        let since = *self.stalled_since.get_or_insert_with(Instant::now);
        self.poll_deadline(since + self.limits.write_timeout, context).map(|()| Err(too_slow()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(context, octets);
        self.written(poll, context)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, pieces: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.written(poll, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    // TLS takes a write in before the client has taken it: flushing and closing can wait for the client as well.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_flush(context);
        self.gone_out(poll, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_shutdown(context);
        self.gone_out(poll, context)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// What a TLS stream is like whose client takes nothing: it takes a write in, and neither flushes nor closes.
    struct Stuck;

    impl AsyncRead for Stuck {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    impl AsyncWrite for Stuck {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(octets.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    fn limits() -> Limits {
        Limits { write_timeout: Duration::from_millis(50), ..Limits::default() }
    }

    #[tokio::test]
    async fn flushing_and_closing_wait_only_so_long() {
        let patience = Duration::from_secs(5);
        let mut guarded = Guarded::new(Stuck, limits());
        guarded.write_all(b"an answer").await.unwrap();
        let flushed = tokio::time::timeout(patience, guarded.flush()).await.expect("flushing ends");
        assert_eq!(flushed.unwrap_err().kind(), io::ErrorKind::TimedOut);
        let mut guarded = Guarded::new(Stuck, limits());
        let closed = tokio::time::timeout(patience, guarded.shutdown()).await.expect("closing ends");
        assert_eq!(closed.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn what_stands_for_a_refused_line_fits_any_buffer() {
        for size in [1, 2, 3, 100] {
            let client = tokio::io::join(&b"GET / HTTP/1.1\nHost: a\r\n\r\n"[..], tokio::io::empty());
            let mut guarded = Guarded::new(client, limits());
            let (mut all, mut piece) = (Vec::new(), vec![0; size]);
            while let Ok(length @ 1..) = guarded.read(&mut piece).await {
                all.extend_from_slice(&piece[..length]);
            }
            assert_eq!(all, b"GET / HTTP/1.1\0\r\n\r\n", "in pieces of {size}");
        }
    }
}
