//! What surrounds every request: its id, the checks that hyper leaves out, the headers of every answer, a panic's end, metrics and the access log.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version, header};
use axum::response::IntoResponse;
use hyper::body::Incoming;
use tokio::time::Instant;
use tower::Service;

use super::PeerAddress;
use crate::access_log::{self, Cause, Client, Entry, Face, KeyPrefix, Route};
use crate::metrics::Metrics;
use crate::request_id::RequestId;

/// Makes the id of a request.
pub type RequestIds = Arc<dyn Fn() -> RequestId + Send + Sync>;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a resource of ours may answer at most, for answers that are given before the resource is known (RFC 9110 section 15.5.6 wants the header).
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";

/// What every connection's requests share.
pub(super) struct Shared {
    pub(super) app: Router,
    pub(super) metrics: Arc<Metrics>,
    pub(super) request_ids: RequestIds,
}

/// Answers one request.
pub(super) async fn answer(shared: Arc<Shared>, peer: SocketAddr, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let started = Instant::now();
    let request_id = (shared.request_ids)();
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(PeerAddress(peer));
    request.extensions_mut().insert(request_id);
    let method = method_label(request.method());
    // The path without its query, which is a credential.
    let path = access_log::is_on().then(|| access_log::shown(request.uri().path()).to_owned());
    let mut response = match refused_by_protocol(&request) {
        Some(response) => response,
        None => call(shared.app.clone(), request, request_id).await,
    };
    let headers = response.headers_mut();
    headers.insert(&REQUEST_ID, request_id.header());
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let (took, status) = (started.elapsed(), response.status().as_u16());
    let extensions = response.extensions();
    if let Some(Cause { code, cause }) = extensions.get() {
        tracing::warn!(code, cause, %request_id, "a call was refused");
    }
    let (face, route) = (Face::of(extensions), Route::of(extensions));
    shared.metrics.count(face, route, method, status, took);
    if let Some(path) = path {
        Entry {
            method,
            face,
            route,
            path: &path,
            status,
            took,
            client: Client::of(extensions, peer),
            request_id,
            key: KeyPrefix::of(extensions),
        }
        .write();
    }
    Ok(response)
}

/// What RFC 9112 section 3.2 wants refused and hyper lets through; and TRACE, which echoes credentials.
fn refused_by_protocol(request: &Request<Body>) -> Option<Response<Body>> {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    if hosts > 1 || (hosts == 0 && request.version() >= Version::HTTP_11) {
        let mut response =
            plain(StatusCode::BAD_REQUEST, r#"{"error":"bad_request","message":"A request has one Host header"}"#.to_owned());
        // Who sends this may be something that a proxy and we read differently: nothing more is read from it.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        return Some(response);
    }
    (request.method() == Method::TRACE).then(|| {
        let body = r#"{"error":"method_not_allowed","message":"TRACE is not served"}"#.to_owned();
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, body);
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(METHODS));
        response
    })
}

/// Calls the router. A panic ends its request alone.
async fn call(mut app: Router, request: Request<Body>, request_id: RequestId) -> Response<Body> {
    let mut future = pin!(app.call(request));
    let outcome = std::future::poll_fn(|context| {
        // The request's state is dropped with the future, whatever state it is in.
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(poll) => poll.map(Some),
            Err(_) => Poll::Ready(None),
        }
    })
    .await;
    match outcome {
        Some(Ok(response)) => response,
        Some(Err(never)) => match never {},
        None => {
            tracing::error!(%request_id, "a request panicked");
            plain(StatusCode::INTERNAL_SERVER_ERROR, format!(r#"{{"error":"internal","request_id":"{request_id}"}}"#))
        }
    }
}

fn plain(status: StatusCode, body: String) -> Response<Body> {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body).into_response()
}

/// Methods that clients invent must not make new time series.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}
