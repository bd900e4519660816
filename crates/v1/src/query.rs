//! Parameters of queries: each is read by a function that stands beside its description.

use serde_json::{Value, json};
use tenantry_domain::refusal::quoted;
use tenantry_domain::{Code, Fault, Invalid, Refusal};
use tenantry_http::query::{decode, pairs};

use crate::body::TOLD_MAX;
use crate::cursor;

/// Records on a page unless the caller says how many.
pub(crate) const DEFAULT_LIMIT: u64 = 50;
/// Records on a page at most: 200 customers are about 300 KB.
pub(crate) const MAX_LIMIT: u64 = 200;

/// A parameter of the query.
pub(crate) struct Parameter<T> {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) schema: fn() -> Value,
    /// Takes its value.
    pub(crate) narrow: fn(&mut T, String) -> Result<(), Invalid>,
}

impl<T> Parameter<T> {
    /// As the document has it.
    pub(crate) fn described(&self) -> Value {
        json!({ "name": self.name, "in": "query", "description": self.about, "schema": (self.schema)() })
    }
}

/// Takes a parameter whose name no table has; `None`: it is none.
pub(crate) type Other<T> = fn(&mut T, &str, &str) -> Option<Result<(), Fault>>;

/// Reads a query that has these parameters and no others.
///
/// # Errors
/// Every parameter that is wrong.
pub(crate) fn read<T>(parameters: &[Parameter<T>], other: Other<T>, mut request: T, query: &str) -> Result<T, Refusal> {
    let (mut faults, mut seen) = (Vec::new(), Vec::new());
    for (name, value) in pairs(query) {
        faults.extend(take((parameters, other), &mut request, &mut seen, name, value).err());
        // A query has room for thousands of names, and an answer must not be a hundred times as long.
        if faults.len() == TOLD_MAX {
            break;
        }
    }
    if faults.is_empty() { Ok(request) } else { Err(Refusal { code: Code::Invalid, ..Refusal::faulty(faults) }) }
}

/// Takes one parameter, as it came.
fn take<T>(
    (parameters, other): (&[Parameter<T>], Other<T>),
    request: &mut T,
    seen: &mut Vec<&str>,
    name: &str,
    value: &str,
) -> Result<(), Fault> {
    let Some(name) = decode(name) else {
        return Err(Fault::new("", Code::Malformed, "the query is not percent-encoded as it should be"));
    };
    if let Some(taken) = other(request, &name, value) {
        return taken;
    }
    let Some(parameter) = parameters.iter().find(|parameter| parameter.name == name) else {
        let all: Vec<&str> = parameters.iter().map(|parameter| parameter.name).collect();
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

/// Reads how many records a page has at most.
pub(crate) fn limit(value: &str) -> Result<u64, Invalid> {
    let number = value.parse().ok().filter(|number| (1..=MAX_LIMIT).contains(number));
    number.ok_or_else(|| Invalid::new(format!("a page has 1 to {MAX_LIMIT} records")))
}

/// The schema of a limit.
pub(crate) fn limit_schema() -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT })
}

/// What is said of a cursor that is none.
pub(crate) fn no_cursor() -> Invalid {
    Invalid::new("this is no cursor; send next_cursor of the page before")
}

/// Which page of a list is wanted that cannot be narrowed.
pub(crate) struct Paged {
    /// Which list it is: cursors of others are refused.
    list: cursor::List,
    pub(crate) limit: u64,
    /// Where the page begins, as the list has it.
    pub(crate) from: Option<i64>,
}

/// The parameters of such a list.
pub(crate) const PAGED: [Parameter<Paged>; 2] = [
    Parameter {
        name: "limit",
        about: "How many records a page has at most.",
        schema: limit_schema,
        narrow: |paged, value| limit(&value).map(|limit| paged.limit = limit),
    },
    Parameter {
        name: "cursor",
        about: "Where the page begins: `next_cursor` of the page before.",
        schema: || json!({ "type": "string" }),
        narrow: |paged, value| {
            paged.from = Some(cursor::read_mark(paged.list, &value).ok_or_else(no_cursor)?);
            Ok(())
        },
    },
];

impl Paged {
    /// Reads which page is wanted.
    ///
    /// # Errors
    /// Every parameter that is wrong.
    pub(crate) fn read(list: cursor::List, query: &str) -> Result<Self, Refusal> {
        read(&PAGED, |_, _, _| None, Self { list, limit: DEFAULT_LIMIT, from: None }, query)
    }

    /// The limit, as a number of things in memory.
    pub(crate) fn size(&self) -> usize {
        usize::try_from(self.limit).unwrap_or(usize::MAX)
    }
}
