//! Bodies, read to a limit before anything looks at them.

use axum::body::{Body, HttpBody};
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use http_body_util::BodyExt;

/// The largest body of a call, in octets: a record with every field at its limit fits several times. Imports have their own way.
pub const MAX_BODY_BYTES: usize = 256 * 1024;
/// What is read and thrown away of a body that is too large, in octets: many clients read no answer before they have sent everything, and closing on
/// them would lose the answer.
const MAX_DRAIN_BYTES: usize = 16 * 1024 * 1024;

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFault {
    /// It is over the limit. The connection is of no further use: answer with `Connection: close`.
    TooLarge,
    /// It ended before it was whole, or is framed badly.
    Incomplete,
}

/// Reads a body.
///
/// # Errors
/// Over the limit, or cut off.
pub async fn read(mut body: Body, headers: &HeaderMap, limit: usize) -> Result<Bytes, BodyFault> {
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if let Some(length) = declared.filter(|length| *length > limit) {
        // What would not be drained to its end is not begun: the client is cut off either way.
        if length <= MAX_DRAIN_BYTES {
            drain(body, 0).await;
        }
        return Err(BodyFault::TooLarge);
    }
    let Some(first) = next(&mut body).await? else { return Ok(Bytes::new()) };
    // Most bodies come in one piece, which is passed on as it is.
    if first.len() <= limit && body.is_end_stream() {
        return Ok(first);
    }
    let mut whole = Vec::new();
    let mut piece = Some(first);
    while let Some(data) = piece {
        let length = whole.len() + data.len();
        if length > limit {
            drain(body, length).await;
            return Err(BodyFault::TooLarge);
        }
        whole.extend_from_slice(&data);
        piece = next(&mut body).await?;
    }
    Ok(whole.into())
}

/// The next piece of a body that is read as it comes; `None` after the last.
///
/// # Errors
/// It is cut off.
pub async fn piece(body: &mut Body) -> Result<Option<Bytes>, BodyFault> {
    next(body).await
}

/// The next piece of the body; `None` after the last.
async fn next(body: &mut Body) -> Result<Option<Bytes>, BodyFault> {
    while let Some(frame) = body.frame().await {
        // Trailers are no data.
        if let Ok(data) = frame.map_err(|_| BodyFault::Incomplete)?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

/// Reads a body that nobody wants and keeps nothing of it: a client that has not sent all of it would not read its answer.
pub async fn pass_over(body: Body) {
    drain(body, MAX_DRAIN_BYTES - MAX_BODY_BYTES).await;
}

/// Reads and throws away, up to the most that is read when so much was seen already.
async fn drain(mut body: Body, mut seen: usize) {
    while seen < MAX_DRAIN_BYTES {
        match next(&mut body).await {
            Ok(Some(data)) => seen += data.len(),
            Ok(None) | Err(_) => return,
        }
    }
}
