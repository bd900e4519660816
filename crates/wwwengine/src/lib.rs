//! The WWWEngine dialect: signed JSON as its resellers' systems have always sent it. This face translates and nothing else: it reads a body into a
//! command and writes a record or a refusal out; no rule lives here.

mod answer;
mod body;
mod call;
mod error;
mod record;
mod signature;
mod user;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::routing::any;
use tenantry_http::client_address::TrustedProxies;
use tenantry_service::Service;

/// What the face's handlers share.
pub(crate) struct Face {
    pub(crate) service: Arc<Service>,
    pub(crate) proxies: TrustedProxies,
}

/// The routes, with the method each answers: the list that the tests of access walk through.
pub const CALLS: [(&str, &str); 5] =
    [("POST", "/user"), ("GET", "/user"), ("GET", "/user/{id}"), ("PUT", "/user/{id}"), ("DELETE", "/user/{id}")];

/// The dialect's router, at the root and under `/wwwengine`, so that a reverse proxy can keep hosts apart.
pub fn router(service: Arc<Service>, proxies: TrustedProxies) -> Router {
    let face = Arc::new(Face { service, proxies });
    let mut router = Router::new();
    for prefix in ["", "/wwwengine"] {
        // Old clients write paths with and without a slash at the end.
        for collection in ["/user", "/user/"] {
            router = router.route(&[prefix, collection].concat(), any(user::collection));
        }
        for one in ["/user/{id}", "/user/{id}/"] {
            router = router.route(&[prefix, one].concat(), any(user::one));
        }
    }
    router.with_state(face)
}
