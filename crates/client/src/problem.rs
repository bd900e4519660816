//! Refusals, as the server words them (RFC 9457), and what to do next.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

use crate::printable;

/// The media type of problem details.
const MEDIA_TYPE: &str = "application/problem+json";

/// Why the server refused.
#[derive(Debug)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// The server's word for it; empty where something else than the server answered.
    pub code: String,
    /// What happened, in words.
    pub detail: String,
    /// Every faulty field.
    pub errors: Vec<FieldFault>,
    /// How long to wait before the next try.
    pub retry_after: Option<Duration>,
    /// What the server's log calls this request.
    pub request_id: Option<String>,
    /// Whether what was asked for would change anything.
    pub is_of_change: bool,
}

/// One faulty field.
#[derive(Debug, Deserialize)]
pub struct FieldFault {
    /// The field, by its path in the body.
    pub field: String,
    /// The server's word for the fault.
    #[serde(default)]
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// Who has the value already.
    pub existing_id: Option<i64>,
}

#[derive(Deserialize)]
struct Details {
    code: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    errors: Vec<FieldFault>,
}

impl Problem {
    /// Reads a refusal; `is_of_change` says whether the request was to change anything.
    pub(crate) fn read(status: StatusCode, headers: &HeaderMap, body: &[u8], is_of_change: bool) -> Self {
        let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let is_problem = text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with(MEDIA_TYPE));
        let details = if is_problem { serde_json::from_slice(body).ok() } else { None };
        let details = details.unwrap_or_else(|| Details {
            code: String::new(),
            detail: format!("the server answered {status}, and not as a Tenantry server does: is the URL right?"),
            errors: Vec::new(),
        });
        Self {
            status,
            code: details.code,
            detail: details.detail,
            errors: details.errors,
            retry_after: text(header::RETRY_AFTER).and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs),
            request_id: headers.get("x-request-id").and_then(|value| value.to_str().ok()).map(printable),
            is_of_change,
        }
    }

    /// Whether the change may have been made all the same. A proxy's word for a server that it lost says as little as none at all.
    fn is_unknown(&self) -> bool {
        self.code == "outcome_unknown" || (self.is_of_change && self.code.is_empty() && matches!(self.status.as_u16(), 500 | 502 | 504))
    }

    /// Whether the same request may do better in a moment. One that can be told from a new one (`is_once`) may also be sent again when its outcome is unknown.
    pub(crate) fn may_pass(&self, is_once: bool) -> bool {
        match self.status {
            StatusCode::SERVICE_UNAVAILABLE => self.retry_after.is_some() && (is_once || !self.is_unknown()),
            StatusCode::CONFLICT => self.code == "idempotency_key_in_use",
            _ => false,
        }
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self.status.as_u16() {
            _ if self.is_unknown() => 7,
            404 => 3,
            401 | 403 => 4,
            409 | 412 | 428 => 5,
            429 | 500..=599 => 6,
            _ => 1,
        }
    }

    /// What to do next, where the message does not say it.
    fn advice(&self) -> Option<String> {
        let wait = |why: &str| Some(self.retry_after.map_or_else(|| why.to_owned(), |after| format!("{why} in {} s", after.as_secs())));
        let text = match self.status.as_u16() {
            _ if self.is_unknown() => "It may have been done. Look at the record before you repeat it.",
            401 => {
                "The key is not let in: it is wrong, has ended or was revoked, or does not work from here; the server's log says which. \
                    To keep another: tenantry profile add NAME --url URL --replace"
            }
            403 => {
                "Use a key that may do this: tenantry key issue --scheme bearer --scope … where the server is, then tenantry profile add."
            }
            404 => "Look for it: tenantry customer search WORDS. What is another provider's cannot be seen.",
            409 if self.code == "idempotency_key_in_use" => return wait("The same request is being carried out; try again"),
            409 if self.errors.iter().any(|fault| fault.existing_id.is_some()) => "Look at the one that is there: tenantry customer get ID",
            412 => "Somebody changed the record meanwhile. Read it again, and decide again: tenantry customer get ID",
            428 => "This provider demands that a change names the version it is made to: read the record, and add --if-version VERSION",
            429 => return wait("Too many requests; try again"),
            503 => return wait("Nothing was done; try again"),
            500 => "This is a fault of the server. Report it with the request id.",
            _ => return None,
        };
        Some(text.to_owned())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.errors.as_slice() {
            // Of one faulty field the detail says all that its own line would.
            [one] if one.existing_id.is_none() && self.detail.starts_with(&one.field) => f.write_str(&printable(&self.detail))?,
            errors => {
                f.write_str(&printable(&self.detail))?;
                for fault in errors {
                    write!(f, "\n  {}: {}", printable(&fault.field), printable(&fault.message))?;
                    if let Some(id) = fault.existing_id {
                        write!(f, " (customer {id})")?;
                    }
                }
            }
        }
        if let Some(advice) = self.advice() {
            write!(f, "\n{advice}")?;
        }
        match &self.request_id {
            Some(id) if self.status.is_server_error() || self.status == StatusCode::UNAUTHORIZED => write!(f, "\nrequest id: {id}"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(status: u16, body: &str, is_of_change: bool) -> Problem {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, MEDIA_TYPE.parse().unwrap());
        headers.insert(header::RETRY_AFTER, "3".parse().unwrap());
        Problem::read(StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes(), is_of_change)
    }

    #[test]
    fn each_fault_stands_on_a_line_of_its_own() {
        let said = problem(
            422,
            r#"{"code": "invalid", "detail": "2 fields need attention", "errors": [
                {"field": "voice.number", "code": "invalid", "message": "no\u001b[2J"}, {"field": "email", "code": "taken", "message": "taken", "existing_id": 7}]}"#,
            true,
        );
        assert_eq!(said.to_string(), "2 fields need attention\n  voice.number: no\u{fffd}[2J\n  email: taken (customer 7)");
        assert_eq!(said.exit_code(), 1);
    }

    #[test]
    fn statuses_have_their_codes_and_advice() {
        for (status, code, exit, advice) in [
            (401, "unauthenticated", 4, "profile add"),
            (403, "forbidden", 4, "key issue"),
            (404, "not_found", 3, "customer search"),
            (409, "taken", 5, ""),
            (409, "idempotency_key_in_use", 5, "in 3 s"),
            (412, "precondition_failed", 5, "customer get"),
            (428, "precondition_required", 5, "--if-version"),
            (429, "too_many_requests", 6, "in 3 s"),
            (500, "internal", 6, "fault of the server"),
            (503, "unavailable", 6, "in 3 s"),
            (503, "outcome_unknown", 7, "before you repeat it"),
            (413, "body_too_large", 1, ""),
        ] {
            let said = problem(status, &format!(r#"{{"code": "{code}", "detail": "so it is"}}"#), true);
            assert_eq!(said.exit_code(), exit, "{code}");
            assert!(said.to_string().starts_with("so it is") && said.to_string().contains(advice), "{said}");
        }
    }

    #[test]
    fn what_a_proxy_says_of_a_lost_server_leaves_a_change_unknown() {
        let of_proxy = |status: u16, is_of_change| {
            Problem::read(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), b"<html>", is_of_change).exit_code()
        };
        assert_eq!([of_proxy(502, true), of_proxy(504, true), of_proxy(502, false), of_proxy(503, true)], [7, 7, 6, 6]);
    }

    #[test]
    fn what_may_pass_is_told_from_what_may_not() {
        let may = |status, code: &str, is_once| problem(status, &format!(r#"{{"code": "{code}"}}"#), true).may_pass(is_once);
        assert!(may(503, "unavailable", false) && may(409, "idempotency_key_in_use", true) && may(503, "outcome_unknown", true));
        assert!(
            !may(503, "outcome_unknown", false)
                && !may(429, "too_many_requests", true)
                && !may(409, "taken", true)
                && !may(500, "internal", true)
        );
    }
}
