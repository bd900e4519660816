//! `GET /v1/export/customers`: every customer below the caller, written page by page as the client takes it.

use std::io;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::{Value, json};
use tenantry_domain::refusal::quoted;
use tenantry_domain::{Account, Code, Fault, Invalid, Refusal};
use tenantry_exchange::{CsvFile, EXPORTED};
use tenantry_http::query::pairs;
use tenantry_service::{ListRequest, Principal, Service};

use crate::Face;
use crate::call::Call;
use crate::customers::{Customer, PARAMETERS, of_custom_field};
use crate::query::{self, Parameter};

/// Customers that are read at a time: what a page of a list has at most.
const PAGE: u64 = 200;

/// The parameters of lists that narrow them. The last two say which page is wanted: a file has all.
pub(crate) const FILTERS: &[Parameter<ListRequest>] = PARAMETERS.split_at(PARAMETERS.len() - 2).0;

/// What kind of file is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Csv,
    Jsonl,
}

/// The parameter that says what kind of file is wanted.
pub(crate) fn format_described() -> Value {
    let schema = json!({ "type": "string", "enum": ["csv", "jsonl"], "default": "csv" });
    json!({ "name": "format", "in": "query", "description": "What kind of file is wanted.", "schema": schema })
}

/// A file on the way.
struct Export {
    service: Arc<Service>,
    principal: Arc<Principal>,
    kind: Kind,
    request: ListRequest,
    file: CsvFile,
    ended: bool,
}

pub(crate) async fn handler(face: &Face, call: &Call) -> Result<Response, Refusal> {
    let principal = Arc::clone(&call.request.principal);
    let kind = kind(&call.query)?;
    let only = ListRequest { customers_only: !principal.is_customer(), limit: PAGE, without_count: true, ..ListRequest::default() };
    let request = query::read(FILTERS, beside, only, &call.query)?;
    let mut file = CsvFile::default();
    if kind == Kind::Csv {
        file.row(EXPORTED);
    }
    let mut export = Export { service: Arc::clone(&face.service), principal, kind, request, file, ended: false };
    // What can be refused is refused while there is a status to say so.
    let first = export.next().await?;
    let (media_type, name) = match kind {
        Kind::Csv => ("text/csv; charset=utf-8; header=present", "attachment; filename=\"customers.csv\""),
        Kind::Jsonl => ("application/x-ndjson", "attachment; filename=\"customers.jsonl\""),
    };
    let body = Body::from_stream(stream::unfold((Some(first), export), |(ready, mut export)| async {
        if let Some(ready) = ready {
            return Some((Ok(ready), (None, export)));
        }
        if export.ended {
            return None;
        }
        // A file that cannot be ended is cut off: nobody must take it for whole.
        let piece = export.next().await.map_err(|refusal| io::Error::other(refusal.message));
        export.ended |= piece.is_err();
        Some((piece, (None, export)))
    }));
    Ok(([(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, name)], body).into_response())
}

impl Export {
    /// The next piece of the file.
    async fn next(&mut self) -> Result<Bytes, Refusal> {
        self.service.still_lets_in(&self.principal).await?;
        let accounts = self.service.list(&self.principal, self.request.clone()).await?.accounts;
        self.ended = (accounts.len() as u64) < PAGE;
        self.request.after = accounts.last().map(|last: &Arc<Account>| last.id).or(self.request.after);
        self.written(&accounts).map_err(|error| Refusal::new(Code::Internal, "A customer could not be written").because(error))
    }

    fn written(&mut self, accounts: &[Arc<Account>]) -> serde_json::Result<Bytes> {
        if self.kind == Kind::Jsonl {
            let mut lines = Vec::new();
            for account in accounts {
                serde_json::to_writer(&mut lines, &Customer::of(account))?;
                lines.push(b'\n');
            }
            return Ok(lines.into());
        }
        for account in accounts {
            self.file.record(&serde_json::to_value(Customer::of(account))?);
        }
        Ok(self.file.take().into())
    }
}

/// Reads what kind of file is wanted.
fn kind(query: &str) -> Result<Kind, Refusal> {
    let mut formats = pairs(query).filter(|(name, _)| *name == "format").map(|(_, value)| value);
    match (formats.next(), formats.next()) {
        (None | Some("csv"), None) => Ok(Kind::Csv),
        (Some("jsonl"), None) => Ok(Kind::Jsonl),
        (Some(word), None) => {
            let fault = Invalid::new(format!("{} is neither csv nor jsonl", quoted(word))).at("format");
            Err(Refusal { code: Code::Invalid, ..Refusal::faulty(vec![fault]) })
        }
        (_, Some(_)) => {
            let fault = Invalid::new("this parameter stands twice; send it once").at("format");
            Err(Refusal { code: Code::Invalid, ..Refusal::faulty(vec![fault]) })
        }
    }
}

/// Takes what is no filter of a fixed name.
fn beside(request: &mut ListRequest, name: &str, value: &str) -> Option<Result<(), Fault>> {
    if name == "format" { Some(Ok(())) } else { of_custom_field(request, name, value) }
}
