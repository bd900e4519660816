//! XML-RPC: one path, many methods. Texts become values and back in the codec; what a method does is the same as over REST.

mod introspection;
mod methods;
mod multicall;
mod params;
mod table;

use axum::extract::Request as HttpRequest;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tenantry_domain::{Code, Refusal};
use tenantry_xmlrpc::{DecodeFault, Fault, MethodCall, Value, decode_call, encode_fault, encode_response};

use crate::call::{Call, Unopened};
use crate::{Face, error};
use methods::Listable;
use table::Method;

pub use table::METHODS;

/// Wrong parameters, and no such method (https://xmlrpc-epi.sourceforge.net/specs/rfc.fault_codes.php).
const WRONG_PARAMETERS: i32 = -32602;
const NO_SUCH_METHOD: i32 = -32601;
const NOT_XML_RPC: i32 = -32600;

/// `POST /api/2.0/xmlrpc`
pub(crate) async fn handler(face: &Face, request: HttpRequest) -> Response {
    if request.method() != axum::http::Method::POST {
        let mut response = fault(&Fault { code: 405, message: "This path answers POST".to_owned() }, StatusCode::METHOD_NOT_ALLOWED);
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let call = match Call::open(face, request).await {
        Ok(call) => call,
        Err(unopened) => return unopened_answer(unopened),
    };
    let response = match answer(face, &call).await {
        Ok(value) => written(StatusCode::OK, encode_response(&value)),
        Err(Refused { fault: told, refusal }) => {
            let mut response = fault(&told, StatusCode::OK);
            if let Some(refusal) = refusal {
                error::mark(&mut response, &refusal);
            }
            response
        }
    };
    call.shown(response)
}

/// Why a call gives no value: what the client is told, and the refusal behind it where there is one.
pub(crate) struct Refused {
    fault: Fault,
    refusal: Option<Refusal>,
}

impl Refused {
    fn new(code: i32, message: impl Into<String>) -> Self {
        Self { fault: Fault { code, message: message.into() }, refusal: None }
    }

    fn parameters(message: impl Into<String>) -> Self {
        Self::new(WRONG_PARAMETERS, message)
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let fault = Fault { code: error::status(refusal.code).into(), message: refusal.to_string() };
        Self { fault, refusal: Some(refusal) }
    }
}

impl From<DecodeFault> for Refused {
    fn from(fault: DecodeFault) -> Self {
        Self::new(fault.code(), format!("{} (octet {})", fault.message, fault.offset))
    }
}

async fn answer(face: &Face, call: &Call) -> Result<Value, Refused> {
    let charset = content_type(&call.headers)?;
    let MethodCall { method, params } = decode_call(&call.body, charset.as_deref())?;
    match find(&method)?.method {
        Method::Multicall => multicall::run(face, &call.request, params).await,
        method => methods::run(face, &call.request, &mut Listable::default(), method, params).await,
    }
}

/// The method that a name means.
fn find(name: &str) -> Result<&'static table::Described, Refused> {
    table::find(name).ok_or_else(|| Refused::new(NO_SUCH_METHOD, "There is no such method; system.listMethods lists them"))
}

/// The character set that the header names, after a look at the kind. None is needed: some clients send none.
fn content_type(headers: &HeaderMap) -> Result<Option<String>, Refused> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim().to_ascii_lowercase();
    if text.is_empty() {
        return Ok(None);
    }
    let mut parts = text.split(';').map(str::trim);
    if !matches!(parts.next(), Some("text/xml" | "application/xml")) {
        return Err(Refused::new(NOT_XML_RPC, "The body's Content-Type must be text/xml"));
    }
    Ok(parts.find_map(|part| part.strip_prefix("charset=")).map(|charset| charset.trim_matches('"').to_owned()))
}

fn unopened_answer(unopened: Unopened) -> Response {
    match unopened {
        Unopened::Refused(refusal) => {
            // Credentials that fail are the transport's affair, and answered by it; a server that cannot answer now is not.
            let status = if refusal.code == Code::Unauthenticated { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
            let mut response = fault(&Refused::from(refusal.clone()).fault, status);
            error::mark(&mut response, &refusal);
            response
        }
        Unopened::Body { refusal, close } => {
            let code = if close { NOT_XML_RPC } else { error::status(refusal.code).into() };
            let mut response = fault(&Fault { code, message: refusal.message }, StatusCode::OK);
            if close {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            response
        }
    }
}

fn fault(fault: &Fault, status: StatusCode) -> Response {
    written(status, encode_fault(fault))
}

fn written(status: StatusCode, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, text).into_response()
}
