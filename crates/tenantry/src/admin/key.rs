//! Keys, as the operator manages them.

use std::sync::Arc;

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenantry_domain::key::revoke::RevokeKey;
use tenantry_domain::key::{Key, PublicKey, Scheme, Scopes, Verifier};
use tenantry_domain::value::{Label, Network};
use tenantry_domain::{AccountId, Command, Timestamp};
use tenantry_service::{BasicCredentials, BearerKey, NewKey, Service};

use crate::Failure;
use crate::first_start;

/// What bounds a key.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Bounds {
    /// What it is for.
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
    /// What it may be used for: add, edit, status, read, between commas; without it, everything.
    #[arg(long, value_name = "SCOPES")]
    scope: Option<String>,
    /// Addresses or networks from which it works, between commas; without it, from anywhere.
    #[arg(long, value_name = "NETWORKS")]
    allow: Option<String>,
    /// Calls a minute that it may make.
    #[arg(long, value_name = "NUMBER")]
    rate: Option<u32>,
    /// When it ends: RFC 3339, or days from now such as 90d.
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
}

/// Asks for a new key.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Issue {
    /// The account that will act.
    #[arg(long, value_name = "ID")]
    account: i64,
    /// `wwwengine`: a key pair that signs; `basic`: one secret for HTTP Basic; `bearer`: one secret for `/v1`, which works in HTTP Basic, too.
    #[arg(long, default_value = "wwwengine")]
    scheme: String,
    #[command(flatten)]
    bounds: Bounds,
}

/// Asks to revoke a key.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Revoke {
    /// The account whose key it is.
    #[arg(long, value_name = "ID")]
    account: i64,
    /// The public key, or its beginning; of a secret key its first characters, as `key list` has them.
    #[arg(long, value_name = "TEXT")]
    public: String,
}

/// Asks to take a key over from another system.
#[derive(Debug, Args, Serialize, Deserialize)]
pub(crate) struct Import {
    /// The account that will act.
    #[arg(long, value_name = "ID")]
    account: i64,
    /// `wwwengine`: a key pair that signs; `basic`: one secret for HTTP Basic, read from standard input.
    #[arg(long, default_value = "wwwengine")]
    scheme: String,
    /// The old public key: 64 lower-hex characters.
    #[arg(long, value_name = "HEX", default_value = "", hide_default_value = true)]
    public: String,
    /// The old hash, of a call with this account's id as actingUserID: 64 lower-hex characters.
    #[arg(long, value_name = "HEX", default_value = "", hide_default_value = true)]
    hash: String,
    #[command(flatten)]
    bounds: Bounds,
}

impl Import {
    /// Whether a secret key is to be imported.
    pub(crate) fn is_basic(&self) -> bool {
        self.scheme == Scheme::Basic.as_str()
    }

    /// With what is kept of a secret key: its beginning, and what verifies it. The key itself goes no further.
    pub(crate) fn with_secret(self, key: &str) -> Result<Self, Failure> {
        if !self.public.is_empty() || !self.hash.is_empty() {
            return Err(Failure("--public and --hash are for key pairs; a secret key is read from standard input".to_owned()));
        }
        if BasicCredentials::parse("", key).is_none() || BearerKey::parse(key).is_some() {
            return Err(Failure("standard input has no key of 32 letters and digits, with _ and a number behind them at most".to_owned()));
        }
        let hash = tenantry_service::verifier_of(key).to_hex();
        Ok(Self { public: PublicKey::of_secret(key).as_str().to_owned(), hash, ..self })
    }
}

/// Issues a key.
pub(super) async fn issue(service: &Arc<Service>, issue: Issue) -> Result<Value, Failure> {
    let account_id = AccountId::try_from(issue.account)?;
    let scheme = scheme(&issue.scheme)?;
    let material = first_start::issue(service, account_id, scheme, bounds(service, issue.bounds)?).await?;
    let secret = material.secret.as_str();
    Ok(match scheme {
        Scheme::Wwwengine => json!({ "account_id": account_id, "public_key": material.public, "private_key": secret }),
        Scheme::Basic => json!({ "account_id": account_id, "api_key": secret }),
        Scheme::Bearer => json!({ "account_id": account_id, "bearer_key": secret }),
    })
}

/// Takes a key over.
pub(super) async fn import(service: &Arc<Service>, import: Import) -> Result<Value, Failure> {
    let (account_id, scheme) = (AccountId::try_from(import.account)?, scheme(&import.scheme)?);
    if scheme == Scheme::Bearer {
        return Err(Failure("no other system has bearer keys; issue one: tenantry key issue --scheme bearer".to_owned()));
    }
    if import.public.is_empty() || import.hash.is_empty() {
        return Err(Failure("a key pair needs --public and --hash; for one secret give --scheme basic".to_owned()));
    }
    // The hash has the public key's form; its own type would say nothing more.
    PublicKey::parse_pair(&import.hash).map_err(|_| Failure("the hash must have 64 lower-hex characters".to_owned()))?;
    let new = bounds(service, import.bounds)?;
    if scheme == Scheme::Basic {
        let verifier = Verifier::from_hex(&import.hash).ok_or_else(|| Failure("the hash must have 64 lower-hex characters".to_owned()))?;
        let command = new.command(account_id, Scheme::Basic, PublicKey::parse(&import.public)?, verifier, true);
        service.run_as_operator(Command::IssueKey(Box::new(command))).await?;
        return Ok(json!(format!("clients that send this key as user {account_id} are let in from now on")));
    }
    let public = PublicKey::parse_pair(&import.public)?;
    let verifier: Verifier = tenantry_service::verifier_of(&import.hash);
    let command = new.command(account_id, Scheme::Wwwengine, public, verifier, true);
    service.run_as_operator(Command::IssueKey(Box::new(command))).await?;
    // The hash covers the id, so that it is right for one id only; whether it is shows at the first call.
    Ok(json!(format!("clients that sign as actingUserID={account_id} with this key and hash are let in from now on")))
}

/// Revokes a key.
pub(super) async fn revoke(service: &Arc<Service>, revoke: Revoke) -> Result<Value, Failure> {
    let account_id = AccountId::try_from(revoke.account)?;
    let outcome = service.run_as_operator(Command::RevokeKey(RevokeKey { account_id, public: revoke.public })).await?;
    Ok(json!(if outcome.changed { "the key is refused from now on" } else { "the key was revoked already" }))
}

/// Lists keys.
pub(super) async fn list(service: &Arc<Service>, account: Option<i64>) -> Result<Value, Failure> {
    let account = account.map(AccountId::try_from).transpose()?;
    let now = service.now();
    Ok(service.keys(account).await?.iter().map(|key| row(key, now)).collect())
}

fn row(key: &Key, now: Timestamp) -> Value {
    let allow: Vec<&str> = key.allow.iter().map(|network| network.as_str()).collect();
    let state = match (key.revoked_at, key.is_live(now)) {
        (Some(_), _) => "revoked",
        (None, false) => "expired",
        (None, true) => "live",
    };
    json!({
        "account": key.account_id,
        "scheme": key.scheme,
        "public": key.public,
        "label": key.label,
        "scopes": key.scopes.to_string(),
        "allow": allow.join(","),
        "rate_per_minute": key.rate_per_minute,
        "created": key.created_at.to_string(),
        "expires": key.expires_at.map(|at| at.to_string()),
        "state": state,
    })
}

fn scheme(word: &str) -> Result<Scheme, Failure> {
    Scheme::parse(word).ok_or_else(|| Failure(format!("{word:?} is no scheme; there are wwwengine, basic and bearer")))
}

fn bounds(service: &Service, bounds: Bounds) -> Result<NewKey, Failure> {
    let scope = named("--scope", bounds.scope, "everything")?;
    let allow = named("--allow", bounds.allow, "anywhere")?;
    let allow = allow.split(',').map(str::trim).filter(|text| !text.is_empty()).map(Network::parse).collect::<Result<_, _>>()?;
    let expires_at = bounds.expires.as_deref().map(|text| expiry(service.now(), text)).transpose()?;
    let rate_per_minute = match bounds.rate {
        Some(0) => return Err(Failure("a rate is a number from 1".to_owned())),
        rate => rate,
    };
    Ok(NewKey { label: bounds.label.map(Label::parse).transpose()?, scopes: Scopes::parse(&scope)?, allow, rate_per_minute, expires_at })
}

/// A flag's list. One that is given and names nothing is most likely a variable that is not set, and must not open everything.
fn named(flag: &str, list: Option<String>, without: &str) -> Result<String, Failure> {
    match list {
        Some(list) if list.split(',').all(|word| word.trim().is_empty()) => {
            Err(Failure(format!("{flag} names nothing; leave it out for {without}")))
        }
        list => Ok(list.unwrap_or_default()),
    }
}

fn expiry(now: Timestamp, text: &str) -> Result<Timestamp, Failure> {
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u16>().ok());
    days.map(|days| now.plus_days(days.into()))
        .or_else(|| text.parse().ok())
        .ok_or_else(|| Failure(format!("{text:?} is no time; write 2030-01-31T00:00:00Z, or 90d for days from now")))
}
