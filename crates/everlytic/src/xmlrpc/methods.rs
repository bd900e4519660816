//! Running a method: parameters in, a value out.

use tenantry_domain::Account;
use tenantry_domain::package::Package;
use tenantry_domain::quota::Channel;
use tenantry_service::Request;
use tenantry_xmlrpc::Value;

use super::params::{Params, filter_text};
use super::table::Method;
use super::{Refused, introspection};
use crate::customers::{self, item};
use crate::paging::{Asked, MAX_COUNT, PARTS, Page};
use crate::properties::package_ref;
use crate::{Face, XmlrpcResult, error, packages};

/// How many records one request may list. Several calls in one request share them: their answers are held in memory together.
pub(super) struct Listable(u64);

impl Default for Listable {
    fn default() -> Self {
        Self(MAX_COUNT)
    }
}

impl Listable {
    fn take(&mut self, page: Page) -> Result<(), Refused> {
        let too_many = || Refused::parameters(format!("The calls of one request list at most {MAX_COUNT} records together"));
        self.0 = self.0.checked_sub(page.count.min(MAX_COUNT)).ok_or_else(too_many)?;
        Ok(())
    }
}

/// Runs any method but the one that runs others, which is told apart before.
pub(super) async fn run(
    face: &Face,
    request: &Request,
    listable: &mut Listable,
    method: Method,
    params: Vec<Value>,
) -> Result<Value, Refused> {
    let params = Params::new(params);
    match method {
        Method::CreateCustomer => create_customer(face, request, params).await,
        Method::UpdateCustomer => update_customer(face, request, params).await,
        Method::GetCustomer => get_customer(face, request, params).await,
        Method::ListCustomers => list_customers(face, request, listable, params).await,
        Method::DeleteCustomer => delete_customer(face, request, params).await,
        Method::ChangePackage(channel) => change_package(face, request, channel, params).await,
        Method::ListPackages => list_packages(face, request, listable, params).await,
        Method::GetPackage => get_package(face, request, params).await,
        Method::CreatePackage => create_package(face, request, params).await,
        Method::UpdatePackage => update_package(face, request, params).await,
        Method::DeletePackage => delete_package(face, request, params).await,
        Method::ListMethods => introspection::list_methods(params),
        Method::TellSignature => introspection::method_signature(params),
        Method::TellHelp => introspection::method_help(params),
        Method::GetCapabilities => introspection::get_capabilities(params),
        Method::Multicall => Err(Refused::parameters("A multicall holds no multicall")),
    }
}

/// What creating and updating give: the customer, or its id alone where the installation wants that.
fn saved(face: &Face, account: &Account) -> Value {
    match face.settings.xmlrpc_result {
        XmlrpcResult::Struct => item::item(account).into(),
        XmlrpcResult::Int => Value::Int(account.id.get()),
    }
}

async fn create_customer(face: &Face, request: &Request, mut params: Params) -> Result<Value, Refused> {
    let properties = params.properties()?;
    params.end()?;
    let (account, _) = customers::create::create(face, request, properties).await?;
    Ok(saved(face, &account))
}

async fn update_customer(face: &Face, request: &Request, mut params: Params) -> Result<Value, Refused> {
    let (id, properties) = (params.customer_id()?, params.properties()?);
    params.end()?;
    let updated = customers::update::update(face, request, id, properties).await?;
    Ok(saved(face, &updated.account))
}

/// The vendor's document names this method for the call that updates.
async fn get_customer(face: &Face, request: &Request, mut params: Params) -> Result<Value, Refused> {
    let (id, properties) = (params.customer_id()?, params.optional_struct()?);
    params.end()?;
    if properties.is_empty() {
        let account = customers::get::get(face, request, id).await?;
        return Ok(item::item(&account).into());
    }
    let updated = customers::update::update(face, request, id, properties).await?;
    Ok(saved(face, &updated.account))
}

/// What a list's parameters ask for, by position.
fn asked<A: Asked>(mut params: Params, listable: &mut Listable) -> Result<A, Refused> {
    let mut asked = A::default();
    for part in PARTS {
        if let Some(text) = params.optional_text()? {
            asked.part(part, &text);
        }
    }
    for (name, value) in params.optional_struct()? {
        asked.filter(&name, filter_text(value)?);
    }
    params.end()?;
    listable.take(asked.page())?;
    Ok(asked)
}

async fn list_customers(face: &Face, request: &Request, listable: &mut Listable, params: Params) -> Result<Value, Refused> {
    let asked = asked(params, listable)?;
    let listed = customers::list::list(face, request, asked).await?;
    Ok(Value::Array(listed.accounts.iter().map(|account| item::item(account).into()).collect()))
}

async fn delete_customer(face: &Face, request: &Request, mut params: Params) -> Result<Value, Refused> {
    let id = params.customer_id()?;
    params.end()?;
    customers::delete::delete(face, request, id).await?;
    Ok(Value::Boolean(true))
}

async fn change_package(face: &Face, request: &Request, channel: Channel, mut params: Params) -> Result<Value, Refused> {
    let (id, package) = (params.customer_id()?, params.package()?);
    params.end()?;
    let package = package_ref(&package).map_err(|_| error::no_such_package())?;
    let account = customers::change_package::change_package(face, request, id, channel, package).await?;
    Ok(item::item(&account).into())
}

async fn list_packages(face: &Face, request: &Request, listable: &mut Listable, params: Params) -> Result<Value, Refused> {
    let asked = asked(params, listable)?;
    let listed = packages::list::list(face, request, asked).await?;
    Ok(Value::Array(listed.packages.iter().map(shown).collect()))
}

async fn get_package(face: &Face, request: &Request, mut params: Params) -> Result<Value, Refused> {
    let id = params.package_id()?;
    params.end()?;
    Ok(shown(&packages::get::get(face, request, id).await?))
}

async fn create_package(face: &Face, request: &Request, mut params: Params) -> Result<Value, Refused> {
    let properties = params.properties()?;
    params.end()?;
    Ok(shown(&packages::create::create(face, request, properties).await?.0))
}

async fn update_package(face: &Face, request: &Request, mut params: Params) -> Result<Value, Refused> {
    let (id, properties) = (params.package_id()?, params.properties()?);
    params.end()?;
    Ok(shown(&packages::update::update(face, request, id, properties).await?.0))
}

async fn delete_package(face: &Face, request: &Request, mut params: Params) -> Result<Value, Refused> {
    let id = params.package_id()?;
    params.end()?;
    packages::delete::delete(face, request, id).await?;
    Ok(Value::Boolean(true))
}

fn shown(package: &Package) -> Value {
    packages::item::item(package).into()
}
