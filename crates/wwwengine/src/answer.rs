//! Answers to calls that succeeded.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// The document's message.
pub(crate) const SAVED: &str = "Changes saved";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a, T> {
    result_code: u8,
    message: &'a str,
    response: T,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    ignored: &'a [String],
}

/// An answer with nothing ignored.
pub(crate) fn success<T: Serialize>(message: &str, response: T) -> Response {
    saved(message, response, &[])
}

/// An answer to a write, with the paths of what nothing read.
pub(crate) fn saved<T: Serialize>(message: &str, response: T, ignored: &[String]) -> Response {
    json(&Body { result_code: 1, message, response, ignored })
}

/// A JSON body that no cache keeps.
pub(crate) fn json(body: &impl Serialize) -> Response {
    // A record with its address and phones takes about a thousand octets.
    let mut text = Vec::with_capacity(1024);
    if let Err(error) = serde_json::to_writer(&mut text, body) {
        tracing::error!(%error, "an answer could not be written");
        return axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, text).into_response()
}
