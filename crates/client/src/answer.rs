//! An answer, read whole or piece by piece.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::{Fault, Problem};

/// How long the next piece of a body may take: a server that sends nothing for so long has stopped.
const PIECE_PATIENCE: Duration = Duration::from_secs(60);
/// The longest answer that is read whole. A page of 200 customers has 300 KB, with the longest of all values some 50 MB.
const WHOLE_MAX_BYTES: usize = 64 * 1024 * 1024;

/// An answer that did not refuse.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    body: Incoming,
    is_of_change: bool,
}

impl Answer {
    pub(crate) fn new(response: http::Response<Incoming>, is_of_change: bool) -> Self {
        let (head, body) = response.into_parts();
        Self { status: head.status, headers: head.headers, body, is_of_change }
    }

    /// The next piece of the body; `None` at its end.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, Fault> {
        loop {
            let frame = timeout(PIECE_PATIENCE, self.body.frame()).await;
            let frame = frame.map_err(|_| self.broken(&format!("it sent nothing for {} s", PIECE_PATIENCE.as_secs())))?;
            match frame {
                None => return Ok(None),
                Some(Err(error)) => return Err(self.broken(&error.to_string())),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }

    fn broken(&self, why: &str) -> Fault {
        let said = format!("the server's answer broke off: {why}");
        if self.is_of_change {
            // The head said that it was done.
            return Fault::Unknown([&said, ". What was asked for was done; look at the record"].concat());
        }
        Fault::Unreached(said)
    }

    /// The whole body.
    ///
    /// # Errors
    /// When the connection breaks, or there is no end of it.
    pub async fn octets(mut self) -> Result<Vec<u8>, Fault> {
        let mut whole = Vec::new();
        while let Some(piece) = self.piece().await? {
            if whole.len() + piece.len() > WHOLE_MAX_BYTES {
                return Err(Fault::Unreadable(format!("the server's answer is longer than {} MiB", WHOLE_MAX_BYTES / 1024 / 1024)));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }

    /// The whole body as text.
    ///
    /// # Errors
    /// As [`Answer::octets`], and when it is not UTF-8.
    pub async fn text(self) -> Result<String, Fault> {
        String::from_utf8(self.octets().await?)
            .map_err(|_| Fault::Unreadable("the server's answer is not UTF-8: is the URL right?".to_owned()))
    }

    /// The whole body as JSON.
    ///
    /// # Errors
    /// As [`Answer::text`], and when it is not what is read.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, Fault> {
        parse(&self.text().await?)
    }

    pub(crate) async fn problem(mut self) -> Problem {
        let (status, headers, is_of_change) = (self.status, std::mem::take(&mut self.headers), self.is_of_change);
        // A refusal whose text is lost is a refusal all the same.
        let body = self.octets().await.unwrap_or_default();
        Problem::read(status, &headers, &body, is_of_change)
    }
}

/// Reads JSON that the server sent.
pub(crate) fn parse<'a, T: serde::Deserialize<'a>>(text: &'a str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|error| Fault::Unreadable(format!("the server's answer cannot be read: {error}; is the URL right?")))
}
