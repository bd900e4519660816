//! Answers of calls that did what they were asked. One that changes something is written from the outcome by a [`Form`]: so it can be kept with the change, and
//! given again when the same request comes again.

use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tenantry_domain::{Account, Code, Kind, Outcome, Refusal};
use tenantry_service::Request;

use crate::call::Call;
use crate::customers::Customer;
use crate::duplicates::Created;
use crate::{Face, etag};

/// Says of an answer that it was given before.
const REPLAYED_HEADER: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A JSON body.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    Written::json(status, body).into_response()
}

/// A customer, with its tag.
pub(crate) fn customer(status: StatusCode, account: &Account) -> Response {
    Written::customer(status, account).into_response()
}

/// An answer with the tag of an account.
pub(crate) fn tagged(mut response: Response, account: &Account) -> Response {
    if let Some(tag) = etag::header_of(account) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// An answer as it is written, and kept.
#[derive(Serialize, Deserialize)]
pub(crate) struct Written {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Written {
    /// A status alone.
    pub(crate) const fn empty(status: StatusCode) -> Self {
        Self { status: status.as_u16(), headers: Vec::new(), body: String::new() }
    }

    /// What is answered with this status to whoever wants no record back.
    pub(crate) fn minimal(status: StatusCode) -> Self {
        preference_applied(Self::empty(if status == StatusCode::CREATED { status } else { StatusCode::NO_CONTENT }))
    }

    /// A JSON body.
    pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Self {
        // Structs of texts, numbers and lists, whose members have texts as names: nothing in them can fail to be written.
        let body = serde_json::to_string(body).unwrap_or_default();
        Self { body, ..Self::empty(status) }.with(&header::CONTENT_TYPE, "application/json")
    }

    /// A customer, with its tag.
    pub(crate) fn customer(status: StatusCode, account: &Account) -> Self {
        Self::json(status, &Customer::of(account)).tagged(account)
    }

    /// The same, with a header.
    #[must_use]
    pub(crate) fn with(mut self, name: &HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name.as_str().to_owned(), value.into()));
        self
    }

    /// The same, with the tag of an account.
    #[must_use]
    pub(crate) fn tagged(self, account: &Account) -> Self {
        self.with(&header::ETAG, etag::of(account))
    }

    /// As octets, to be kept.
    fn to_octets(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl IntoResponse for Written {
    fn into_response(self) -> Response {
        let mut response = self.body.into_response();
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // What a text as a body says of itself is replaced, and left out where there is none.
        response.headers_mut().clear();
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// How an outcome is answered.
#[derive(Clone)]
pub(crate) struct Form(Arc<dyn Fn(&Outcome) -> Written + Send + Sync>);

impl Form {
    /// An answer that this writes.
    pub(crate) fn new(write: impl Fn(&Outcome) -> Written + Send + Sync + 'static) -> Self {
        Self(Arc::new(write))
    }

    /// A customer that was changed: itself, or nothing where the caller wants nothing.
    pub(crate) fn changed(call: &Call) -> Self {
        let minimal = call.prefers_minimal();
        Self::new(move |outcome| match minimal {
            true => preference_applied(Written::empty(StatusCode::NO_CONTENT).tagged(&outcome.account)),
            false => Written::customer(StatusCode::OK, &outcome.account),
        })
    }

    /// A customer that was made, and where it is.
    pub(crate) fn created(face: &Face, call: &Call) -> Self {
        let (minimal, public_url) = (call.prefers_minimal(), face.public_url.clone());
        Self::new(move |outcome| {
            let account = &outcome.account;
            let written = match minimal {
                true => preference_applied(Written::empty(StatusCode::CREATED).tagged(account)),
                false => Written::json(StatusCode::CREATED, &Created::of(outcome)).tagged(account),
            };
            let folder = if account.kind == Kind::Provider { "providers" } else { "customers" };
            written.with(&header::LOCATION, format!("{public_url}/v1/{folder}/{}", account.id))
        })
    }

    /// The request of a call whose answer is kept in this form, where it carries a key.
    pub(crate) fn kept(&self, call: &Call) -> Request {
        let form = self.clone();
        call.request.written_by(move |outcome| (form.0)(outcome).to_octets())
    }

    /// The answer to an outcome: the one that the same request was given before, or one that is written now.
    pub(crate) fn answer(&self, outcome: &Outcome) -> Result<Response, Refusal> {
        let Some(octets) = &outcome.replayed else { return Ok((self.0)(outcome).into_response()) };
        let before: Written = serde_json::from_slice(octets)
            .map_err(|error| Refusal::new(Code::Internal, "What this request was answered cannot be read").because(error))?;
        Ok(before.with(&REPLAYED_HEADER, "true").into_response())
    }
}

fn preference_applied(written: Written) -> Written {
    written.with(&HeaderName::from_static("preference-applied"), "return=minimal")
}
