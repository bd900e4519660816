//! A listener with some routes, and a client that writes octets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tenantry_http::access_log::{Client, Face, KeyPrefix, Route};
use tenantry_http::body::{self, BodyFault, MAX_BODY_BYTES};
use tenantry_http::health;
use tenantry_http::listener::{Limits, PeerAddress, Server, serve};
use tenantry_http::metrics::Metrics;
use tenantry_http::request_id::RequestId;
use tenantry_http::tls::Reloading;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

/// How long a test waits for what must come: far above every limit below.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// How long the slow route takes: longer than every limit of `short()`.
pub(crate) const SLOW: Duration = Duration::from_millis(2200);
/// The octets of the large answer: more than the sockets between two ends hold.
pub(crate) const LARGE: usize = 32 * 1024 * 1024;

pub(crate) const GET: &str = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
pub(crate) const GET_AND_CLOSE: &str = "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/// Limits that a test can wait for; they are so far apart that the time a connection took shows which of them ended it.
pub(crate) fn short() -> Limits {
    Limits {
        header_timeout: Duration::from_millis(300),
        body_timeout: Duration::from_millis(900),
        idle_timeout: Duration::from_millis(1600),
        write_timeout: Duration::from_millis(500),
        handshake_timeout: Duration::from_millis(300),
        ..Limits::default()
    }
}

/// A running listener.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) metrics: Arc<Metrics>,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Site {
    pub(crate) async fn start(limits: Limits) -> Self {
        Self::with(limits, None).await
    }

    pub(crate) async fn with(limits: Limits, tls: Option<Reloading>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let metrics = Metrics::new();
        let count = AtomicU64::new(1);
        let request_ids = Arc::new(move || RequestId(uuid::Uuid::from_u64_pair(0, count.fetch_add(1, Ordering::Relaxed))));
        let server = Server { app: routes(&metrics), tls, limits, metrics: Arc::clone(&metrics), request_ids };
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(serve(listener, server, async move {
            // A test that drops the site stops it too.
            let _told_or_gone = stopped.await;
        }));
        Self { address, metrics, stop, server }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends octets and gives everything that comes until the server closes.
    pub(crate) async fn talk(&self, octets: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        stream.write_all(octets.as_ref()).await.unwrap();
        to_the_end(&mut stream).await
    }

    /// Stops; gives how long that took.
    pub(crate) async fn stop(self) -> Duration {
        let begun = Instant::now();
        self.stop.send(()).unwrap();
        timeout(PATIENCE, self.server).await.expect("the listener stops").unwrap();
        begun.elapsed()
    }

    /// Waits until a line of the metrics is there.
    pub(crate) async fn until_metric(&self, line: &str) {
        let begun = Instant::now();
        while !self.metrics.render().lines().any(|rendered| rendered == line) {
            assert!(begun.elapsed() < PATIENCE, "{line} is not in\n{}", self.metrics.render());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Everything that comes until the other end closes; a reset after something came is a close.
pub(crate) async fn to_the_end(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut all = Vec::new();
    let ended = timeout(PATIENCE, stream.read_to_end(&mut all)).await.expect("the server closes the connection");
    assert!(ended.is_ok() || !all.is_empty(), "{ended:?}");
    String::from_utf8_lossy(&all).into_owned()
}

/// Reads until what came ends in the text.
pub(crate) async fn until(stream: &mut (impl AsyncRead + Unpin), end: &str) -> String {
    let mut all = Vec::new();
    while !all.ends_with(end.as_bytes()) {
        let octet = timeout(PATIENCE, stream.read_u8()).await.unwrap_or_else(|_| panic!("waited for {end:?} after {all:?}"));
        all.push(octet.unwrap_or_else(|error| panic!("{error}: waited for {end:?} after {:?}", String::from_utf8_lossy(&all))));
    }
    String::from_utf8(all).unwrap()
}

/// Asks for `/hello` and takes the answer; the connection stays open.
pub(crate) async fn hello(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> String {
    stream.write_all(GET.as_bytes()).await.unwrap();
    until(stream, "hello").await
}

/// The status of an answer.
pub(crate) fn status(answer: &str) -> u16 {
    answer.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)?.parse().ok()).unwrap_or_else(|| panic!("no answer: {answer:?}"))
}

fn routes(metrics: &Arc<Metrics>) -> Router {
    Router::new()
        .route("/hello", get(|| async { shown("hello") }))
        .route("/echo", post(echo))
        .route("/unread", post(|| async { "not looked at" }))
        .route("/slow", get(slow).post(slow))
        .route("/peer", get(|request: Request| async move { request.extensions().get::<PeerAddress>().unwrap().0.to_string() }))
        .route("/panic", get(panics))
        .route("/large", get(|| async { vec![b'x'; LARGE] }))
        .merge(health::router(Arc::new(|| Err("the disk is full".to_owned())), Some(Arc::clone(metrics))))
}

fn shown(text: &'static str) -> Response {
    let mut response = text.into_response();
    response.extensions_mut().insert(Route("/hello"));
    response.extensions_mut().insert(Face("trial"));
    response.extensions_mut().insert(Client([198, 51, 100, 7].into()));
    response.extensions_mut().insert(KeyPrefix("0123456789abcdef".to_owned()));
    response
}

async fn echo(request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match body::read(body, &parts.headers, MAX_BODY_BYTES).await {
        Ok(body) => body.into_response(),
        Err(BodyFault::TooLarge) => {
            let mut response = (StatusCode::PAYLOAD_TOO_LARGE, "too large").into_response();
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            response
        }
        Err(BodyFault::Incomplete) => (StatusCode::BAD_REQUEST, "incomplete").into_response(),
    }
}

async fn slow() -> &'static str {
    tokio::time::sleep(SLOW).await;
    "slow"
}

async fn panics() -> &'static str {
    // After a first await, as a real handler would.
    tokio::task::yield_now().await;
    panic!("a secret of the request");
}
