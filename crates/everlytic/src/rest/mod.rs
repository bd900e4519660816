//! REST: which call a method and a path name, and the answer.

mod body;
mod document;
mod listing;
mod path;

use std::sync::Arc;

use axum::extract::{Request as HttpRequest, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use tenantry_domain::package::PackageId;
use tenantry_domain::quota::Channel;
use tenantry_domain::{AccountId, Code, Dialect, Fault, Refusal};
use tenantry_http::access_log;

use crate::call::{Call, Unopened};
use crate::customers::{self, item};
use crate::field::Record;
use crate::properties::package_ref;
use crate::{Face, ROOT, error, packages, xmlrpc};
use document::{Data, Document, Format, Link, refused};
use path::Target;

/// Everything below the dialect's root.
pub(crate) async fn handler(State(face): State<Arc<Face>>, request: HttpRequest) -> Response {
    let target = Target::of(request.uri().path());
    let route = target.route();
    let mut response = match target {
        Target::Xmlrpc => xmlrpc::handler(&face, request).await,
        target => rest(&face, request, target).await,
    };
    response.extensions_mut().insert(access_log::Face(Dialect::Everlytic.as_str()));
    response.extensions_mut().insert(route);
    response
}

async fn rest(face: &Face, request: HttpRequest, target: Target) -> Response {
    let format = Format::of(request.headers());
    let method = request.method().clone();
    let methods = target.methods();
    if !methods.is_empty() && !methods.split(", ").any(|answered| answered == method.as_str()) {
        let mut response = refused(&Refusal::new(Code::MethodNotAllowed, ["This path answers ", methods].concat()), format);
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(methods));
        return response;
    }
    let call = match Call::open(face, request).await {
        Ok(call) => call,
        Err(unopened) => return unopened_answer(&unopened, format),
    };
    let answered = match answer(face, &call, &method, target, format).await {
        Ok(response) => response,
        Err(refusal) => refused(&refusal, format),
    };
    call.shown(answered)
}

fn unopened_answer(unopened: &Unopened, format: Format) -> Response {
    match unopened {
        Unopened::Refused(refusal) => refused(refusal, format),
        Unopened::Body { refusal, close } => {
            let mut response = refused(refusal, format);
            if *close {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            response
        }
    }
}

async fn answer(face: &Face, call: &Call, method: &Method, target: Target, format: Format) -> Result<Response, Refusal> {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    match target {
        Target::Home => Ok(home(face, format)),
        Target::Customers if reads => list_customers(face, call, format).await,
        Target::Customers => create_customer(face, call, format).await,
        Target::Customer(id) => customer(face, call, method, &id, format).await,
        Target::ChangePackage { channel, id, package } => change_package(face, call, channel, &id, &package, format).await,
        Target::Packages if reads => list_packages(face, call, format).await,
        Target::Packages => create_package(face, call, format).await,
        Target::Package(id) => package(face, call, method, &id, format).await,
        Target::Xmlrpc | Target::Nothing => Err(Refusal::new(Code::NotFound, "There is nothing at this path")),
    }
}

fn home(face: &Face, format: Format) -> Response {
    let link = |title, rel, path: &str| Link { title, rel, href: href(face, path) };
    let links = vec![
        link("Self", "self", "/"),
        link("Home", "home", "/"),
        link("Customers", "customers", "/customers"),
        link("Packages", "packages", "/packages"),
    ];
    Document { links, item: None, collection: None, ignored: Vec::new(), message: None }.answer(StatusCode::OK, format)
}

async fn list_customers(face: &Face, call: &Call, format: Format) -> Result<Response, Refusal> {
    let listed = customers::list::list(face, &call.request, listing::read(&call.query)).await?;
    let records = listed.accounts.iter().map(|account| item::item(account)).collect();
    let links = listing::links(&href(face, "/customers"), href(face, "/"), &call.query, listed.page, listed.total);
    Ok(collection(links, records, listed.total, format))
}

async fn create_customer(face: &Face, call: &Call, format: Format) -> Result<Response, Refusal> {
    let members = body::members(&call.headers, &call.body)?;
    let (account, ignored) = customers::create::create(face, &call.request, members).await?;
    let path = format!("/customers/{}", account.id);
    Ok(created(&one(face, &path, item::item(&account), ignored), face, &path, format))
}

async fn customer(face: &Face, call: &Call, method: &Method, id: &str, format: Format) -> Result<Response, Refusal> {
    // What cannot be an id names nobody.
    let id = AccountId::parse(id).ok_or_else(error::no_such_customer)?;
    let (account, ignored, message) = match *method {
        Method::PUT => {
            let members = body::members(&call.headers, &call.body)?;
            let updated = customers::update::update(face, &call.request, id, members).await?;
            (updated.account, updated.ignored, updated.message)
        }
        Method::DELETE => (customers::delete::delete(face, &call.request, id).await?, Vec::new(), None),
        _ => (customers::get::get(face, &call.request, id).await?, Vec::new(), None),
    };
    let document = Document { message, ..one(face, &format!("/customers/{id}"), item::item(&account), ignored) };
    Ok(document.answer(StatusCode::OK, format))
}

async fn change_package(face: &Face, call: &Call, channel: Channel, id: &str, package: &str, format: Format) -> Result<Response, Refusal> {
    let id = AccountId::parse(id).ok_or_else(error::no_such_customer)?;
    let package = package_ref(package).map_err(|invalid| {
        let fault = invalid.at(channel.package_field());
        Refusal { faults: vec![Fault { code: Code::NotFound, ..fault }], ..error::no_such_package() }
    })?;
    let account = customers::change_package::change_package(face, &call.request, id, channel, package).await?;
    Ok(one(face, &format!("/customers/{id}"), item::item(&account), Vec::new()).answer(StatusCode::OK, format))
}

async fn list_packages(face: &Face, call: &Call, format: Format) -> Result<Response, Refusal> {
    let listed = packages::list::list(face, &call.request, listing::read(&call.query)).await?;
    let records = listed.packages.iter().map(packages::item::item).collect();
    let links = listing::links(&href(face, "/packages"), href(face, "/"), &call.query, listed.page, listed.total);
    Ok(collection(links, records, listed.total, format))
}

async fn create_package(face: &Face, call: &Call, format: Format) -> Result<Response, Refusal> {
    let members = body::members(&call.headers, &call.body)?;
    let (package, ignored) = packages::create::create(face, &call.request, members).await?;
    let path = format!("/packages/{}", package.id);
    Ok(created(&one(face, &path, packages::item::item(&package), ignored), face, &path, format))
}

async fn package(face: &Face, call: &Call, method: &Method, id: &str, format: Format) -> Result<Response, Refusal> {
    let id = PackageId::parse(id).ok_or_else(error::no_such_package)?;
    let (package, ignored) = match *method {
        Method::PUT => {
            let members = body::members(&call.headers, &call.body)?;
            packages::update::update(face, &call.request, id, members).await?
        }
        Method::DELETE => (packages::delete::delete(face, &call.request, id).await?, Vec::new()),
        _ => (packages::get::get(face, &call.request, id).await?, Vec::new()),
    };
    Ok(one(face, &format!("/packages/{id}"), packages::item::item(&package), ignored).answer(StatusCode::OK, format))
}

fn one<'a>(face: &Face, path: &str, item: Record<'a>, ignored: Vec<String>) -> Document<'a> {
    let links =
        vec![Link { title: "Self", rel: "self", href: href(face, path) }, Link { title: "Home", rel: "home", href: href(face, "/") }];
    Document { links, item: Some(item), collection: None, ignored, message: None }
}

fn created(document: &Document<'_>, face: &Face, path: &str, format: Format) -> Response {
    let mut response = document.answer(StatusCode::CREATED, format);
    if let Ok(location) = HeaderValue::try_from(href(face, path)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

fn collection(links: Vec<Link>, records: Vec<Record<'_>>, total: u64, format: Format) -> Response {
    let collection = records.into_iter().map(|data| Data { data }).collect();
    let document = Document { links, item: None, collection: Some(collection), ignored: Vec::new(), message: None };
    let mut response = document.answer(StatusCode::OK, format);
    // The vendor's shape has no place for how many there are in all.
    response.headers_mut().insert("x-total-count", HeaderValue::from(total));
    response
}

/// Where clients reach a path. Never built from what a request says of the host.
fn href(face: &Face, path: &str) -> String {
    [face.settings.public_url.as_str(), ROOT, path].concat()
}
