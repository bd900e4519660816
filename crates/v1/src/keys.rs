//! `/v1/keys` and `/v1/accounts/{id}/keys`: what programs prove themselves with.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tenantry_domain::key::issue::IssueKey;
use tenantry_domain::key::revoke::RevokeKey;
use tenantry_domain::key::{Key, PublicKey, Scope};
use tenantry_domain::{AccountId, Refusal, Timestamp};
use utoipa::ToSchema;

use crate::answer::{Form, Written};
use crate::body::{Mode, Reader, key, members};
use crate::call::Call;
use crate::{Face, answer};

/// The keys of an account.
#[derive(Serialize, ToSchema)]
pub(crate) struct Keys<'a> {
    /// The keys, the oldest first.
    keys: Vec<ShownKey<'a>>,
}

/// A key, without what can prove it.
#[derive(Serialize, ToSchema)]
#[schema(as = Key)]
pub(crate) struct ShownKey<'a> {
    /// The account that acts when it is used.
    #[schema(value_type = i64)]
    account_id: AccountId,
    /// How it proves itself.
    #[schema(pattern = "^(bearer|basic|wwwengine)$")]
    scheme: &'static str,
    /// Its public part: of a secret key its first characters.
    public: &'a str,
    /// What it is for.
    label: Option<&'a str>,
    /// What it may be used for.
    scopes: Vec<&'static str>,
    /// From where it works; empty: from anywhere.
    allow: Vec<&'a str>,
    /// Calls a minute that it may make.
    #[schema(value_type = Option<i64>)]
    rate_per_minute: Option<u32>,
    /// `live`, `revoked` or `expired`.
    #[schema(pattern = "^(live|revoked|expired)$")]
    state: &'static str,
    /// When it was issued.
    #[schema(format = "date-time")]
    created_at: String,
    /// From when on it is refused.
    #[schema(format = "date-time")]
    expires_at: Option<String>,
    /// Since when it is refused.
    #[schema(format = "date-time")]
    revoked_at: Option<String>,
}

/// A key that was just issued.
#[derive(Serialize, ToSchema)]
pub(crate) struct IssuedKey<'a> {
    /// The key.
    key: ShownKey<'a>,
    /// What proves it, shown once: the secret key itself, or the private key of a pair.
    secret: &'a str,
}

impl<'a> ShownKey<'a> {
    pub(crate) fn of(key: &'a Key, now: Timestamp) -> Self {
        Self {
            account_id: key.account_id,
            scheme: key.scheme.as_str(),
            public: key.public.as_str(),
            label: key.label.as_ref().map(|label| label.as_str()),
            scopes: key.scopes.iter().map(Scope::as_str).collect(),
            allow: key.allow.iter().map(|network| network.as_str()).collect(),
            rate_per_minute: key.rate_per_minute,
            state: match (key.revoked_at, key.is_live(now)) {
                (Some(_), _) => "revoked",
                (None, true) => "live",
                (None, false) => "expired",
            },
            created_at: key.created_at.to_string(),
            expires_at: key.expires_at.map(|at| at.to_string()),
            revoked_at: key.revoked_at.map(|at| at.to_string()),
        }
    }

    fn of_new(issue: &'a IssueKey, created_at: Timestamp) -> Self {
        Self {
            account_id: issue.account_id,
            scheme: issue.scheme.as_str(),
            public: issue.public.as_str(),
            label: issue.label.as_ref().map(|label| label.as_str()),
            scopes: issue.scopes.iter().map(Scope::as_str).collect(),
            allow: issue.allow.iter().map(|network| network.as_str()).collect(),
            rate_per_minute: issue.rate_per_minute,
            state: "live",
            created_at: created_at.to_string(),
            expires_at: issue.expires_at.map(|at| at.to_string()),
            revoked_at: None,
        }
    }
}

/// Shows the keys of an account.
pub(crate) async fn list(face: &Face, call: &Call, id: AccountId) -> Result<Response, Refusal> {
    let keys = face.service.keys_of(&call.request.principal, id).await?;
    let now = face.service.now();
    Ok(answer::json(StatusCode::OK, &Keys { keys: keys.iter().map(|key| ShownKey::of(key, now)).collect() }))
}

/// Issues one. Its secret is in the answer, and in no log, event or table, but for an answer that is kept sealed.
pub(crate) async fn issue(face: &Face, call: &Call, id: AccountId) -> Result<Response, Refusal> {
    let body = key::key(Reader::new(Mode::Create, face.service.now(), members(&call.body)?))?;
    let scheme = body.scheme;
    let new = body.new_key(call.request.principal.scopes());
    let prepared = face.service.prepare_key(id, scheme, new, &call.request)?;
    let (shown, secret) = (prepared.issue.clone(), prepared.secret.clone());
    let form = Form::new(move |outcome| {
        let issued = IssuedKey { key: ShownKey::of_new(&shown, outcome.account.updated_at), secret: &secret };
        Written::json(StatusCode::CREATED, &issued).with(&header::CACHE_CONTROL, "no-store")
    });
    let issued = face.service.issue_key(prepared, &form.kept(call)).await?;
    form.answer(&issued)
}

/// Revokes one.
pub(crate) async fn revoke(face: &Face, call: &Call, id: AccountId, public: &str) -> Result<Response, Refusal> {
    // What cannot be a public part, or eight characters of one, names no key.
    let public = PublicKey::parse(public).map_err(|_| Refusal::not_found())?.as_str().to_owned();
    face.service.revoke_key(RevokeKey { account_id: id, public }, &call.request).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
