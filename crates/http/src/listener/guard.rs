//! A connection under guard: its request heads are followed, and it is closed when a head, a body, the next request or the taking of an answer
//! takes too long.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::Limits;
use super::framing::{Framing, Place};

/// A guarded connection.
///
/// There is one timer, and it is set only when there is nothing to read or no room to write. It is not moved for each request: when it fires before
/// its time has come, it is set anew.
pub(super) struct Guarded<S> {
    stream: S,
    limits: Limits,
    framing: Framing,
    /// Requests that are whole and have no answer yet: while there is one, the client is not the slow party.
    unanswered: usize,
    /// When what the client is doing now began.
    since: Instant,
    stalled_since: Option<Instant>,
    timer: Pin<Box<Sleep>>,
}

impl<S> Guarded<S> {
    pub(super) fn new(stream: S, limits: Limits) -> Self {
        let now = Instant::now();
        let timer = Box::pin(sleep_until(now + limits.header_timeout));
        Self { stream, limits, framing: Framing::new(), unanswered: 0, since: now, stalled_since: None, timer }
    }

    /// When the present state has lasted too long; `None` while it is the server's turn.
    fn read_deadline(&self) -> Option<Instant> {
        let limit = match self.framing.place() {
            Place::Between if self.unanswered > 0 => return None,
            Place::Between => self.limits.idle_timeout,
            Place::Head | Place::Lost => self.limits.header_timeout,
            Place::Body(_) | Place::ChunkSize | Place::Chunk(_) | Place::Trailers => self.limits.body_timeout,
        };
        Some(self.since + limit)
    }

    /// Takes in what was read.
    fn follow(&mut self, octets: &mut [u8]) {
        let before = self.framing.place();
        self.unanswered += self.framing.follow(octets);
        let after = self.framing.place();
        if std::mem::discriminant(&before) != std::mem::discriminant(&after) && !(is_body(before) && is_body(after)) {
            self.since = Instant::now();
        }
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

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let filled = buffer.filled().len();
        match Pin::new(&mut this.stream).poll_read(context, buffer) {
            Poll::Ready(Ok(())) => {
                this.follow(&mut buffer.filled_mut()[filled..]);
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let Some(deadline) = this.read_deadline() else { return Poll::Pending };
                this.poll_deadline(deadline, context).map(|()| Err(too_slow()))
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> Guarded<S> {
    /// Takes in how a write went: an answer is on its way, or the client does not take it.
    fn written(&mut self, poll: Poll<io::Result<usize>>, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match poll {
            Poll::Ready(result) => {
                self.stalled_since = None;
                self.unanswered = self.unanswered.saturating_sub(1);
                self.since = Instant::now();
                Poll::Ready(result)
            }
            Poll::Pending => {
                let since = *self.stalled_since.get_or_insert_with(Instant::now);
                let deadline = since + self.limits.write_timeout;
                self.poll_deadline(deadline, context).map(|()| Err(too_slow()))
            }
        }
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

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
