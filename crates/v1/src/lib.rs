//! `/v1`, our own JSON: what new code is written against. This face translates and nothing else: it reads what came into a command and writes a record or a
//! problem out; no rule lives here.

mod answer;
mod body;
mod call;
mod cursor;
mod customers;
mod docs;
mod duplicates;
mod etag;
mod exports;
mod imports;
mod keys;
mod openapi;
mod operation;
mod packages;
mod problem;
mod providers;
mod query;
mod settings;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request as HttpRequest, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::any;
use tenantry_domain::account::{Goal, Kind};
use tenantry_domain::package::PackageId;
use tenantry_domain::{AccountId, Code, Dialect, Refusal};
use tenantry_http::access_log::{self, Route};
use tenantry_http::client_address::TrustedProxies;
use tenantry_service::Service;

use call::Call;
use operation::{Action, Found, Operation, Params};

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
    operation::all().map(|operation| (operation.method, operation.path))
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
        Found::Operation(operation, params) => (operate(face, request, operation, &params).await, Route(operation.path)),
        Found::OtherMethods(methods, route) => (method_not_allowed(&methods), route),
        Found::Nothing => {
            let refusal = Refusal::new(Code::NotFound, "There is nothing at this path; /v1/docs lists what there is");
            (problem::answer(&refusal), Route("/v1/*"))
        }
    }
}

async fn operate(face: &Face, request: HttpRequest, operation: &'static Operation, params: &Params) -> Response {
    let (call, file) = match Call::open(face, request, operation, params.get("id")).await {
        Ok(call) => call,
        Err(response) => return *response,
    };
    let answered = match demanded(&call, operation) {
        Ok(()) if operation.reads_file() => imports::handler(face, &call, file).await,
        Ok(()) => carried_out(face, &call, operation, params).await,
        Err(refusal) => Err(refusal),
    };
    let answered = match answered {
        Ok(response) => response,
        Err(refusal) => problem::answer(&face.service.hide(refusal, &call.request.principal).await),
    };
    call.shown(face, answered)
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

async fn carried_out(face: &Face, call: &Call, operation: &Operation, params: &Params) -> Result<Response, Refusal> {
    // What cannot be an id names nobody; where none stands in the path, the caller itself is meant.
    let id = || match params.get("id") {
        Some(id) => AccountId::parse(id).ok_or_else(Refusal::not_found),
        None => Ok(call.request.principal.actor().account_id),
    };
    let package_id = || params.get("package_id").and_then(PackageId::parse).ok_or_else(no_such_package);
    let part = |name| params.get(name).unwrap_or_default();
    if operation.is_about_provider() {
        providers::is_one(face, call, id()?).await?;
    }
    match operation.action {
        Action::ListCustomers => customers::list::handler(face, call).await,
        Action::CreateCustomer => customers::create::handler(face, call, Kind::Customer).await,
        Action::ListDuplicates => duplicates::list::handler(face, call).await,
        Action::GetCustomer => customers::get::handler(face, call, id()?).await,
        Action::EditCustomer => customers::edit::handler(face, call, id()?).await,
        Action::DeleteCustomer => customers::delete::handler(face, call, id()?).await,
        Action::RestoreCustomer => customers::status::handler(face, call, id()?, Goal::NotDeleted).await,
        Action::Erase => customers::erase::handler(face, call, id()?).await,
        Action::Activate => customers::status::handler(face, call, id()?, Goal::Activated).await,
        Action::Suspend => customers::suspend::handler(face, call, id()?).await,
        Action::Resume => customers::resume::handler(face, call, id()?).await,
        Action::Close => customers::status::handler(face, call, id()?, Goal::Ended).await,
        Action::GetSettings => settings::get::handler(face, call).await,
        Action::EditSettings => settings::edit::handler(face, call).await,
        Action::Reopen => customers::status::handler(face, call, id()?, Goal::Reopened).await,
        Action::Merge => customers::merge::handler(face, call, id()?).await,
        Action::Unmerge => customers::merge::undo(face, call, id()?).await,
        Action::CheckPin => customers::pin::handler(face, call, id()?).await,
        Action::ReplaceNameServers => customers::name_servers::replace(face, call, id()?).await,
        Action::AddNameServers => customers::name_servers::add(face, call, id()?).await,
        Action::RemoveNameServer => customers::name_servers::remove(face, call, id()?, part("host")).await,
        Action::ListQuotas => customers::quotas::list(face, call, id()?).await,
        Action::MoveQuota(kind) => customers::quotas::change(face, call, id()?, part("channel"), kind).await,
        Action::ListLedger => customers::quotas::entries(face, call, id()?, part("channel")).await,
        Action::ListEvents => customers::events::handler(face, call, id()?).await,
        Action::ListProviders => providers::list(face, call).await,
        Action::CreateProvider => customers::create::handler(face, call, Kind::Provider).await,
        Action::ListPackages => packages::list(face, call).await,
        Action::CreatePackage => packages::create(face, call).await,
        Action::GetPackage => packages::get(face, call, package_id()?).await,
        Action::EditPackage => packages::edit(face, call, package_id()?).await,
        Action::DeletePackage => packages::delete(face, call, package_id()?).await,
        Action::ListKeys => keys::list(face, call, id()?).await,
        Action::IssueKey => keys::issue(face, call, id()?).await,
        Action::RevokeKey => keys::revoke(face, call, id()?, part("public")).await,
        Action::ExportSubject => customers::subject::handler(face, call, id()?).await,
        Action::ExportCustomers => exports::handler(face, call).await,
        // Reads its body as it comes, and is called with it.
        Action::ImportCustomers => imports::handler(face, call, Body::empty()).await,
    }
}

/// The refusal of a package that there is not: the same as the service's.
fn no_such_package() -> Refusal {
    Refusal::new(Code::NotFound, "There is no such package")
}

fn method_not_allowed(methods: &str) -> Response {
    let refusal = Refusal::new(Code::MethodNotAllowed, ["This path answers ", methods].concat());
    let mut response = problem::answer(&refusal);
    if let Ok(methods) = HeaderValue::try_from(methods) {
        response.headers_mut().insert(header::ALLOW, methods);
    }
    response
}
