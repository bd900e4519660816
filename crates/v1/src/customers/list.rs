//! `GET /v1/customers`: a page of the customers below the caller, by rising id, narrowed and searched.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Value, json};
use tenantry_domain::account::CustomFieldName;
use tenantry_domain::account::custom_fields::{TAG_INDEX, fold_value, index_name};
use tenantry_domain::refusal::quoted;
use tenantry_domain::search::QUERY_MAX_CHARS;
use tenantry_domain::value::{Country, Email, Tag};
use tenantry_domain::{AccountId, Code, Fault, Invalid, Refusal, Status};
use tenantry_http::query::{decode, pairs};
use tenantry_service::{ListRequest, ProfileField};
use utoipa::ToSchema;

use super::Customer;
use crate::body::TOLD_MAX;
use crate::body::customer::ID_MAX;
use crate::call::Call;
use crate::{Face, answer, cursor};

/// Customers on a page unless the caller says how many.
const DEFAULT_LIMIT: u64 = 50;
/// Customers on a page at most: 200 of them are about 300 KB.
const MAX_LIMIT: u64 = 200;

/// A page of customers.
#[derive(Serialize, ToSchema)]
pub(crate) struct Page<'a> {
    /// The customers, by rising id.
    customers: Vec<Customer<'a>>,
    /// Where the next page begins: send it as `cursor`, with the same other parameters. Null on the last page.
    next_cursor: Option<String>,
}

/// A parameter of the query.
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) schema: fn() -> Value,
    /// Takes its value.
    narrow: fn(&mut ListRequest, String) -> Result<(), Invalid>,
}

/// Every parameter that there is.
pub(crate) const PARAMETERS: [Parameter; 10] = [
    Parameter {
        name: "search",
        about: "Words, each of which stands somewhere in the customer: in names, addresses, e-mail, phones in any form, ids. Case and accents make no difference.",
        schema: || json!({ "type": "string", "maxLength": QUERY_MAX_CHARS, "examples": ["müller 0114476147"] }),
        narrow: |request, value| set(&mut request.search, value),
    },
    Parameter {
        name: "status",
        about: "Only customers in these statuses, between commas; without it, in any but deleted.",
        schema: || json!({ "type": "string", "pattern": "^(pending|active|suspended|closed|deleted)(,(pending|active|suspended|closed|deleted))*$" }),
        narrow: |request, value| statuses(&value).map(|statuses| request.statuses = statuses),
    },
    Parameter {
        name: "email",
        about: "Only the customer with this e-mail address.",
        schema: || json!({ "type": "string", "format": "email" }),
        narrow: |request, value| set(&mut request.email, Email::parse(value)?),
    },
    Parameter {
        name: "external_id",
        about: "Only the customer with this id of the caller's.",
        schema: || json!({ "type": "string", "minLength": 1 }),
        narrow: |request, value| set(&mut request.external_id, filled(value)?),
    },
    Parameter {
        name: "country_code",
        about: "Only customers in this country.",
        schema: || json!({ "type": "string", "pattern": "^[A-Za-z]{2}$" }),
        narrow: |request, value| with(request, ProfileField::CountryCode, Country::parse(value)?.as_str()),
    },
    Parameter {
        name: "postal_code",
        about: "Only customers with this postal code, as it was given.",
        schema: || json!({ "type": "string", "minLength": 1 }),
        narrow: |request, value| with(request, ProfileField::PostalCode, &filled(value)?),
    },
    Parameter {
        name: "parent_id",
        about: "Only customers directly below this provider.",
        schema: || json!({ "type": "integer", "format": "int64", "minimum": 0, "maximum": ID_MAX }),
        narrow: |request, value| set(&mut request.parent_id, id(&value)?),
    },
    Parameter {
        name: "tag",
        about: "Only customers with each of these tags, between commas. Case and accents make no difference.",
        schema: || json!({ "type": "string", "minLength": 1, "examples": ["vip,wholesale"] }),
        narrow: |request, value| tags(request, &value),
    },
    Parameter {
        name: "limit",
        about: "How many customers a page has at most.",
        schema: || json!({ "type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT }),
        narrow: |request, value| limit(&value).map(|limit| request.limit = limit),
    },
    Parameter {
        name: "cursor",
        about: "Where the page begins: `next_cursor` of the page before.",
        schema: || json!({ "type": "string" }),
        narrow: |request, value| set(&mut request.after, after(&value)?),
    },
];

pub(crate) async fn handler(face: &Face, call: &Call) -> Result<Response, Refusal> {
    let request = read(&call.query)?;
    let limit = request.limit;
    // One more than the page: whether there is a next one.
    let request = ListRequest { customers_only: !call.request.principal.is_customer(), limit: limit + 1, without_count: true, ..request };
    let mut accounts = face.service.list(&call.request.principal, request).await?.accounts;
    let goes_on = accounts.len() as u64 > limit;
    accounts.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = accounts.last().filter(|_| goes_on).map(|last| cursor::after(last.id));
    let customers = accounts.iter().map(|account| Customer::of(account)).collect();
    Ok(answer::json(StatusCode::OK, &Page { customers, next_cursor }))
}

fn read(query: &str) -> Result<ListRequest, Refusal> {
    let mut request = ListRequest { limit: DEFAULT_LIMIT, ..ListRequest::default() };
    let (mut faults, mut seen) = (Vec::new(), Vec::new());
    for (name, value) in pairs(query) {
        faults.extend(take(&mut request, &mut seen, name, value).err());
        // A query has room for thousands of names, and an answer must not be a hundred times as long.
        if faults.len() == TOLD_MAX {
            break;
        }
    }
    if faults.is_empty() { Ok(request) } else { Err(Refusal { code: Code::Invalid, ..Refusal::faulty(faults) }) }
}

/// Takes one parameter, as it came.
fn take(request: &mut ListRequest, seen: &mut Vec<&str>, name: &str, value: &str) -> Result<(), Fault> {
    let Some(name) = decode(name) else {
        return Err(Fault::new("", Code::Malformed, "the query is not percent-encoded as it should be"));
    };
    if let Some(field) = name.strip_prefix("custom_fields[").and_then(|name| name.strip_suffix(']')) {
        let value = decode(value).ok_or_else(|| Invalid::new("this is not percent-encoded UTF-8"));
        return value.and_then(|value| custom_field(request, field, &value)).map_err(|invalid| invalid.at("custom_fields"));
    }
    let Some(parameter) = PARAMETERS.iter().find(|parameter| parameter.name == name) else {
        let all: Vec<&str> = PARAMETERS.iter().map(|parameter| parameter.name).collect();
        let message = format!("{} is no parameter; there are {}", quoted(&name), all.join(", "));
        // The name is the client's, and may be long.
        return Err(Fault::new(quoted(&name).trim_matches('"'), Code::UnknownField, message));
    };
    if seen.contains(&parameter.name) {
        return Err(Fault::new(parameter.name, Code::Invalid, "this parameter stands twice; send it once"));
    }
    seen.push(parameter.name);
    let value = decode(value).ok_or_else(|| Invalid::new("this is not percent-encoded UTF-8"));
    value.and_then(|value| (parameter.narrow)(request, value)).map_err(|invalid| invalid.at(parameter.name))
}

#[expect(clippy::unnecessary_wraps, reason = "as the parameters that can be refused")]
fn set<T>(field: &mut Option<T>, value: T) -> Result<(), Invalid> {
    *field = Some(value);
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "as the parameters that can be refused")]
fn with(request: &mut ListRequest, field: ProfileField, value: &str) -> Result<(), Invalid> {
    request.profile.push((field, value.to_owned()));
    Ok(())
}

fn tags(request: &mut ListRequest, value: &str) -> Result<(), Invalid> {
    let tags: Vec<Tag> = value.split(',').map(Tag::parse).collect::<Result<_, _>>()?;
    request.values.extend(tags.iter().map(|tag| (TAG_INDEX.to_owned(), tag.folded())));
    Ok(())
}

/// `custom_fields[NAME]=VALUE`.
fn custom_field(request: &mut ListRequest, field: &str, value: &str) -> Result<(), Invalid> {
    let name = CustomFieldName::parse(field)?;
    request.values.push((index_name(name.as_str()), fold_value(value)));
    Ok(())
}

fn id(value: &str) -> Result<AccountId, Invalid> {
    AccountId::parse(value).ok_or_else(|| Invalid::new(format!("{} is not an id", quoted(value))))
}

fn after(value: &str) -> Result<AccountId, Invalid> {
    cursor::read(value).ok_or_else(|| Invalid::new("this is no cursor; send next_cursor of the page before"))
}

fn statuses(value: &str) -> Result<Vec<Status>, Invalid> {
    let all = Status::ALL.map(Status::as_str).join(", ");
    let read = |word: &str| Status::parse(word).ok_or_else(|| Invalid::new(format!("{} is no status; there are {all}", quoted(word))));
    value.split(',').map(|word| read(word.trim())).collect()
}

fn limit(value: &str) -> Result<u64, Invalid> {
    let number = value.parse().ok().filter(|number| (1..=MAX_LIMIT).contains(number));
    number.ok_or_else(|| Invalid::new(format!("a page has 1 to {MAX_LIMIT} customers")))
}

fn filled(value: String) -> Result<String, Invalid> {
    if value.is_empty() { Err(Invalid::required("this must not be empty; leave it out")) } else { Ok(value) }
}
