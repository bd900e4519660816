//! The Everlytic dialect: customers and packages over REST and XML-RPC, as its resellers' systems have always sent them. This face translates and
//! nothing else: it reads what came into a command and writes a record or a refusal out; no rule lives here.

mod call;
mod customers;
mod error;
mod field;
mod packages;
mod paging;
mod properties;
mod rest;
mod xmlrpc;

use std::sync::Arc;

use axum::Router;
use axum::routing::any;
use tenantry_http::client_address::TrustedProxies;
use tenantry_service::Service;

/// Where the dialect lives.
const ROOT: &str = "/api/2.0";

/// What a call of XML-RPC that adds or edits a customer answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum XmlrpcResult {
    /// The customer, as a struct.
    #[default]
    Struct,
    /// Its id alone, as the vendor's document has it in the signature of the method.
    Int,
}

/// What the face needs to know of the installation.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where clients reach the server, without a slash at the end: links in answers begin so. Never taken from a request.
    pub public_url: String,
    /// What adding and editing give over XML-RPC.
    pub xmlrpc_result: XmlrpcResult,
}

/// What the face's handlers share.
pub(crate) struct Face {
    pub(crate) service: Arc<Service>,
    pub(crate) proxies: TrustedProxies,
    pub(crate) settings: Settings,
}

/// The calls of REST, each with its method and path: the list that the tests of access walk through.
pub const CALLS: [(&str, &str); 14] = [
    ("GET", "/api/2.0"),
    ("GET", "/api/2.0/customers"),
    ("POST", "/api/2.0/customers"),
    ("GET", "/api/2.0/customers/{id}"),
    ("PUT", "/api/2.0/customers/{id}"),
    ("DELETE", "/api/2.0/customers/{id}"),
    ("POST", "/api/2.0/customers/change_email_package/{id}/{package}"),
    ("POST", "/api/2.0/customers/change_sms_package/{id}/{package}"),
    ("POST", "/api/2.0/customers/change_transactions_package/{id}/{package}"),
    ("GET", "/api/2.0/packages"),
    ("POST", "/api/2.0/packages"),
    ("GET", "/api/2.0/packages/{id}"),
    ("PUT", "/api/2.0/packages/{id}"),
    ("DELETE", "/api/2.0/packages/{id}"),
];

pub use xmlrpc::METHODS;

/// The dialect's router.
pub fn router(service: Arc<Service>, proxies: TrustedProxies, settings: Settings) -> Router {
    let face = Arc::new(Face { service, proxies, settings });
    let mut router = Router::new();
    // Old clients put a slash at the end, or write two where one is meant: paths are taken apart in `rest/path.rs`.
    for path in [ROOT, "/api/2.0/", "/api/2.0/{*rest}", "//api/2.0", "//api/2.0/", "//api/2.0/{*rest}"] {
        router = router.route(path, any(rest::handler));
    }
    router.with_state(face)
}
