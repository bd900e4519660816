//! What every call goes through: pages of other sites are turned away, the caller is found out, and the body is read to its limit.

use std::net::IpAddr;

use axum::body::Bytes;
use axum::extract::Request as HttpRequest;
use axum::http::{HeaderMap, Method, header};
use axum::response::Response;
use tenantry_domain::{Code, Dialect, Refusal};
use tenantry_http::access_log::{Client, KeyPrefix};
use tenantry_http::authorization::{self, Authorization, is_anothers_page};
use tenantry_http::body::{self, BodyFault, MAX_BODY_BYTES};
use tenantry_http::client_address::client_address;
use tenantry_http::listener::PeerAddress;
use tenantry_http::request_id::RequestId;
use tenantry_service::{BasicCredentials, Presented, Request};

use crate::Face;

/// An authenticated call.
pub(crate) struct Call {
    /// Who asks, for the service.
    pub(crate) request: Request,
    pub(crate) headers: HeaderMap,
    pub(crate) query: String,
    pub(crate) body: Bytes,
    peer: IpAddr,
}

/// Why a call was not begun.
pub(crate) enum Unopened {
    /// The call is not for whoever sent it.
    Refused(Refusal),
    /// The body could not be read; over its limit, nothing more is read from the connection.
    Body { refusal: Refusal, close: bool },
}

impl Call {
    /// Authenticates a request and reads its body.
    pub(crate) async fn open(face: &Face, request: HttpRequest) -> Result<Self, Unopened> {
        let (parts, body) = request.into_parts();
        // Without a listener there is no peer; nobody is let in from nowhere.
        let Some(peer) = parts.extensions.get::<PeerAddress>() else {
            return Err(Unopened::Refused(Refusal::new(Code::Internal, "The request has no peer address")));
        };
        let peer = client_address(peer.0, &parts.headers, &face.proxies);
        if !matches!(parts.method, Method::GET | Method::HEAD) && is_anothers_page(&parts.headers, &face.settings.public_url) {
            body::pass_over(body).await;
            let why = "This call comes from a page of another site";
            return Err(Unopened::Refused(Refusal::new(Code::Forbidden, why)));
        }
        let request_id = parts.extensions.get::<RequestId>().copied().unwrap_or_default();
        let credentials = match authorization::read(&parts.headers) {
            Some(Authorization::Basic { username, password }) => BasicCredentials::parse(&username, &password),
            _ => None,
        };
        let presented = credentials.as_ref().map(Presented::Basic);
        // The caller first: a stranger's body is passed over and not kept.
        let authenticated = if parts.headers.contains_key(header::AUTHORIZATION) {
            face.service.authenticate(presented.as_ref(), peer, &request_id).await
        } else {
            Err(face.service.challenge())
        };
        let principal = match authenticated {
            Ok(principal) => principal,
            Err(refusal) => {
                body::pass_over(body).await;
                return Err(Unopened::Refused(refusal));
            }
        };
        let body = body::read(body, &parts.headers, MAX_BODY_BYTES).await.map_err(unread)?;
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let request = Request {
            principal,
            dialect: Dialect::Everlytic,
            request_id: request_id.to_string(),
            peer: Some(peer),
            claimed: None,
            only_versions: None,
            idempotent: None,
        };
        Ok(Self { request, headers: parts.headers, query, body, peer })
    }

    /// Tells the access log whose key it was, and from where.
    pub(crate) fn shown(&self, mut response: Response) -> Response {
        response.extensions_mut().insert(Client(self.peer));
        response.extensions_mut().insert(KeyPrefix(self.request.principal.credential().to_owned()));
        response
    }
}

fn unread(fault: BodyFault) -> Unopened {
    match fault {
        BodyFault::TooLarge => {
            Unopened::Body { refusal: Refusal::new(Code::BodyTooLarge, "The body has more than 256 KiB; nothing was saved"), close: true }
        }
        BodyFault::Incomplete => {
            Unopened::Body { refusal: Refusal::new(Code::Malformed, "The body ended early; nothing was saved"), close: false }
        }
    }
}
