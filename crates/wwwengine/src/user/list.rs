//! `GET /user`: lists the accounts below the caller, by rising id.

use axum::response::Response;
use serde::Serialize;
use tenantry_domain::refusal::quoted;
use tenantry_domain::value::Email;
use tenantry_domain::{AccountId, Fault, Invalid, Refusal};
use tenantry_http::query::{decode, pairs};
use tenantry_service::ListRequest;

use crate::call::Call;
use crate::record::Record;
use crate::{Face, answer, error, words};

/// Records on a page unless the caller says how many.
const DEFAULT_LIMIT: u64 = 50;
/// Records on a page at most: 200 of them are about 200 KB.
const MAX_LIMIT: u64 = 200;
/// The highest page number: what a signed 32-bit integer of an old client holds.
const MAX_PAGE: u64 = i32::MAX as u64;

/// The filters, as they are documented; clients write their names in any case.
const FILTERS: [&str; 6] = ["email", "status", "parentID", "search", "page", "limit"];

#[derive(Serialize)]
struct Listed<'a> {
    total: u64,
    users: Vec<Record<'a>>,
}

pub(crate) async fn handler(face: &Face, call: &Call) -> Response {
    let listed = match read(&call.query) {
        Ok(request) => face.service.list(&call.principal, request).await,
        Err(refusal) => Err(refusal),
    };
    match listed {
        Ok(list) => {
            let users = list.accounts.iter().map(|account| Record::of(account, &[])).collect();
            answer::success("OK", Listed { total: list.total, users })
        }
        Err(refusal) => error::answer(&refusal),
    }
}

/// Reads the filters from the query; what the signature needs was read before.
fn read(query: &str) -> Result<ListRequest, Refusal> {
    let mut request = ListRequest { limit: DEFAULT_LIMIT, ..ListRequest::default() };
    let mut page = 1;
    let mut faults: Vec<Fault> = Vec::new();
    let mut seen: Vec<&'static str> = Vec::new();
    for (written, raw) in pairs(query) {
        // What is no filter may stand beside them.
        let Some(name) = FILTERS.into_iter().find(|filter| filter.eq_ignore_ascii_case(written)) else { continue };
        if seen.contains(&name) {
            faults.push(Invalid::new("this filter stands twice; send it once").at(name));
            continue;
        }
        seen.push(name);
        let Some(value) = decode(raw) else {
            faults.push(Invalid::new("this is not percent-encoded UTF-8").at(name));
            continue;
        };
        // A form with an empty field does not filter by it.
        if value.is_empty() {
            continue;
        }
        let read = match name {
            "email" => Email::parse(value).map(|email| request.email = Some(email)),
            "status" => words::statuses(&value).map(|statuses| request.statuses = statuses),
            "parentID" => match AccountId::parse(&value) {
                Some(id) => {
                    request.parent_id = Some(id);
                    Ok(())
                }
                None => Err(Invalid::new(format!("{} is not an account's id", quoted(&value)))),
            },
            "search" => {
                request.search = Some(value);
                Ok(())
            }
            "page" => number(&value, MAX_PAGE).map(|number| page = number),
            "limit" => number(&value, MAX_LIMIT).map(|number| request.limit = number),
            _ => Ok(()),
        };
        faults.extend(read.err().map(|invalid| invalid.at(name)));
    }
    request.skip = (page - 1) * request.limit;
    if faults.is_empty() { Ok(request) } else { Err(Refusal { code: tenantry_domain::Code::Invalid, ..Refusal::faulty(faults) }) }
}

fn number(text: &str, max: u64) -> Result<u64, Invalid> {
    match text.parse::<u64>() {
        Ok(number) if (1..=max).contains(&number) && text.bytes().all(|b| b.is_ascii_digit()) => Ok(number),
        _ => Err(Invalid::new(format!("{} is not a number from 1 to {max}", quoted(text)))),
    }
}
