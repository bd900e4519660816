//! `GET /v1/duplicates`: a page of customers below the caller that may be the same.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;
use tenantry_domain::Refusal;
use tenantry_service::TwinPlace;

use super::DuplicatePage;
use crate::call::Call;
use crate::query::{DEFAULT_LIMIT, Parameter, limit, limit_schema, no_cursor, read};
use crate::{Face, answer, cursor};

/// Which page is wanted.
struct Asked {
    limit: u64,
    after: Option<TwinPlace>,
}

/// The parameters, as those of any list; the cursor is read in another form.
const PARAMETERS: [Parameter<Asked>; 2] = [
    Parameter {
        name: "limit",
        about: "How many groups a page has at most.",
        schema: limit_schema,
        narrow: |asked, value| limit(&value).map(|limit| asked.limit = limit),
    },
    Parameter {
        name: "cursor",
        about: "Where the page begins: `next_cursor` of the page before.",
        schema: || json!({ "type": "string" }),
        narrow: |asked, value| {
            asked.after = Some(cursor::read_twins(&value).ok_or_else(no_cursor)?);
            Ok(())
        },
    },
];

pub(crate) async fn handler(face: &Face, call: &Call) -> Result<Response, Refusal> {
    let asked = read(&PARAMETERS, |_, _, _| None, Asked { limit: DEFAULT_LIMIT, after: None }, &call.query)?;
    let list = face.service.duplicates(&call.request.principal, asked.after, asked.limit).await?;
    Ok(answer::json(StatusCode::OK, &DuplicatePage::of(&list)))
}
