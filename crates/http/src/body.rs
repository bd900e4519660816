//! Bodies, read to a limit before anything looks at them.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt;

/// The largest body of a call, in octets: a record with every field at its limit fits several times. Imports have their own way.
pub const MAX_BODY_BYTES: usize = 256 * 1024;
/// What is read and thrown away of a body that is too large, in octets: a client that is still sending reads no answer before it is done.
const MAX_DRAIN_BYTES: usize = 16 * 1024 * 1024;

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFault {
    /// It is over the limit. The connection is of no further use: answer with `Connection: close`.
    TooLarge,
    /// It ended before it was whole.
    Incomplete,
}

/// Reads a body.
///
/// # Errors
/// Over the limit, or cut off.
pub async fn read(mut body: Body, headers: &HeaderMap, limit: usize) -> Result<Bytes, BodyFault> {
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        drain(body, 0).await;
        return Err(BodyFault::TooLarge);
    }
    let mut whole = Vec::with_capacity(declared.unwrap_or(0));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| BodyFault::Incomplete)?;
        if let Some(data) = frame.data_ref() {
            if whole.len() + data.len() > limit {
                drain(body, whole.len()).await;
                return Err(BodyFault::TooLarge);
            }
            whole.extend_from_slice(data);
        }
    }
    Ok(whole.into())
}

async fn drain(mut body: Body, mut seen: usize) {
    while seen < MAX_DRAIN_BYTES {
        match body.frame().await {
            Some(Ok(frame)) => seen += frame.data_ref().map_or(0, Bytes::len),
            Some(Err(_)) | None => return,
        }
    }
}
