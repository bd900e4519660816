//! `GET /v1/customers`: a page of the customers below the caller, by rising id, narrowed and searched.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Value, json};
use tenantry_domain::account::CustomFieldName;
use tenantry_domain::account::custom_fields::{TAG_INDEX, fold_value, index_name};
use tenantry_domain::package::PackageId;
use tenantry_domain::quota::Channel;
use tenantry_domain::refusal::quoted;
use tenantry_domain::search::QUERY_MAX_CHARS;
use tenantry_domain::value::{Country, Email, Tag};
use tenantry_domain::{Account, AccountId, Fault, Invalid, Refusal, Status, Timestamp};
use tenantry_http::query::decode;
use tenantry_service::{ListRequest, ProfileField};
use utoipa::ToSchema;

use super::Customer;
use crate::body::customer::ID_MAX;
use crate::call::Call;
use crate::query::{self, DEFAULT_LIMIT, Parameter, limit, limit_schema, no_cursor};
use crate::{Face, answer, cursor};

/// Characters of a date, as ISO 8601 writes one.
const DATE_CHARS: usize = 10;

/// A page of customers.
#[derive(Serialize, ToSchema)]
pub(crate) struct Page<'a> {
    /// The customers, by rising id.
    customers: Vec<Customer<'a>>,
    /// Where the next page begins: send it as `cursor`, with the same other parameters. Null on the last page.
    next_cursor: Option<String>,
}

/// Every parameter that there is.
pub(crate) const PARAMETERS: [Parameter<ListRequest>; 18] = [
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
        name: "below",
        about: "Only those somewhere below this provider: its own customers, and those of providers below it.",
        schema: || json!({ "type": "integer", "format": "int64", "minimum": 0, "maximum": ID_MAX }),
        narrow: |request, value| set(&mut request.below, id(&value)?),
    },
    Parameter {
        name: "email_package_id",
        about: "Only those with this package of messages by e-mail; `none`: without any.",
        schema: package_schema,
        narrow: |request, value| package(request, Channel::Email, &value),
    },
    Parameter {
        name: "sms_package_id",
        about: "Only those with this package of short messages; `none`: without any.",
        schema: package_schema,
        narrow: |request, value| package(request, Channel::Sms, &value),
    },
    Parameter {
        name: "transactions_package_id",
        about: "Only those with this package of transactions; `none`: without any.",
        schema: package_schema,
        narrow: |request, value| package(request, Channel::Transactions, &value),
    },
    Parameter {
        name: "created_from",
        about: "Only those made at this time or later: RFC 3339, or a date, which begins at midnight UTC.",
        schema: time_schema,
        narrow: |request, value| set(&mut request.created.from, time(&value)?),
    },
    Parameter {
        name: "created_before",
        about: "Only those made before this time.",
        schema: time_schema,
        narrow: |request, value| set(&mut request.created.before, time(&value)?),
    },
    Parameter {
        name: "updated_from",
        about: "Only those that last changed at this time or later. No index has it: over very many customers narrow the list otherwise, too.",
        schema: time_schema,
        narrow: |request, value| set(&mut request.updated.from, time(&value)?),
    },
    Parameter {
        name: "updated_before",
        about: "Only those that last changed before this time.",
        schema: time_schema,
        narrow: |request, value| set(&mut request.updated.before, time(&value)?),
    },
    Parameter {
        name: "limit",
        about: "How many customers a page has at most.",
        schema: limit_schema,
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
    let only = ListRequest { customers_only: !call.request.principal.is_customer(), ..ListRequest::default() };
    let (accounts, next_cursor) = page(face, call, only).await?;
    let customers = accounts.iter().map(|account| Customer::of(account)).collect();
    Ok(answer::json(StatusCode::OK, &Page { customers, next_cursor }))
}

/// A page of accounts of a kind, and the cursor of the next one.
pub(crate) async fn page(face: &Face, call: &Call, only: ListRequest) -> Result<(Vec<Arc<Account>>, Option<String>), Refusal> {
    let request = query::read(&PARAMETERS, of_custom_field, ListRequest { limit: DEFAULT_LIMIT, ..only }, &call.query)?;
    let limit = request.limit;
    // One more than the page: whether there is a next one.
    let request = ListRequest { limit: limit + 1, without_count: true, ..request };
    let mut accounts = face.service.list(&call.request.principal, request).await?.accounts;
    let goes_on = accounts.len() as u64 > limit;
    accounts.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = accounts.last().filter(|_| goes_on).map(|last| cursor::after(last.id));
    Ok((accounts, next_cursor))
}

/// Takes a parameter that names a custom field: `custom_fields[vat_id]`.
pub(crate) fn of_custom_field(request: &mut ListRequest, name: &str, value: &str) -> Option<Result<(), Fault>> {
    let field = name.strip_prefix("custom_fields[")?.strip_suffix(']')?;
    let value = decode(value).ok_or_else(|| Invalid::new("this is not percent-encoded UTF-8"));
    Some(value.and_then(|value| custom_field(request, field, &value)).map_err(|invalid| invalid.at("custom_fields")))
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
    cursor::read(value).ok_or_else(no_cursor)
}

fn statuses(value: &str) -> Result<Vec<Status>, Invalid> {
    let all = Status::ALL.map(Status::as_str).join(", ");
    let read = |word: &str| Status::parse(word).ok_or_else(|| Invalid::new(format!("{} is no status; there are {all}", quoted(word))));
    value.split(',').map(|word| read(word.trim())).collect()
}

fn filled(value: String) -> Result<String, Invalid> {
    if value.is_empty() { Err(Invalid::required("this must not be empty; leave it out")) } else { Ok(value) }
}

fn package_schema() -> Value {
    json!({ "type": "string", "pattern": "^([1-9][0-9]*|none)$", "examples": ["7", "none"] })
}

fn package(request: &mut ListRequest, channel: Channel, value: &str) -> Result<(), Invalid> {
    let id = match value {
        "none" => None,
        _ => Some(PackageId::parse(value).ok_or_else(|| Invalid::new(format!("{} is neither a package's id nor none", quoted(value))))?),
    };
    request.packages.push((channel, id));
    Ok(())
}

fn time_schema() -> Value {
    json!({ "type": "string", "anyOf": [{ "format": "date-time" }, { "format": "date" }], "examples": ["2026-01-31", "2026-01-31T12:00:00Z"] })
}

fn time(value: &str) -> Result<Timestamp, Invalid> {
    let read = if value.len() == DATE_CHARS { [value, "T00:00:00Z"].concat().parse() } else { value.parse() };
    read.map_err(|_| Invalid::new(format!("{} is no time; write 2030-01-31 or 2030-01-31T00:00:00Z (RFC 3339)", quoted(value))))
}
