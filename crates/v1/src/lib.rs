//! `/v1`, our own JSON: what new code is written against. This face translates and nothing else: it reads what came into a command and writes a record or a
//! problem out; no rule lives here.

mod answer;
mod body;
mod call;
mod cursor;
mod customers;
mod docs;
mod etag;
mod openapi;
mod operation;
mod problem;
mod settings;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request as HttpRequest, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::any;
use tenantry_domain::account::Goal;
use tenantry_domain::{AccountId, Code, Dialect, Refusal};
use tenantry_http::access_log::{self, Route};
use tenantry_http::client_address::TrustedProxies;
use tenantry_service::Service;

use call::Call;
use operation::{Action, Found, Operation};

pub use openapi::document;

/// What the face's handlers share.
pub(crate) struct Face {
    pub(crate) service: Arc<Service>,
    pub(crate) proxies: TrustedProxies,
    /// Where clients reach the server, without a slash at the end. Never taken from a request.
    pub(crate) public_url: String,
}

/// Every operation, with its method and path: the list that the tests of access walk through.
pub fn calls() -> impl Iterator<Item = (&'static str, &'static str)> {
    operation::OPERATIONS.iter().map(|operation| (operation.method, operation.path))
}

/// The dialect's router.
pub fn router(service: Arc<Service>, proxies: TrustedProxies, public_url: String) -> Router {
    let face = Arc::new(Face { service, proxies, public_url });
    let mut router = Router::new();
    for path in ["/v1", "/v1/", "/v1/{*rest}"] {
        router = router.route(path, any(handler));
    }
    router.with_state(face)
}

async fn handler(State(face): State<Arc<Face>>, request: HttpRequest) -> Response {
    let (mut response, route) = answered(&face, request).await;
    response.extensions_mut().insert(access_log::Face(Dialect::V1.as_str()));
    response.extensions_mut().insert(route);
    response
}

async fn answered(face: &Face, request: HttpRequest) -> (Response, Route) {
    if let Some((response, route)) = docs::answer(request.method(), request.uri().path()) {
        return (response, Route(route));
    }
    match operation::find(request.method().as_str(), request.uri().path()) {
        Found::Operation(operation, id) => (operate(face, request, operation, id).await, Route(operation.path)),
        Found::OtherMethods(methods, route) => (method_not_allowed(&methods), route),
        Found::Nothing => {
            let refusal = Refusal::new(Code::NotFound, "There is nothing at this path; /v1/docs lists what there is");
            (problem::answer(&refusal), Route("/v1/*"))
        }
    }
}

async fn operate(face: &Face, request: HttpRequest, operation: &'static Operation, id: Option<String>) -> Response {
    let call = match Call::open(face, request, operation, id.as_deref()).await {
        Ok(call) => call,
        Err(response) => return *response,
    };
    let answered = match demanded(&call, operation) {
        Ok(()) => carried_out(face, &call, operation.action, id.as_deref()).await,
        Err(refusal) => Err(refusal),
    };
    let answered = match answered {
        Ok(response) => response,
        Err(refusal) => problem::answer(&face.service.hide(refusal, &call.request.principal).await),
    };
    call.shown(answered)
}

/// Whether a change names the version that it is about, where the tenant demands it (RFC 6585, section 3).
fn demanded(call: &Call, operation: &Operation) -> Result<(), Refusal> {
    let is_named = call.headers.contains_key(header::IF_MATCH) || !operation.replaces();
    if is_named || !call.request.principal.requires_if_match() {
        return Ok(());
    }
    let message = "The provider demands that a change names its version: read the record, and send its ETag as If-Match";
    Err(Refusal::new(Code::PreconditionRequired, message))
}

async fn carried_out(face: &Face, call: &Call, action: Action, id: Option<&str>) -> Result<Response, Refusal> {
    // What cannot be an id names nobody.
    let id = || id.and_then(AccountId::parse).ok_or_else(Refusal::not_found);
    match action {
        Action::ListCustomers => customers::list::handler(face, call).await,
        Action::CreateCustomer => customers::create::handler(face, call).await,
        Action::GetCustomer => customers::get::handler(face, call, id()?).await,
        Action::EditCustomer => customers::edit::handler(face, call, id()?).await,
        Action::DeleteCustomer => customers::delete::handler(face, call, id()?).await,
        Action::RestoreCustomer => customers::status::handler(face, call, id()?, Goal::NotDeleted).await,
        Action::Activate => customers::status::handler(face, call, id()?, Goal::Activated).await,
        Action::Suspend => customers::suspend::handler(face, call, id()?).await,
        Action::Resume => customers::resume::handler(face, call, id()?).await,
        Action::Close => customers::status::handler(face, call, id()?, Goal::Ended).await,
        Action::GetSettings => settings::get::handler(face, call).await,
        Action::EditSettings => settings::edit::handler(face, call).await,
        Action::Reopen => customers::status::handler(face, call, id()?, Goal::Reopened).await,
    }
}

fn method_not_allowed(methods: &str) -> Response {
    let refusal = Refusal::new(Code::MethodNotAllowed, ["This path answers ", methods].concat());
    let mut response = problem::answer(&refusal);
    if let Ok(methods) = HeaderValue::try_from(methods) {
        response.headers_mut().insert(header::ALLOW, methods);
    }
    response
}
