//! `/v1/packages`: what providers sell of a channel.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tenantry_domain::package::add::AddPackage;
use tenantry_domain::package::edit::PackagePatch;
use tenantry_domain::package::{Package, PackageId, PackageStatus};
use tenantry_domain::quota::Quota;
use tenantry_domain::{AccountId, Outcome, Refusal};
use utoipa::ToSchema;

use crate::answer::{Form, Written};
use crate::body::{Mode, Reader, members, package};
use crate::call::Call;
use crate::cursor::{self, List};
use crate::query::Paged;
use crate::{Face, answer};

/// A page of packages.
#[derive(Serialize, ToSchema)]
pub(crate) struct Packages<'a> {
    /// The packages, by rising id.
    packages: Vec<ShownPackage<'a>>,
    /// Where the next page begins: send it as `cursor`. Null on the last page.
    next_cursor: Option<String>,
}

/// A package.
#[derive(Serialize, ToSchema)]
#[schema(as = Package)]
pub(crate) struct ShownPackage<'a> {
    /// The id; never used twice.
    id: i64,
    /// The provider whose it is.
    #[schema(value_type = i64)]
    provider_id: AccountId,
    /// What it is of.
    #[schema(pattern = "^(email|sms|transactions)$")]
    channel: &'static str,
    /// What it is called.
    name: &'a str,
    /// The provider's word for it.
    identifier: Option<&'a str>,
    /// How many units it includes.
    quantity: i64,
    /// Whether it is sold.
    #[schema(pattern = "^(active|inactive|deleted)$")]
    status: &'static str,
    /// When it was made.
    #[schema(format = "date-time")]
    created_at: String,
    /// When it last changed.
    #[schema(format = "date-time")]
    updated_at: String,
}

impl<'a> ShownPackage<'a> {
    pub(crate) fn of(package: &'a Package) -> Self {
        Self {
            id: package.id.get(),
            provider_id: package.provider_id(),
            channel: package.channel.as_str(),
            name: package.name.as_str(),
            identifier: package.identifier.as_ref().map(|identifier| identifier.as_str()),
            quantity: package.quantity.get(),
            status: package.status.as_str(),
            created_at: package.created_at.to_string(),
            updated_at: package.updated_at.to_string(),
        }
    }
}

/// Shows a page of them.
pub(crate) async fn list(face: &Face, call: &Call) -> Result<Response, Refusal> {
    let paged = Paged::read(List::Packages, &call.query)?;
    let mut packages = face.service.packages(&call.request.principal).await?;
    packages.retain(|package| paged.from.is_none_or(|after| package.id.get() > after));
    let goes_on = packages.len() > paged.size();
    packages.truncate(paged.size());
    let next_cursor = packages.last().filter(|_| goes_on).map(|last| cursor::mark(List::Packages, last.id.get()));
    Ok(answer::json(StatusCode::OK, &Packages { packages: packages.iter().map(ShownPackage::of).collect(), next_cursor }))
}

/// Shows one.
pub(crate) async fn get(face: &Face, call: &Call, id: PackageId) -> Result<Response, Refusal> {
    let package = face.service.package(&call.request.principal, id).await?;
    Ok(answer::json(StatusCode::OK, &ShownPackage::of(&package)))
}

/// Makes one.
pub(crate) async fn create(face: &Face, call: &Call) -> Result<Response, Refusal> {
    face.service.may_add_package(&call.request)?;
    let body = package::package(Reader::new(Mode::Create, face.service.now(), members(&call.body)?))?;
    let (Some(channel), Some(name)) = (body.channel, body.name) else { return Err(Refusal::faulty(Vec::new())) };
    let add = AddPackage {
        provider_id: body.provider_id.unwrap_or(call.request.principal.actor().account_id),
        channel,
        name,
        identifier: body.identifier.value().cloned(),
        quantity: body.quantity.unwrap_or(Quota::ZERO),
        status: body.status.unwrap_or(PackageStatus::Active),
    };
    let public_url = face.public_url.clone();
    let form = Form::record(call, StatusCode::CREATED, move |outcome, written| {
        let id = outcome.package.as_ref().map(|package| package.id.to_string()).unwrap_or_default();
        written.with(&header::LOCATION, format!("{public_url}/v1/packages/{id}"))
    });
    let added = face.service.add_package(add, &form.kept(call)).await?;
    form.answer(&added)
}

/// Changes one.
pub(crate) async fn edit(face: &Face, call: &Call, id: PackageId) -> Result<Response, Refusal> {
    face.service.may_edit_package(&call.request)?;
    let body = package::package(Reader::new(Mode::Change, face.service.now(), members(&call.body)?))?;
    let patch = PackagePatch { name: body.name, identifier: body.identifier, quantity: body.quantity, status: body.status };
    let edited = face.service.edit_package(id, patch, &call.request).await?;
    Form::record(call, StatusCode::OK, |_, written| written).answer(&edited)
}

/// Deletes one.
pub(crate) async fn delete(face: &Face, call: &Call, id: PackageId) -> Result<Response, Refusal> {
    face.service.delete_package(id, &call.request).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

impl Form {
    /// A package that was changed, or made with this status, with what else is told: itself, or nothing where the caller wants nothing.
    fn record(call: &Call, status: StatusCode, more: impl Fn(&Outcome, Written) -> Written + Send + Sync + 'static) -> Self {
        let minimal = call.prefers_minimal();
        Self::new(move |outcome| {
            let written = match &outcome.package {
                _ if minimal => Written::minimal(status),
                Some(package) => Written::json(status, &ShownPackage::of(package)),
                None => Written::empty(StatusCode::INTERNAL_SERVER_ERROR),
            };
            more(outcome, written)
        })
    }
}
