//! The document of this dialect (OpenAPI 3.1), made of what the code reads and writes: the table of operations, the fields of bodies, the records.

use serde_json::{Map, Value, json};
use tenantry_domain::limits::IDEMPOTENCY_KEY_MAX_CHARS;
use tenantry_domain::quota::Channel;
use tenantry_domain::refusal::CODES;
use utoipa::ToSchema;

use crate::customers::events::Events;
use crate::customers::pin::PinCheck;
use crate::customers::quotas::{QuotaEntries, Quotas};
use crate::customers::subject::Subject;
use crate::customers::{Customer, PARAMETERS, Page, create};
use crate::duplicates::{Created, DuplicatePage};
use crate::exports;
use crate::imports::{self, Import};
use crate::keys::{IssuedKey, Keys};
use crate::operation::{self, Action, Operation, Success};
use crate::packages::Packages;
use crate::problem::{self, Problem};
use crate::providers::Providers;
use crate::query::{PAGED, Parameter};
use crate::settings::ShownSettings;

/// The form of a custom field's name, as a pattern.
const CUSTOM_FIELD_NAME_PATTERN: &str = "^[a-z][a-z0-9_]{0,63}$";

/// The document.
pub fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Tenantry",
            "version": "1",
            "summary": "One durable record of every customer.",
            "description": about(),
            "license": { "name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "bearer": [] }, { "basic": [] }],
        "tags": [
            { "name": "customers", "description": "The record, and its life." },
            { "name": "duplicates", "description": "Customers that may be the same." },
            { "name": "providers", "description": "Who sells, below the caller." },
            { "name": "packages", "description": "What is sold of each channel." },
            { "name": "keys", "description": "What programs prove themselves with." },
            { "name": "imports", "description": "Customers from files." },
            { "name": "export", "description": "Customers to files." },
            { "name": "settings", "description": "What a tenant demands of everybody's calls." },
        ],
        "paths": paths(),
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "description": "`Authorization: Bearer tnt_live_…`: `tenantry key issue --scheme bearer`." },
                "basic": { "type": "http", "scheme": "basic", "description": "The account's e-mail address, external id or number, and one of its keys." },
            },
        },
    })
}

fn about() -> String {
    let mut text = "Names are those of the standards (EPP contact, E.164, ISO codes), times are UTC (RFC 3339), errors are problem details (RFC 9457) that name \
                    every faulty field. Unknown fields are refused by name.\n\nCodes of errors:\n\n| code | status | what to do |\n|---|---|---|\n"
        .to_owned();
    for (code, word, advice) in CODES {
        text.push_str(&format!("| `{word}` | {} | {advice} |\n", problem::status(*code).as_u16()));
    }
    text
}

fn paths() -> Map<String, Value> {
    let mut paths: Map<String, Value> = Map::new();
    for operation in operation::all() {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method.to_lowercase()] = described(operation);
    }
    paths
}

fn described(operation: &Operation) -> Value {
    let mut described = json!({
        "operationId": operation.id,
        "tags": [operation.tag()],
        "summary": operation.summary,
        "description": format!("{} The key needs the scope `{}`.", operation.about, operation.scope),
        "parameters": parameters(operation),
        "responses": responses(operation),
    });
    if let Some(body) = operation.body {
        let schema = body();
        let types: &[&str] =
            if operation.method == "PATCH" { &["application/merge-patch+json", "application/json"] } else { &["application/json"] };
        let content: Map<String, Value> = types.iter().map(|media_type| ((*media_type).to_owned(), json!({ "schema": schema }))).collect();
        described["requestBody"] = json!({ "required": is_body_needed(operation), "content": content });
    }
    if operation.reads_file() {
        described["requestBody"] = json!({ "required": true, "content": file() });
    }
    described
}

/// Whether nothing can be done without a body.
fn is_body_needed(operation: &Operation) -> bool {
    let needed = operation.body.map(|body| body()).is_some_and(|schema| schema.get("required").is_some());
    needed || operation.success == Success::Created
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let mut parameters: Vec<Value> = operation.path_parameters().map(in_path).collect();
    let header = |name: &str, about: &str| json!({ "name": name, "in": "header", "description": about, "schema": { "type": "string" } });
    if operation.has_version() && operation.changes() {
        parameters.push(header("If-Match", "The `ETag` of the version that is to be changed: in another one nothing is done (412)."));
    } else if matches!(operation.success, Success::Customer | Success::Settings) {
        parameters.push(header("If-None-Match", "The `ETag` that the caller has: the same one is not sent again (304)."));
    }
    match operation.success {
        Success::Page | Success::File => {
            if operation.success == Success::File {
                parameters.push(exports::format_described());
                parameters.extend(exports::FILTERS.iter().map(Parameter::described));
            } else {
                parameters.extend(PARAMETERS.iter().map(Parameter::described));
            }
            let about = "Only customers with each of these values in custom fields: `custom_fields[vat_id]=DE123`.";
            let schema = json!({ "type": "object", "additionalProperties": { "type": "string" }, "propertyNames": { "pattern": CUSTOM_FIELD_NAME_PATTERN } });
            parameters
                .push(json!({ "name": "custom_fields", "in": "query", "style": "deepObject", "explode": true, "description": about, "schema": schema }));
        }
        Success::Created if operation.action == Action::CreateCustomer => {
            parameters.extend(create::PARAMETERS.iter().map(Parameter::described));
        }
        Success::Shown(_) if operation.reads_file() => parameters.extend(imports::PARAMETERS.iter().map(Parameter::described)),
        Success::List(_) => parameters.extend(PAGED.iter().map(Parameter::described)),
        _ => {}
    }
    if operation.takes_key() {
        let about = "Makes the request happen once: sent again within 7 days it gets the first answer. A refusal is not kept.";
        let schema = json!({ "type": "string", "minLength": 1, "maxLength": IDEMPOTENCY_KEY_MAX_CHARS, "pattern": "^[!-~]+$" });
        parameters.push(json!({ "name": "Idempotency-Key", "in": "header", "description": about, "schema": schema }));
    }
    if prefers(operation) {
        parameters.push(header("Prefer", "`return=minimal`: the answer has no record (RFC 7240)."));
    }
    parameters
}

/// Whether the caller may want no record back.
fn prefers(operation: &Operation) -> bool {
    let gives_record =
        matches!(operation.success, Success::Customer | Success::Created | Success::Shown("Package") | Success::Made("Package"));
    operation.changes() && gives_record
}

/// What stands in a path's braces.
fn in_path(name: &str) -> Value {
    let id = json!({ "type": "integer", "format": "int64", "minimum": 0, "maximum": crate::body::customer::ID_MAX });
    let (about, schema) = match name {
        "id" => ("The account's id.", id),
        "package_id" => ("The package's id.", id),
        "channel" => ("Which balance.", json!({ "type": "string", "enum": Channel::ALL.map(Channel::as_str) })),
        "host" => ("The host's name.", json!({ "type": "string", "format": "hostname" })),
        _ => ("The key's public part, or its first 8 characters.", json!({ "type": "string", "pattern": "^[A-Za-z0-9]{8,64}$" })),
    };
    json!({ "name": name, "in": "path", "required": true, "description": about, "schema": schema })
}

fn responses(operation: &Operation) -> Map<String, Value> {
    let mut responses = Map::new();
    let mut put = |status: &str, response: Value| responses.insert(status.to_owned(), response);
    let customer = |about: &str| json!({ "description": about, "headers": tag(), "content": content("Customer") });
    let location = || json!({ "description": "Where it is.", "schema": { "type": "string", "format": "uri" } });
    match operation.success {
        Success::Customer if operation.writes() => {
            put("200", customer("The record as it is now."));
            put("204", json!({ "description": "Done, with `Prefer: return=minimal`.", "headers": tag() }));
        }
        Success::Customer => {
            put("200", customer("The record."));
            put("304", json!({ "description": "The caller has this version already.", "headers": tag() }));
        }
        Success::Created => {
            let mut created = customer("The new record; without a body with `Prefer: return=minimal`.");
            if operation.action == Action::CreateCustomer {
                created["content"] = content("CreatedCustomer");
            }
            created["headers"]["Location"] = location();
            put("201", created);
        }
        Success::Settings => {
            let settings = json!({ "description": "The settings.", "headers": tag(), "content": content("Settings") });
            put("200", settings);
            if !operation.writes() {
                put("304", json!({ "description": "The caller has this version already.", "headers": tag() }));
            }
        }
        Success::Page => {
            let name = if operation.tag() == "providers" { "Providers" } else { "Page" };
            put("200", json!({ "description": "A page.", "content": content(name) }));
        }
        Success::Nothing => drop(put("204", json!({ "description": "Done." }))),
        Success::Shown(name) => {
            put("200", json!({ "description": "What there is now.", "content": content(name) }));
            if prefers(operation) {
                put("204", json!({ "description": "Done, with `Prefer: return=minimal`." }));
            }
        }
        Success::Made(name) => {
            let mut made = json!({ "description": "What was made.", "content": content(name) });
            if prefers(operation) {
                made["headers"] = json!({ "Location": location() });
            }
            put("201", made);
        }
        Success::List(name) => drop(put("200", json!({ "description": "A page.", "content": content(name) }))),
        Success::File => drop(put("200", json!({ "description": "The file.", "content": file() }))),
    }
    for (status, about) in refusals(operation) {
        put(status, json!({ "description": about, "content": { problem::MEDIA_TYPE: { "schema": reference("Problem") } } }));
    }
    responses
}

/// The refusals that an operation may answer.
fn refusals(operation: &Operation) -> Vec<(&'static str, &'static str)> {
    let mut refusals = vec![
        ("400", "The body or the request cannot be read."),
        ("401", "Authentication failed: the same for every reason."),
        ("403", "The key or the account may not do this."),
        ("413", if operation.reads_file() { "The file is over 2 GiB." } else { "The body is over 256 KiB." }),
        ("415", if operation.reads_file() { "The body is neither CSV nor JSON Lines." } else { "The body is not JSON." }),
        ("429", "Too many requests: wait as long as `Retry-After` says."),
        ("500", "A fault of the server."),
        ("503", "Not now, or the outcome of the write is unknown; the code says which."),
    ];
    let has_parameters = operation.path_parameters().next().is_some();
    if has_parameters {
        refusals.push(("404", "There is no such record, or it is not the caller's."));
    }
    let reads_query = matches!(operation.success, Success::Page | Success::List(_) | Success::File);
    if operation.body.is_some() || reads_query || operation.writes() {
        refusals.push(("422", "Something needs attention: `errors` names every faulty field."));
    }
    if operation.changes() {
        refusals.push(("409", "Another record has the value, or the status does not allow this."));
    }
    if operation.replaces() {
        refusals.push(("428", "The tenant demands `If-Match`; nothing was done."));
    }
    if operation.changes() && operation.has_version() {
        refusals.push(("412", "The record is in another version than `If-Match` names; nothing was done."));
    }
    if !has_parameters && operation.changes() {
        refusals.push(("404", "There is no such provider, or no such package."));
    }
    refusals.sort_unstable();
    refusals
}

fn tag() -> Value {
    json!({ "ETag": { "description": "The version, for `If-Match`.", "schema": { "type": "string" } } })
}

/// A file of either kind.
fn file() -> Value {
    let text = json!({ "schema": { "type": "string" } });
    json!({ "text/csv": text, "application/x-ndjson": text })
}

fn content(schema: &str) -> Value {
    json!({ "application/json": { "schema": reference(schema) } })
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn schemas() -> Map<String, Value> {
    let mut all = Vec::new();
    fn put<T: ToSchema>(name: &str, all: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>) {
        all.push((name.to_owned(), T::schema()));
        T::schemas(all);
    }
    put::<Customer<'_>>("Customer", &mut all);
    put::<Page<'_>>("Page", &mut all);
    put::<Created<'_>>("CreatedCustomer", &mut all);
    put::<DuplicatePage<'_>>("DuplicatePage", &mut all);
    put::<ShownSettings<'_>>("Settings", &mut all);
    put::<Providers<'_>>("Providers", &mut all);
    put::<PinCheck>("PinCheck", &mut all);
    put::<Quotas>("Quotas", &mut all);
    put::<QuotaEntries<'_>>("QuotaEntries", &mut all);
    put::<Events<'_>>("Events", &mut all);
    put::<Packages<'_>>("Packages", &mut all);
    put::<Keys<'_>>("Keys", &mut all);
    put::<IssuedKey<'_>>("IssuedKey", &mut all);
    put::<Subject<'_>>("Subject", &mut all);
    put::<Import>("Import", &mut all);
    put::<Problem<'_>>("Problem", &mut all);
    all.into_iter().map(|(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default())).collect()
}
