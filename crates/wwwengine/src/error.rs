//! Refusals in this dialect: one body for all, one match that gives the HTTP status.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tenantry_domain::{AccountId, Code, Fault, Refusal};
use tenantry_http::access_log::Cause;

use crate::answer::json;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    result_code: u8,
    message: &'a str,
    response: bool,
    errors: Vec<FieldError<'a>>,
}

#[derive(Serialize)]
struct FieldError<'a> {
    field: &'a str,
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    existing_id: Option<AccountId>,
}

/// The HTTP status of a code.
const fn status(code: Code) -> StatusCode {
    match code {
        Code::Malformed => StatusCode::BAD_REQUEST,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::Forbidden => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::Taken | Code::LikelyDuplicate | Code::ImpossibleStatus | Code::NotEmpty => StatusCode::CONFLICT,
        Code::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        Code::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
        Code::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        Code::IdempotencyKeyInUse => StatusCode::CONFLICT,
        Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::Required | Code::Invalid | Code::WrongType | Code::TooLong | Code::ReadOnly | Code::UnknownField => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Code::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        Code::Unavailable | Code::OutcomeUnknown => StatusCode::SERVICE_UNAVAILABLE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The answer that a refusal gives. Its faults have the client's paths by now.
pub(crate) fn answer(refusal: &Refusal) -> Response {
    let errors = refusal
        .faults
        .iter()
        .map(|fault| FieldError { field: &fault.field, code: fault.code.as_str(), message: &fault.message, existing_id: fault.existing_id })
        .collect();
    let body = Body { result_code: 0, message: &refusal.message, response: false, errors };
    let mut response = (status(refusal.code), json(&body)).into_response();
    if let Some(seconds) = refusal.retry_after_seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    // Why somebody is not let in was logged where it was found out.
    if let Some(cause) = refusal.cause.clone().filter(|_| refusal.code != Code::Unauthenticated) {
        response.extensions_mut().insert(Cause { code: refusal.code.as_str(), cause });
    }
    response
}

/// The answer to a method that the path does not have.
pub(crate) fn method_not_allowed(allowed: &'static str) -> Response {
    let refusal = Refusal::new(Code::MethodNotAllowed, ["This path answers ", allowed].concat());
    let mut response = answer(&refusal);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}

/// The refusal of a write: says first that nothing was saved.
pub(crate) fn not_saved(mut refusal: Refusal) -> Refusal {
    if !refusal.faults.is_empty() {
        refusal.message = ["The customer was not saved: ", &refusal.message].concat();
    }
    refusal
}

/// The refusal of an account that is not there, naming the id in the path.
pub(crate) fn no_such_account() -> Refusal {
    Refusal { faults: vec![Fault::new("id", Code::NotFound, "there is no such account")], ..Refusal::not_found() }
}
