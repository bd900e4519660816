//! What every call goes through: the caller is found out, and the body is read to its limit.

use std::net::IpAddr;

use axum::body::{Body, Bytes};
use axum::extract::Request as HttpRequest;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use tenantry_domain::limits::IDEMPOTENCY_KEY_MAX_CHARS;
use tenantry_domain::{Code, Dialect, Refusal};
use tenantry_http::access_log::{Client, KeyPrefix};
use tenantry_http::authorization::{self, Authorization, is_anothers_page};
use tenantry_http::body::{self, BodyFault, MAX_BODY_BYTES};
use tenantry_http::client_address::client_address;
use tenantry_http::listener::PeerAddress;
use tenantry_http::request_id::RequestId;
use tenantry_service::{BasicCredentials, BearerKey, CallRate, Idempotent, Presented, Request};

use crate::operation::Operation;
use crate::{Face, etag, problem};

/// Media types of bodies that are read as JSON.
const JSON_TYPES: [&str; 2] = ["application/json", "application/merge-patch+json"];

/// The header of a key that makes a request happen once.
pub(crate) const KEY_HEADER: &str = "idempotency-key";

/// An authenticated call.
pub(crate) struct Call {
    /// Who asks, for the service.
    pub(crate) request: Request,
    pub(crate) headers: HeaderMap,
    pub(crate) query: String,
    pub(crate) body: Bytes,
    peer: IpAddr,
}

impl Call {
    /// Authenticates a request and reads its body. `id` is that of the path. Beside the call stands the body of an operation that reads it as it comes.
    pub(crate) async fn open(
        face: &Face,
        request: HttpRequest,
        operation: &Operation,
        id: Option<&str>,
    ) -> Result<(Self, Body), Box<Response>> {
        let (parts, body) = request.into_parts();
        // Without a listener there is no peer; nobody is let in from nowhere.
        let Some(peer) = parts.extensions.get::<PeerAddress>() else {
            return Err(Box::new(problem::answer(&Refusal::new(Code::Internal, "The request has no peer address"))));
        };
        let peer = client_address(peer.0, &parts.headers, &face.proxies);
        if operation.writes() && is_anothers_page(&parts.headers, &face.public_url) {
            body::pass_over(body).await;
            return Err(Box::new(problem::answer(&Refusal::new(Code::Forbidden, "This call comes from a page of another site"))));
        }
        let request_id = parts.extensions.get::<RequestId>().copied().unwrap_or_default();
        // The caller first: a stranger's body is passed over and not kept.
        let principal = match face.authenticate(&parts.headers, peer, &request_id).await {
            Ok(principal) => principal,
            Err(refusal) => {
                body::pass_over(body).await;
                return Err(Box::new(problem::answer(&refusal)));
            }
        };
        let (body, file) = if operation.reads_file() {
            (Bytes::new(), body)
        } else {
            (body::read(body, &parts.headers, MAX_BODY_BYTES).await.map_err(|fault| Box::new(unread(&fault)))?, Body::empty())
        };
        if !body.is_empty() && !is_json(&parts.headers) {
            let message = "Send the body as application/json";
            return Err(Box::new(problem::answer(&Refusal::new(Code::UnsupportedMediaType, message))));
        }
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let request = Request {
            principal,
            dialect: Dialect::V1,
            request_id: request_id.to_string(),
            peer: Some(peer),
            claimed: None,
            idempotent: idempotent(&parts, operation, &body).map_err(|refusal| Box::new(problem::answer(&refusal)))?,
            only_versions: id.filter(|_| operation.changes()).and_then(|id| etag::versions(&parts.headers, id)),
        };
        Ok((Self { request, headers: parts.headers, query, body, peer }, file))
    }

    /// Tells the access log whose key it was, and from where, and the caller what is left of the key's rate (draft-ietf-httpapi-ratelimit-headers).
    pub(crate) fn shown(&self, face: &Face, mut response: Response) -> Response {
        if let Some(CallRate { per_minute, remaining }) = face.service.rate(&self.request.principal) {
            for (name, text) in [
                ("ratelimit-policy", format!("\"key\";q={per_minute};w=60")),
                ("ratelimit", format!("\"key\";r={remaining};t={}", 60_u32.div_ceil(per_minute.max(1)))),
            ] {
                if let Ok(value) = HeaderValue::try_from(text) {
                    response.headers_mut().insert(name, value);
                }
            }
        }
        response.extensions_mut().insert(Client(self.peer));
        response.extensions_mut().insert(KeyPrefix(self.request.principal.credential().to_owned()));
        response
    }

    /// Whether the caller wants no record back (RFC 7240).
    pub(crate) fn prefers_minimal(&self) -> bool {
        let preferences = self.headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        preferences.flat_map(|value| value.split(',')).any(|preference| {
            let preference = preference.split(';').next().unwrap_or_default();
            preference.split_once('=').is_some_and(|(name, value)| {
                name.trim().eq_ignore_ascii_case("return") && value.trim().trim_matches('"').eq_ignore_ascii_case("minimal")
            })
        })
    }
}

impl Face {
    async fn authenticate(
        &self,
        headers: &HeaderMap,
        peer: IpAddr,
        request_id: &RequestId,
    ) -> Result<std::sync::Arc<tenantry_service::Principal>, Refusal> {
        if !headers.contains_key(header::AUTHORIZATION) {
            return Err(self.service.challenge());
        }
        match authorization::read(headers) {
            Some(Authorization::Bearer(secret)) => {
                let key = BearerKey::parse(&secret);
                self.service.authenticate(key.as_ref().map(Presented::Bearer).as_ref(), peer, request_id).await
            }
            Some(Authorization::Basic { username, password }) => {
                let credentials = BasicCredentials::parse(&username, &password);
                self.service.authenticate(credentials.as_ref().map(Presented::Basic).as_ref(), peer, request_id).await
            }
            None => self.service.authenticate(None, peer, request_id).await,
        }
    }
}

/// What makes a request happen once: the key that a POST carries. As the draft of the header has it, a quoted string; what most clients send is the same without
/// its quotes.
fn idempotent(parts: &Parts, operation: &Operation, body: &Bytes) -> Result<Option<Idempotent>, Refusal> {
    let mut values = parts.headers.get_all(KEY_HEADER).iter();
    let Some(first) = values.next().filter(|_| operation.takes_key()) else { return Ok(None) };
    let text = first.to_str().unwrap_or_default();
    let key = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let is_key = !key.is_empty() && key.len() <= IDEMPOTENCY_KEY_MAX_CHARS && key.chars().all(|character| character.is_ascii_graphic());
    if values.next().is_some() || !is_key {
        let message = format!("Send one Idempotency-Key of 1 to {IDEMPOTENCY_KEY_MAX_CHARS} visible ASCII characters without spaces");
        return Err(Refusal::new(Code::Malformed, message));
    }
    let credential = parts.headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes).unwrap_or_default();
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let prefer = parts.headers.get("prefer").map(HeaderValue::as_bytes).unwrap_or_default();
    Ok(Some(Idempotent::new(credential, key, &[operation.method.as_bytes(), target.as_bytes(), prefer, body])))
}

fn is_json(headers: &HeaderMap) -> bool {
    JSON_TYPES.iter().any(|known| media_type(headers).eq_ignore_ascii_case(known))
}

/// The media type of a body, without its parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> &str {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    given.split(';').next().unwrap_or_default().trim()
}

fn unread(fault: &BodyFault) -> Response {
    match fault {
        BodyFault::TooLarge => {
            let mut response = problem::answer(&Refusal::new(Code::BodyTooLarge, "The body has more than 256 KiB; nothing was saved"));
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            response
        }
        BodyFault::Incomplete => problem::answer(&Refusal::new(Code::Malformed, "The body ended early; nothing was saved")),
    }
}
