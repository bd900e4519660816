//! What anybody may read: the document of the dialect, and a page that shows it. The page needs nothing from elsewhere, and runs no script: it is made here, under
//! a policy that would let none run.

use std::sync::LazyLock;

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tenantry_domain::{Code, Refusal};

use crate::{openapi, problem};

mod page;

/// Nothing but the page and its style: no script, no frame, nothing from elsewhere (CSP level 3).
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static DOCUMENT: LazyLock<String> = LazyLock::new(|| serde_json::to_string_pretty(&openapi::document()).unwrap_or_default());
static PAGE: LazyLock<String> = LazyLock::new(|| page::page(&openapi::document()));

/// What stands at an open path.
pub(crate) fn answer(method: &Method, path: &str) -> Option<(Response, &'static str)> {
    let (route, media_type, text): (_, _, &'static str) = match path {
        "/v1/openapi.json" => ("/v1/openapi.json", "application/json", &DOCUMENT),
        "/v1/docs" => ("/v1/docs", "text/html; charset=utf-8", &PAGE),
        "/v1/docs.css" => ("/v1/docs.css", "text/css; charset=utf-8", page::STYLE),
        _ => return None,
    };
    Some((read_only(method, media_type, text), route))
}

fn read_only(method: &Method, media_type: &'static str, text: &'static str) -> Response {
    if !matches!(*method, Method::GET | Method::HEAD) {
        let mut response = problem::answer(&Refusal::new(Code::MethodNotAllowed, "This path answers GET, HEAD"));
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (StatusCode::OK, headers, text).into_response()
}
