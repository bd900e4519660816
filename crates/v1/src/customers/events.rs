//! `GET /v1/customers/{id}/events` and `/v1/providers/{id}/events`: who changed what, and when.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::Value;
use tenantry_domain::event::PastEvent;
use tenantry_domain::{AccountId, Refusal};
use tenantry_service::EventMark;
use utoipa::ToSchema;

use crate::call::Call;
use crate::cursor::{self, List};
use crate::query::Paged;
use crate::{Face, answer};

/// A page of a history, the newest event first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Events<'a> {
    /// The events.
    events: Vec<ShownEvent<'a>>,
    /// Where the next page begins: send it as `cursor`. Null on the last page.
    next_cursor: Option<String>,
}

/// One change of a record.
#[derive(Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct ShownEvent<'a> {
    /// The record's version after it.
    version: i64,
    /// What happened: `customer.edited`, `quota.granted`, `key.issued`.
    name: &'a str,
    /// When.
    #[schema(format = "date-time")]
    at: String,
    /// The account that did it.
    #[schema(value_type = i64)]
    actor_id: AccountId,
    /// The public part of its key, where the reader may know it.
    credential: Option<&'a str>,
    /// The address that it came from, where the reader may know it.
    peer: Option<&'a str>,
    /// The address that the caller said its end user had: never trusted.
    claimed: Option<&'a str>,
    /// The API by which it came: `v1`, `wwwengine`, `everlytic`, `command_line`; `timer`: by itself.
    dialect: &'a str,
    /// The request's id, as the answer and the log have it.
    request_id: &'a str,
    /// The fields that changed.
    #[schema(value_type = Vec<ShownChange>)]
    changes: &'a Value,
}

/// One changed field: the shape in which the domain writes it, for the schema.
#[derive(Serialize, ToSchema)]
#[schema(as = Change)]
struct ShownChange {
    /// The field.
    field: String,
    /// What it was; null for a secret.
    old: Value,
    /// What it is; null for a secret.
    new: Value,
}

pub(crate) async fn handler(face: &Face, call: &Call, id: AccountId) -> Result<Response, Refusal> {
    let paged = Paged::read(List::Events, &call.query)?;
    let list = face.service.history(&call.request.principal, id, paged.from.map(EventMark), paged.size()).await?;
    let next_cursor = list.next.map(|EventMark(place)| cursor::mark(List::Events, place));
    Ok(answer::json(StatusCode::OK, &Events { events: list.events.iter().map(ShownEvent::of).collect(), next_cursor }))
}

impl<'a> ShownEvent<'a> {
    pub(crate) fn of(event: &'a PastEvent) -> Self {
        Self {
            version: event.version,
            name: &event.name,
            at: event.at.to_string(),
            actor_id: event.actor_id,
            credential: event.credential.as_deref(),
            peer: event.peer.as_deref(),
            claimed: event.claimed.as_deref(),
            dialect: &event.dialect,
            request_id: &event.request_id,
            changes: &event.changes,
        }
    }
}
