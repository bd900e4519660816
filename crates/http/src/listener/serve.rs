//! The accept loop.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use prometheus_client::metrics::gauge::Gauge;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::Limits;
use super::guard::Guarded;
use super::limits::DEFAULT_MAX_HEADERS;
pub use super::service::RequestIds;
use super::service::{Shared, answer};
use crate::metrics::Metrics;
use crate::tls::Reloading;

/// After an accept that failed for want of descriptors, the loop waits for some to come back.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What is served, and how.
pub struct Server {
    /// The routes.
    pub app: Router,
    /// The certificate; `None` for plain HTTP.
    pub tls: Option<Reloading>,
    /// What a connection may take.
    pub limits: Limits,
    /// Where requests are counted.
    pub metrics: Arc<Metrics>,
    /// What makes request ids.
    pub request_ids: RequestIds,
}

/// Serves until `shutdown` is done; then finishes the requests under way, at most for the time of grace.
pub async fn serve(listener: TcpListener, server: Server, shutdown: impl Future<Output = ()>) {
    let Server { app, tls, limits, metrics, request_ids } = server;
    let shared = Arc::new(Shared { app, metrics: Arc::clone(&metrics), request_ids });
    // A u32 is more connections than a process can have.
    let all = u32::try_from(limits.max_connections).unwrap_or(u32::MAX);
    let places = Arc::new(Semaphore::new(limits.max_connections));
    let (stop, stopped) = watch::channel(false);
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                metrics.connections_accepted.inc();
                let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                    metrics.connections_refused.inc();
                    continue;
                };
                let connection = Connection { shared: Arc::clone(&shared), limits, peer, stopped: stopped.clone(), _place: place };
                tokio::spawn(connection.run(stream, tls.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                if !is_of_one_connection(&error) {
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
    drop(listener);
    // Nobody listening means that there is no connection left.
    let _none_left = stop.send(true);
    if timeout(limits.shutdown_grace, places.acquire_many(all)).await.is_err() {
        tracing::warn!("connections were still open when the time of grace ended");
    }
}

/// Whether an accept failed because the one client went away.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused)
}

async fn asked_to_stop(stopped: &mut watch::Receiver<bool>) {
    // An error says that the server is gone, which is the same.
    let _asked_or_gone = stopped.wait_for(|stopped| *stopped).await.is_ok();
}

struct Connection {
    shared: Arc<Shared>,
    limits: Limits,
    peer: SocketAddr,
    stopped: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    async fn run(mut self, stream: TcpStream, tls: Option<Reloading>) {
        // Answers are written whole; waiting to fill a packet would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was refused");
        }
        let Some(tls) = tls else { return self.speak(stream).await };
        let handshake = timeout(self.limits.handshake_timeout, TlsAcceptor::from(tls.config()).accept(stream));
        let shaken = tokio::select! {
            shaken = handshake => shaken,
            () = asked_to_stop(&mut self.stopped) => return,
        };
        match shaken {
            Ok(Ok(stream)) => self.speak(stream).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    async fn speak(mut self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let (shared, peer) = (Arc::clone(&self.shared), self.peer);
        let _open = Open::counted(&self.shared.metrics);
        let service = service_fn(move |request| answer(Arc::clone(&shared), peer, request));
        let connection = protocol(self.limits).serve_connection(TokioIo::new(Guarded::new(stream, self.limits)), service);
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = asked_to_stop(&mut self.stopped) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

/// HTTP/1 as it is spoken here.
fn protocol(limits: Limits) -> http1::Builder {
    let mut protocol = http1::Builder::new();
    protocol
        // A client that has sent everything may close its half; its answer is still due. The guard leans on this as well.
        .half_close(true)
        // The size of hyper's buffer bounds a head only roughly.
        .max_header_size(limits.max_head_bytes)
        .max_buf_size(limits.max_head_bytes)
        // The guard has the deadlines.
        .header_read_timeout(None);
    // Saying hyper's own default aloud would make it allocate for each request.
    if limits.max_headers != DEFAULT_MAX_HEADERS {
        protocol.max_headers(limits.max_headers);
    }
    protocol
}

/// One connection in the gauge of open ones, taken out again however the connection ends.
struct Open(Gauge);

impl Open {
    fn counted(metrics: &Metrics) -> Self {
        metrics.connections_open.inc();
        Self(metrics.connections_open.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}
