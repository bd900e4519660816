//! The calls on `/user`, one file each.

mod add;
mod delete;
mod edit;
mod get;
mod list;

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::Method;
use axum::response::Response;
use tenantry_domain::{AccountId, Dialect};
use tenantry_http::access_log::{self, Client, KeyPrefix, Route};

use crate::call::Call;
use crate::{Face, error};

const COLLECTION: Route = Route("/user");
const ONE: Route = Route("/user/{id}");

/// `/user`
pub(crate) async fn collection(State(face): State<Arc<Face>>, request: Request) -> Response {
    let method = request.method().clone();
    if !matches!(method, Method::GET | Method::HEAD | Method::POST) {
        return on(COLLECTION, error::method_not_allowed("GET, HEAD, POST"));
    }
    let call = match Call::open(&face, request).await {
        Ok(call) => call,
        Err(response) => return on(COLLECTION, *response),
    };
    let response = if method == Method::POST { add::handler(&face, &call).await } else { list::handler(&face, &call).await };
    on(COLLECTION, shown(response, &call))
}

/// `/user/{id}`
pub(crate) async fn one(State(face): State<Arc<Face>>, id: Result<Path<String>, PathRejection>, request: Request) -> Response {
    let method = request.method().clone();
    if !matches!(method, Method::GET | Method::HEAD | Method::PUT | Method::DELETE) {
        return on(ONE, error::method_not_allowed("GET, HEAD, PUT, DELETE"));
    }
    let call = match Call::open(&face, request).await {
        Ok(call) => call,
        Err(response) => return on(ONE, *response),
    };
    // What cannot be an id, or is not even text, names no account.
    let Some(id) = id.ok().and_then(|Path(id)| AccountId::parse(&id)) else {
        return on(ONE, shown(error::answer(&error::no_such_account()), &call));
    };
    let response = match method {
        Method::PUT => edit::handler(&face, &call, id).await,
        Method::DELETE => delete::handler(&face, &call, id).await,
        _ => get::handler(&face, &call, id).await,
    };
    on(ONE, shown(response, &call))
}

/// Tells the access log whose key it was, and from where.
fn shown(mut response: Response, call: &Call) -> Response {
    response.extensions_mut().insert(Client(call.peer));
    response.extensions_mut().insert(KeyPrefix(call.principal.credential().to_owned()));
    response
}

/// Tells metrics and the access log which route of which face answered.
fn on(route: Route, mut response: Response) -> Response {
    response.extensions_mut().insert(access_log::Face(Dialect::Wwwengine.as_str()));
    response.extensions_mut().insert(route);
    response
}
