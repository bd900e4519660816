//! `/healthz`, `/readyz` and `/metrics`, and the answer to paths that nothing serves.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::access_log::Route;
use crate::listener::PeerAddress;
use crate::metrics::Metrics;

/// Whether the server can do its work now; `Err` has the reason.
pub type Readiness = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// Headers that a proxy adds: whoever came through one is not on this machine.
const FORWARDING_HEADERS: [&str; 4] = ["x-forwarded-for", "forwarded", "x-real-ip", "via"];

/// The routes. `metrics` is `None` where a listener of its own serves them.
pub fn router(readiness: Readiness, metrics: Option<Arc<Metrics>>) -> Router {
    let ready = move || {
        let readiness = Arc::clone(&readiness);
        async move {
            match readiness() {
                Ok(()) => json(StatusCode::OK, r#"{"status":"ready"}"#.to_owned(), "/readyz"),
                Err(reason) => {
                    let body = serde_json::json!({ "status": "not_ready", "reason": reason });
                    json(StatusCode::SERVICE_UNAVAILABLE, body.to_string(), "/readyz")
                }
            }
        }
    };
    let alive = || async { json(StatusCode::OK, r#"{"status":"alive"}"#.to_owned(), "/healthz") };
    let router = Router::new().route("/healthz", get(alive)).route("/readyz", get(ready)).fallback(not_found);
    match metrics {
        Some(metrics) => router.route("/metrics", get(move |request: Request| local_metrics(metrics, request))),
        None => router,
    }
}

/// The routes of the listener that serves nothing but metrics.
pub fn metrics_router(metrics: Arc<Metrics>) -> Router {
    Router::new().route("/metrics", get(move || async move { render(&metrics) })).fallback(not_found)
}

/// Metrics on the main listener: for this machine only.
async fn local_metrics(metrics: Arc<Metrics>, request: Request) -> Response {
    let peer_is_here = request.extensions().get::<PeerAddress>().is_some_and(|peer| peer.0.ip().to_canonical().is_loopback());
    if peer_is_here && !is_forwarded(request.headers()) { render(&metrics) } else { not_found().await }
}

fn is_forwarded(headers: &HeaderMap) -> bool {
    FORWARDING_HEADERS.iter().any(|name| headers.contains_key(*name))
}

fn render(metrics: &Metrics) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];
    let mut response = (headers, metrics.render()).into_response();
    response.extensions_mut().insert(Route("/metrics"));
    response
}

async fn not_found() -> Response {
    let body = r#"{"error":"not_found","message":"Nothing is served at this path"}"#;
    json(StatusCode::NOT_FOUND, body.to_owned(), "other")
}

fn json(status: StatusCode, body: String, route: &'static str) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    let mut response = (status, headers, body).into_response();
    response.extensions_mut().insert(Route(route));
    response
}
