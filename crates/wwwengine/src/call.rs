//! What every call goes through: the body is read to its limit, the caller is found out, and the answer says whose key it was.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::Request as HttpRequest;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use tenantry_domain::value::ClaimedAddress;
use tenantry_domain::{Code, Dialect, Fault, Refusal};
use tenantry_http::body::{self, BodyFault, MAX_BODY_BYTES};
use tenantry_http::client_address::client_address;
use tenantry_http::json::{self, JsonFault, Tree};
use tenantry_http::listener::PeerAddress;
use tenantry_http::request_id::RequestId;
use tenantry_service::{Presented, Principal, Request};

use crate::{Face, error, signature};

/// An authenticated call.
pub(crate) struct Call {
    pub(crate) principal: Arc<Principal>,
    pub(crate) query: String,
    pub(crate) peer: IpAddr,
    request_id: RequestId,
    body: Bytes,
}

impl Call {
    /// Reads and authenticates a request.
    pub(crate) async fn open(face: &Face, request: HttpRequest) -> Result<Self, Box<Response>> {
        let (parts, body) = request.into_parts();
        // Without a listener there is no peer; nobody is let in from nowhere.
        let Some(peer) = parts.extensions.get::<PeerAddress>() else {
            return Err(Box::new(error::answer(&Refusal::new(Code::Internal, "The request has no peer address"))));
        };
        let peer = client_address(peer.0, &parts.headers, &face.proxies);
        let query = parts.uri.query().unwrap_or_default();
        let request_id = parts.extensions.get::<RequestId>().copied().unwrap_or_default();
        let signed = signature::read(query);
        // The caller first: a stranger's body is passed over and not kept.
        let principal = match face.service.authenticate(signed.as_ref().map(Presented::Signed).as_ref(), peer, &request_id).await {
            Ok(principal) => principal,
            Err(refusal) => {
                body::pass_over(body).await;
                return Err(Box::new(error::answer(&refusal)));
            }
        };
        let body = body::read(body, &parts.headers, MAX_BODY_BYTES).await.map_err(|fault| Box::new(unread(&fault)))?;
        Ok(Self { principal, query: query.to_owned(), peer, request_id, body })
    }

    /// Who asks, for the service.
    pub(crate) fn request(&self, claimed: Option<ClaimedAddress>) -> Request {
        Request {
            principal: Arc::clone(&self.principal),
            dialect: Dialect::Wwwengine,
            request_id: self.request_id.to_string(),
            peer: Some(self.peer),
            claimed,
            only_versions: None,
            idempotent: None,
        }
    }

    /// The members of the body.
    pub(crate) fn members(&self) -> Result<Vec<(String, Tree)>, Refusal> {
        match json::read(&self.body) {
            Ok(Tree::Object(members)) => Ok(members),
            // PHP writes an empty array for an object without members.
            Ok(Tree::List(items)) if items.is_empty() => Ok(Vec::new()),
            Ok(_) => Err(Refusal::new(Code::Malformed, "The body must be a JSON object")),
            Err(fault) => Err(not_json(fault)),
        }
    }
}

fn not_json(fault: JsonFault) -> Refusal {
    let message = format!("The body is not JSON that can be read: {} (line {}, column {})", fault.message, fault.line, fault.column);
    Refusal { faults: vec![Fault::new(fault.path, Code::Malformed, fault.message)], ..Refusal::new(Code::Malformed, message) }
}

fn unread(fault: &BodyFault) -> Response {
    match fault {
        BodyFault::TooLarge => {
            let mut response = error::answer(&Refusal::new(Code::BodyTooLarge, "The body has more than 256 KiB; nothing was saved"));
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            response
        }
        BodyFault::Incomplete => error::answer(&Refusal::new(Code::Malformed, "The body ended early; nothing was saved")),
    }
}
