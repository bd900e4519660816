//! Answers of calls that did what they were asked.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tenantry_domain::Account;

use crate::call::Call;
use crate::customers::Customer;
use crate::{Face, etag};

/// A JSON body.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let body = serde_json::to_vec(body).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}

/// A customer, with its tag.
pub(crate) fn customer(status: StatusCode, account: &Account) -> Response {
    tagged(json(status, &Customer::of(account)), account)
}

/// A customer that was changed: itself, or nothing where the caller wants nothing.
pub(crate) fn changed(call: &Call, account: &Account) -> Response {
    if call.prefers_minimal() {
        return preference_applied(tagged(StatusCode::NO_CONTENT.into_response(), account));
    }
    customer(StatusCode::OK, account)
}

/// A customer that was made, and where it is.
pub(crate) fn created(face: &Face, call: &Call, account: &Account) -> Response {
    let minimal = call.prefers_minimal();
    let mut response = if minimal {
        preference_applied(tagged(StatusCode::CREATED.into_response(), account))
    } else {
        customer(StatusCode::CREATED, account)
    };
    if let Ok(location) = HeaderValue::try_from(format!("{}/v1/customers/{}", face.public_url, account.id)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// An answer with the tag of an account.
pub(crate) fn tagged(mut response: Response, account: &Account) -> Response {
    if let Some(tag) = etag::header_of(account) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

fn preference_applied(mut response: Response) -> Response {
    response.headers_mut().insert("preference-applied", HeaderValue::from_static("return=minimal"));
    response
}
