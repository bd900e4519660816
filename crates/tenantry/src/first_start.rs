//! The first start: the operator, provider 1, its keys, and three calls to paste.

use std::sync::Arc;

use serde::Serialize;
use tenantry_domain::account::add::AddAccount;
use tenantry_domain::account::install::Install;
use tenantry_domain::account::{Goal, Kind, ProfilePatch};
use tenantry_domain::key::Scheme;
use tenantry_domain::value::{Email, Name};
use tenantry_domain::{AccountId, Command, Patch, Refusal};
use tenantry_service::{KeyMaterial, NewKey, Service, signature_hash};
use zeroize::Zeroizing;

/// A provider's first keys, shown once.
#[derive(Serialize)]
pub struct NewProvider {
    /// The provider.
    pub account_id: AccountId,
    /// The public part of its key pair.
    pub public_key: String,
    /// The private part: it signs.
    pub private_key: Zeroizing<String>,
    /// Its secret key for HTTP Basic.
    pub api_key: Zeroizing<String>,
    /// Its secret key for `/v1`.
    pub bearer_key: Zeroizing<String>,
}

/// Makes the operator and provider 1.
///
/// # Errors
/// The store is installed already, or cannot be written.
pub async fn install(service: &Arc<Service>) -> Result<NewProvider, Refusal> {
    service.run_as_operator(Command::Install(Install)).await?;
    add_provider(service, AccountId::OPERATOR, None, None).await
}

/// Adds an active provider with a key pair and a secret key.
///
/// # Errors
/// The domain's refusal, or the store's.
pub async fn add_provider(
    service: &Arc<Service>,
    parent_id: AccountId,
    organization: Option<Name>,
    email: Option<Email>,
) -> Result<NewProvider, Refusal> {
    let profile = ProfilePatch { organization: organization.map_or(Patch::Keep, Patch::Set), ..ProfilePatch::default() };
    let add = AddAccount { email, profile, goal: Some(Goal::Active), ..AddAccount::below(parent_id, Kind::Provider) };
    let account_id = service.run_as_operator(Command::AddAccount(Box::new(add))).await?.account.id;
    let pair = issue(service, account_id, Scheme::Wwwengine, NewKey::default()).await?;
    let api_key = issue(service, account_id, Scheme::Basic, NewKey::default()).await?;
    let bearer_key = issue(service, account_id, Scheme::Bearer, NewKey::default()).await?;
    let public_key = pair.public.as_str().to_owned();
    Ok(NewProvider { account_id, public_key, private_key: pair.secret, api_key: api_key.secret, bearer_key: bearer_key.secret })
}

/// Issues a key of an account.
///
/// # Errors
/// The domain's refusal, or the store's.
pub async fn issue(service: &Arc<Service>, account_id: AccountId, scheme: Scheme, new: NewKey) -> Result<KeyMaterial, Refusal> {
    let material = KeyMaterial::of(scheme, account_id, service.chance());
    let command = new.command(account_id, scheme, material.public.clone(), material.verifier.clone(), false);
    service.run_as_operator(Command::IssueKey(Box::new(command))).await?;
    Ok(material)
}

/// The same calls over `/v1`, ready to paste.
pub(crate) fn v1_curl_lines(provider: &NewProvider, url: &str) -> String {
    let bearer = provider.bearer_key.as_str();
    let call = format!("curl -H 'Authorization: Bearer {bearer}' -H 'Content-Type: application/json' {url}/v1/customers");
    [
        format!(r#"{call} -d '{{"organization": "ABC", "email": "abc@example.org", "voice": {{"number": "+91.2222554254"}}}}'"#),
        format!("{call}?search=abc"),
    ]
    .join("\n")
}

/// Three calls that add, edit and activate the first customer, ready to paste.
pub(crate) fn curl_lines(provider: &NewProvider, url: &str) -> String {
    let id = provider.account_id;
    let hash = signature_hash(&provider.private_key, id, &provider.public_key);
    let query = format!("actingUserID={id}&auth={}&hash={hash}", provider.public_key);
    // Ids rise by one, so the first customer's is the next.
    let customer = id.get() + 1;
    let add = format!(
        r#"{{"type":"customer","email":"abc.xyz@example.org","password":"change-me-1","parentID":"{id}","autoSignup":0,"buyingCurrency":"INR","userInfo":{{"dateOfBirth":"1970-01-01"}},"contactInfo":{{"postalInfo":{{"title":"Mr.","firstName":"Abc","lastName":"Xyz","address":{{"street":["39/43 ABC Complex"],"city":"Mumbai","postalCode":"400 010","state":"Maharashtra","countryCode":"IN"}}}},"voice":{{"number":"+91.2222554254"}},"callInPin":"1234"}},"preferences":{{"phoneNoType":"work"}}}}"#
    );
    let edit = r#"{"contactInfo":{"postalInfo":{"organization":"ABC"}}}"#;
    let activate = r#"{"status":"active"}"#;
    [
        format!("curl -X POST '{url}/user?{query}' -d '{add}'"),
        format!("curl -X PUT '{url}/user/{customer}?{query}' -d '{edit}'"),
        format!("curl -X PUT '{url}/user/{customer}?{query}' -d '{activate}'"),
    ]
    .join("\n")
}
