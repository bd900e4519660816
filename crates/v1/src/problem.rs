//! Refusals in this dialect: problem details (RFC 9457), and the one match that gives the HTTP status.

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tenantry_domain::{AccountId, Code, Fault, Refusal};
use tenantry_http::access_log::Cause;
use utoipa::ToSchema;

/// The media type of problem details.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// What is wrong (RFC 9457).
#[derive(Serialize, ToSchema)]
pub(crate) struct Problem<'a> {
    /// A reference to what the code means.
    #[schema(format = "uri-reference")]
    r#type: String,
    /// What the code means, in words.
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// The code: a word that programs can rely on.
    code: &'static str,
    /// What happened this time, in words.
    detail: &'a str,
    /// Every faulty field.
    errors: Vec<FieldError<'a>>,
}

/// One faulty field.
#[derive(Serialize, ToSchema)]
pub(crate) struct FieldError<'a> {
    /// The field, as the body has it: `voice.number`, `street[1]`.
    field: &'a str,
    /// The code: a word that programs can rely on.
    code: &'static str,
    /// What is wrong, and what would do.
    message: &'a str,
    /// Who has the value already, where the caller may see it.
    #[schema(value_type = Option<i64>, required = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    existing_id: Option<AccountId>,
}

/// The HTTP status of a code.
pub(crate) const fn status(code: Code) -> StatusCode {
    match code {
        Code::Malformed => StatusCode::BAD_REQUEST,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::Forbidden => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::Taken | Code::LikelyDuplicate | Code::ImpossibleStatus | Code::NotEmpty => StatusCode::CONFLICT,
        Code::IdempotencyKeyInUse => StatusCode::CONFLICT,
        Code::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        Code::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
        Code::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::Required
        | Code::Invalid
        | Code::WrongType
        | Code::TooLong
        | Code::ReadOnly
        | Code::UnknownField
        | Code::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        Code::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Code::Unavailable | Code::OutcomeUnknown => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// What a code means, in words: one short sentence for all its cases.
const fn title(code: Code) -> &'static str {
    match code {
        Code::Malformed => "The body cannot be read",
        Code::Required => "A field is missing",
        Code::Invalid => "A field needs attention",
        Code::WrongType => "A field has another type",
        Code::TooLong => "A field is too long",
        Code::ReadOnly => "A field cannot be set",
        Code::UnknownField => "There is no such field",
        Code::Taken => "Another customer has this value",
        Code::LikelyDuplicate => "The customer may be there already",
        Code::ImpossibleStatus => "The status does not allow this",
        Code::NotFound => "There is no such record",
        Code::Forbidden => "This key may not do this",
        Code::Unauthenticated => "Authentication failed",
        Code::MethodNotAllowed => "This path has no such method",
        Code::BodyTooLarge => "The body is too large",
        Code::UnsupportedMediaType => "The body is of another type",
        Code::PreconditionFailed => "The record has changed",
        Code::PreconditionRequired => "The version has to be named",
        Code::IdempotencyKeyReused => "The key belongs to another request",
        Code::IdempotencyKeyInUse => "The same request is being carried out",
        Code::TooManyRequests => "Too many requests",
        Code::Unavailable => "Not now",
        Code::OutcomeUnknown => "The outcome is unknown",
        Code::NotEmpty => "Accounts stand below this one",
        Code::Internal => "A fault of the server",
    }
}

/// The answer that a refusal gives.
pub(crate) fn answer(refusal: &Refusal) -> Response {
    let status = status(refusal.code);
    let code = refusal.code.as_str();
    let problem = Problem {
        r#type: ["/v1/docs#", code].concat(),
        title: title(refusal.code),
        status: status.as_u16(),
        code,
        detail: &detail(refusal),
        errors: refusal.faults.iter().map(FieldError::of).collect(),
    };
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    if let Some(seconds) = refusal.retry_after_seconds {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if refusal.code == Code::Unauthenticated {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"Tenantry\""));
    } else if let Some(cause) = refusal.cause.clone() {
        // Why somebody is not let in was logged where it was found out.
        response.extensions_mut().insert(Cause { code, cause });
    }
    response
}

/// What happened this time: of one faulty field, what is wrong with it.
fn detail(refusal: &Refusal) -> Cow<'_, str> {
    match refusal.faults.as_slice() {
        [fault] if fault.code != Code::Malformed => format!("{}: {}", fault.field, fault.message).into(),
        _ => refusal.message.as_str().into(),
    }
}

impl<'a> FieldError<'a> {
    fn of(fault: &'a Fault) -> Self {
        Self { field: &fault.field, code: fault.code.as_str(), message: &fault.message, existing_id: fault.existing_id }
    }
}
