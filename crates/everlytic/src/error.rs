//! Refusals in this dialect: one match that gives the HTTP status, which is the fault's code over XML-RPC, too.

use axum::http::{HeaderValue, header};
use axum::response::Response;
use tenantry_domain::{AccountId, Code, Fault, Refusal};
use tenantry_http::access_log::Cause;

/// The status of a code.
pub(crate) const fn status(code: Code) -> u16 {
    match code {
        Code::Malformed => 400,
        Code::Unauthenticated => 401,
        Code::Forbidden => 403,
        Code::NotFound => 404,
        Code::MethodNotAllowed => 405,
        Code::Taken | Code::LikelyDuplicate | Code::ImpossibleStatus | Code::NotEmpty => 409,
        Code::PreconditionFailed => 412,
        Code::PreconditionRequired => 428,
        Code::IdempotencyKeyReused => 422,
        Code::IdempotencyKeyInUse => 409,
        Code::UnsupportedMediaType => 415,
        Code::BodyTooLarge => 413,
        Code::Required | Code::Invalid | Code::WrongType | Code::TooLong | Code::ReadOnly | Code::UnknownField => 422,
        Code::TooManyRequests => 429,
        Code::Unavailable | Code::OutcomeUnknown => 503,
        Code::Internal => 500,
    }
}

/// What every refusal has beside its body: when to come back, whom to be, and the cause for the log.
pub(crate) fn mark(response: &mut Response, refusal: &Refusal) {
    let headers = response.headers_mut();
    if let Some(seconds) = refusal.retry_after_seconds {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if refusal.code == Code::Unauthenticated {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"Tenantry\", charset=\"UTF-8\""));
    } else if let Some(cause) = refusal.cause.clone() {
        // Why somebody is not let in was logged where it was found out.
        response.extensions_mut().insert(Cause { code: refusal.code.as_str(), cause });
    }
}

/// The account that holds a value already, where the caller may see it.
pub(crate) fn existing_id(refusal: &Refusal) -> Option<AccountId> {
    refusal.faults.iter().find_map(|fault| fault.existing_id)
}

/// Gives the faults that the domain found the names of this dialect's properties.
pub(crate) fn translate(mut refusal: Refusal) -> Refusal {
    for fault in &mut refusal.faults {
        if let Some(property) = property(&fault.field) {
            property.clone_into(&mut fault.field);
        }
    }
    refusal
}

/// The property that shows a field of the domain, where its name is another.
fn property(field: &str) -> Option<&'static str> {
    Some(match field {
        "organization" | "display_name" => "name",
        "external_id" => "unique_id",
        "parent_id" | "provider_id" => "enterprise_id",
        _ => return None,
    })
}

/// The refusal of a write: says first that nothing was saved.
pub(crate) fn not_saved(mut refusal: Refusal, what: &str) -> Refusal {
    if !refusal.faults.is_empty() {
        refusal.message = ["The ", what, " was not saved: ", &refusal.message].concat();
    }
    refusal
}

/// The refusal of an update of which nothing is known: whoever misspells a property must not be told that it was saved.
pub(crate) fn names_nothing(what: &str) -> Refusal {
    Refusal::new(Code::Invalid, format!("The {what} was not saved: none of these properties is known; their names are in lower case"))
}

/// The refusal of a customer that is not there, naming the id.
pub(crate) fn no_such_customer() -> Refusal {
    Refusal {
        faults: vec![Fault::new("id", Code::NotFound, "there is no such customer")],
        ..Refusal::new(Code::NotFound, "There is no such customer")
    }
}

/// The refusal of a package that is not there, naming the id.
pub(crate) fn no_such_package() -> Refusal {
    Refusal {
        faults: vec![Fault::new("id", Code::NotFound, "there is no such package")],
        ..Refusal::new(Code::NotFound, "There is no such package")
    }
}
