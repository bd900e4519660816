//! Answers of REST: links and an item or a collection, or an error; as JSON, or as XML where the client prefers it.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tenantry_domain::{AccountId, Refusal};
use tenantry_xmlrpc::push_text;

use crate::error;
use crate::field::{Field, Record};

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Xml,
}

impl Format {
    /// What the client prefers (RFC 9110 section 12.5.1): JSON, unless XML is named and weighs more.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        // Of the ranges that mean JSON the most specific one says what it weighs.
        let (mut exact, mut application, mut any, mut xml) = (None, None, None, 0.0);
        for value in headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()) {
            for range in value.to_ascii_lowercase().split(',') {
                let mut parts = range.split(';').map(str::trim);
                let kind = parts.next().unwrap_or_default();
                let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0_f32, |weight| weight.parse().unwrap_or(0.0));
                match kind {
                    "application/json" => exact = Some(weight),
                    "application/*" => application = Some(weight),
                    "*/*" => any = Some(weight),
                    "application/xml" | "text/xml" => xml = weight.max(xml),
                    _ => {}
                }
            }
        }
        let json = exact.or(application).or(any).unwrap_or(0.0);
        if xml > json { Self::Xml } else { Self::Json }
    }

    const fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml",
        })
    }
}

/// A way to go on from an answer.
#[derive(Debug, Serialize)]
pub(super) struct Link {
    pub(super) title: &'static str,
    pub(super) rel: &'static str,
    pub(super) href: String,
}

/// An answer to a call that succeeded.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    pub(super) links: Vec<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) item: Option<Record<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) collection: Option<Vec<Data<'a>>>,
    /// Properties that nothing read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) ignored: Vec<String>,
    /// What whoever asked should know besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
}

/// One record of a collection.
#[derive(Serialize)]
pub(super) struct Data<'a> {
    pub(super) data: Record<'a>,
}

impl Document<'_> {
    /// The answer.
    pub(super) fn answer(&self, status: StatusCode, format: Format) -> Response {
        let text = match format {
            Format::Json => json(self),
            Format::Xml => Some(self.xml()),
        };
        written(status, format, text)
    }

    fn xml(&self) -> Vec<u8> {
        let mut out = String::from(XML_BEGIN);
        element(&mut out, "links", |out| {
            for link in &self.links {
                element(out, "link", |out| {
                    text_element(out, "title", link.title);
                    text_element(out, "rel", link.rel);
                    text_element(out, "href", &link.href);
                });
            }
        });
        if let Some(item) = &self.item {
            element(&mut out, "item", |out| record(out, item));
        }
        if let Some(collection) = &self.collection {
            element(&mut out, "collection", |out| collection.iter().for_each(|data| element(out, "data", |out| record(out, &data.data))));
        }
        if !self.ignored.is_empty() {
            element(&mut out, "ignored", |out| self.ignored.iter().for_each(|name| text_element(out, "name", name)));
        }
        if let Some(message) = &self.message {
            text_element(&mut out, "message", message);
        }
        out.push_str(XML_END);
        out.into_bytes()
    }
}

const XML_BEGIN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response>";
const XML_END: &str = "</response>\n";

#[derive(Serialize)]
struct ErrorDocument<'a> {
    error: ErrorBody<'a>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    code: u16,
    message: &'a str,
    /// What is wrong, by property.
    fields: BTreeMap<&'a str, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    existing_id: Option<AccountId>,
}

/// The answer that a refusal gives. Its faults have the properties' names by now.
pub(super) fn refused(refusal: &Refusal, format: Format) -> Response {
    let code = error::status(refusal.code);
    let mut fields: BTreeMap<&str, String> = BTreeMap::new();
    for fault in &refusal.faults {
        let told = fields.entry(&fault.field).or_default();
        if !told.is_empty() {
            told.push_str("; ");
        }
        told.push_str(&fault.message);
    }
    let body = ErrorBody { code, message: &refusal.message, fields, existing_id: error::existing_id(refusal) };
    let text = match format {
        Format::Json => json(&ErrorDocument { error: body }),
        Format::Xml => Some(body.xml()),
    };
    let mut response = written(StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), format, text);
    error::mark(&mut response, refusal);
    response
}

impl ErrorBody<'_> {
    fn xml(&self) -> Vec<u8> {
        let mut out = String::from(XML_BEGIN);
        element(&mut out, "error", |out| {
            text_element(out, "code", &self.code.to_string());
            text_element(out, "message", self.message);
            element(out, "fields", |out| {
                for (name, message) in &self.fields {
                    element(out, "field", |out| {
                        text_element(out, "name", name);
                        text_element(out, "message", message);
                    });
                }
            });
            if let Some(id) = self.existing_id {
                text_element(out, "existing_id", &id.to_string());
            }
        });
        out.push_str(XML_END);
        out.into_bytes()
    }
}

fn record(out: &mut String, record: &Record<'_>) {
    for (name, field) in &record.0 {
        match field {
            Field::Text(text) => text_element(out, name, text),
            Field::Int(number) => text_element(out, name, &number.to_string()),
        }
    }
}

fn text_element(out: &mut String, name: &str, text: &str) {
    element(out, name, |out| push_text(out, text));
}

fn element(out: &mut String, name: &str, content: impl FnOnce(&mut String)) {
    for piece in ["<", name, ">"] {
        out.push_str(piece);
    }
    content(out);
    for piece in ["</", name, ">"] {
        out.push_str(piece);
    }
}

fn json(body: &impl Serialize) -> Option<Vec<u8>> {
    // A customer with its address and phones takes about a thousand octets.
    let mut text = Vec::with_capacity(1024);
    match serde_json::to_writer(&mut text, body) {
        Ok(()) => Some(text),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            None
        }
    }
}

/// A body that no cache keeps.
fn written(status: StatusCode, format: Format, text: Option<Vec<u8>>) -> Response {
    let Some(text) = text else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let headers = [(header::CONTENT_TYPE, format.content_type()), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (status, headers, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_unless_xml_weighs_more() {
        for (accept, format) in [
            ("", Format::Json),
            ("*/*", Format::Json),
            ("application/xml", Format::Xml),
            ("text/xml", Format::Xml),
            ("application/json, application/xml", Format::Json),
            ("application/json;q=0.5, application/xml;q=0.9", Format::Xml),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Format::Xml),
            ("application/xml;q=0", Format::Json),
            ("application/xml;q=nonsense", Format::Json),
            ("application/xml;Q=0.1, application/json", Format::Json),
            ("application/json;q=0.1, */*, application/xml;q=0.5", Format::Xml),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(Format::of(&headers), format, "{accept}");
        }
    }
}
