//! Refusals: why a command was not carried out, neutral to every dialect.
//!
//! A refusal has an outer side (code, field, message: for the caller) and an inner one (cause: for the log). Nothing prints both.
//! Each face maps it to its own form in one place.

use std::borrow::Cow;
use std::fmt;

use crate::id::AccountId;
use crate::limits::QUOTED_MAX_CHARS;

/// What whoever is told that an outcome is unknown shall wait: a restart takes about as long.
const OUTCOME_UNKNOWN_RETRY_SECONDS: u32 = 2;

/// What is wrong, in one word that programs can rely on. [`CODES`] is the table from which the documentation is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// The body cannot be read at all.
    Malformed,
    /// A field that must be there is not.
    Required,
    /// A value that cannot be the thing at all.
    Invalid,
    /// A value of the wrong JSON type.
    WrongType,
    /// A value over its limit.
    TooLong,
    /// A field that a caller may not set.
    ReadOnly,
    /// A field that there is not.
    UnknownField,
    /// A value that another live account holds.
    Taken,
    /// The customer may be there already.
    LikelyDuplicate,
    /// A status that cannot follow the present one.
    ImpossibleStatus,
    /// No such account, or not the caller's.
    NotFound,
    /// The account or key may not do this.
    Forbidden,
    /// Who calls is not known.
    Unauthenticated,
    /// The method is not served at this path.
    MethodNotAllowed,
    /// The body is over the limit.
    BodyTooLarge,
    /// The body is of a type that this call does not read.
    UnsupportedMediaType,
    /// The same key came with another request.
    IdempotencyKeyReused,
    /// A request with this key is being carried out.
    IdempotencyKeyInUse,
    /// The caller has to name the version that it changes.
    PreconditionRequired,
    /// The record is not in the version that the caller named.
    PreconditionFailed,
    /// Too many requests for now.
    TooManyRequests,
    /// The server cannot do it now; nothing was done.
    Unavailable,
    /// The write may or may not have been made.
    OutcomeUnknown,
    /// The account still has live accounts below it.
    NotEmpty,
    /// A fault of the server.
    Internal,
}

/// Every code: its word, and what it means and what to do about it.
pub const CODES: &[(Code, &str, &str)] = &[
    (Code::Malformed, "malformed", "The body is not what this call reads. Mend the request."),
    (Code::Required, "required", "Send the field."),
    (Code::Invalid, "invalid", "The value cannot be such a thing. The message says what would do."),
    (Code::WrongType, "wrong_type", "The value has another JSON type than the field."),
    (Code::TooLong, "too_long", "Shorten the value; the message has the limit."),
    (Code::ReadOnly, "read_only", "Leave the field out; it is not for callers to set."),
    (Code::UnknownField, "unknown_field", "There is no such field; the message names the nearest that there is."),
    (Code::Taken, "taken", "Another live account has this value; `existing_id` names it where the caller may see it."),
    (
        Code::LikelyDuplicate,
        "likely_duplicate",
        "The customer may be there already; `existing_id` names who. Look, and send it again with `on_duplicate=warn` if it is another.",
    ),
    (Code::ImpossibleStatus, "impossible_status", "The message names the present status and those that can follow."),
    (Code::NotFound, "not_found", "There is no such account, or it is not yours."),
    (Code::Forbidden, "forbidden", "This account or this key may not do this. Use another key."),
    (Code::Unauthenticated, "unauthenticated", "Sign the request with a live key. The server's log has the reason."),
    (Code::MethodNotAllowed, "method_not_allowed", "Use one of the methods in the `Allow` header."),
    (Code::BodyTooLarge, "body_too_large", "Send at most 256 KiB."),
    (Code::UnsupportedMediaType, "unsupported_media_type", "Send the body as `application/json`."),
    (
        Code::PreconditionFailed,
        "precondition_failed",
        "The record has another version than `If-Match` names. Read it again, and decide again.",
    ),
    (Code::PreconditionRequired, "precondition_required", "Read the record, and send its `ETag` as `If-Match`: the provider demands it."),
    (
        Code::IdempotencyKeyReused,
        "idempotency_key_reused",
        "Another request had this `Idempotency-Key`. Send a new key with a new request.",
    ),
    (Code::IdempotencyKeyInUse, "idempotency_key_in_use", "A request with this key is being carried out. Try again in a second."),
    (Code::TooManyRequests, "too_many_requests", "Wait as long as `Retry-After` says."),
    (Code::Unavailable, "unavailable", "Nothing was written. Try again after `Retry-After`."),
    (Code::OutcomeUnknown, "outcome_unknown", "The write may have been made. Read the record before you repeat it."),
    (Code::NotEmpty, "not_empty", "Delete or move the accounts below it first."),
    (Code::Internal, "internal", "A fault of the server. Report the request id."),
];

impl Code {
    /// The word that stands for the code in every answer.
    pub fn as_str(self) -> &'static str {
        CODES.iter().find(|(code, ..)| *code == self).map_or("internal", |(_, word, _)| word)
    }
}

/// Why a text is not a value; the place is added by whoever knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// What is wrong, for programs.
    pub code: Code,
    /// What is wrong, for people; never holds a secret.
    pub message: Cow<'static, str>,
}

impl Invalid {
    /// A value that cannot be the thing at all.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self { code: Code::Invalid, message: message.into() }
    }

    /// A value over its limit.
    pub fn too_long(message: impl Into<Cow<'static, str>>) -> Self {
        Self { code: Code::TooLong, message: message.into() }
    }

    /// An empty value where one must stand.
    pub fn required(message: impl Into<Cow<'static, str>>) -> Self {
        Self { code: Code::Required, message: message.into() }
    }

    /// The fault of this field.
    pub fn at(self, field: impl Into<String>) -> Fault {
        Fault { field: field.into(), code: self.code, message: self.message.into_owned(), existing_id: None }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Invalid {}

/// One faulty field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field: its domain name, or the path as the client wrote it once a face has translated it.
    pub field: String,
    /// What is wrong, for programs.
    pub code: Code,
    /// What is wrong, for people.
    pub message: String,
    /// The live account that holds the value already, where the caller may see it.
    pub existing_id: Option<AccountId>,
}

impl Fault {
    /// A fault of a field.
    pub fn new(field: impl Into<String>, code: Code, message: impl Into<String>) -> Self {
        Self { field: field.into(), code, message: message.into(), existing_id: None }
    }
}

/// Why a command or query was not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The code of the whole; for faulty fields, that of the gravest.
    pub code: Code,
    /// For the caller.
    pub message: String,
    /// Every faulty field.
    pub faults: Vec<Fault>,
    /// When trying again makes sense, in seconds.
    pub retry_after_seconds: Option<u32>,
    /// For the log; never shown to the caller.
    pub cause: Option<String>,
}

impl Refusal {
    /// A refusal with a message for the caller.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), faults: Vec::new(), retry_after_seconds: None, cause: None }
    }

    /// No such account, or not the caller's: one answer for both.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "There is no such account")
    }

    /// A write that may or may not have been made.
    pub fn outcome_unknown() -> Self {
        const MESSAGE: &str = "The outcome is unknown: the change may have been made; read the record before you repeat it";
        Self::new(Code::OutcomeUnknown, MESSAGE).retry_after(OUTCOME_UNKNOWN_RETRY_SECONDS)
    }

    /// Faulty fields. A single cause (all taken, all missing accounts, all impossible) stays what it is; a mixture is invalid.
    pub fn faulty(faults: Vec<Fault>) -> Self {
        let code = match faults.first().map(|first| first.code) {
            Some(code @ (Code::NotFound | Code::Taken | Code::ImpossibleStatus | Code::Forbidden | Code::NotEmpty))
                if faults.iter().all(|fault| fault.code == code) =>
            {
                code
            }
            _ => Code::Invalid,
        };
        let message = match faults.len() {
            1 => "1 field needs attention".to_owned(),
            count => format!("{count} fields need attention"),
        };
        Self { faults, ..Self::new(code, message) }
    }

    /// Adds when trying again makes sense.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// Adds the cause, for the log.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::faulty(vec![fault])
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for fault in &self.faults {
            write!(f, "; {}: {}", fault.field, fault.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}

/// A value as a message quotes it: short, on one line, without control characters.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for (count, character) in text.chars().enumerate() {
        if count == QUOTED_MAX_CHARS {
            out.push('…');
            break;
        }
        out.push(if character.is_control() { '\u{FFFD}' } else { character });
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cause_keeps_its_code_and_a_mixture_is_invalid() {
        let taken = Fault::new("email", Code::Taken, "taken");
        let missing = Fault::new("city", Code::Required, "required");
        assert_eq!(Refusal::faulty(vec![taken.clone()]).code, Code::Taken);
        assert_eq!(Refusal::faulty(vec![taken, missing]).code, Code::Invalid);
    }

    #[test]
    fn every_code_has_its_own_word() {
        for (index, (code, word, _)) in CODES.iter().enumerate() {
            assert_eq!(code.as_str(), *word);
            assert!(CODES[index + 1..].iter().all(|(_, other, _)| other != word), "{word} stands twice");
        }
    }

    #[test]
    fn a_quoted_value_is_short_and_has_no_control_characters() {
        assert_eq!(quoted("a\u{1b}[31m\n"), "\"a\u{FFFD}[31m\u{FFFD}\"");
        assert_eq!(quoted(&"x".repeat(100)).chars().count(), QUOTED_MAX_CHARS + 3);
    }
}
