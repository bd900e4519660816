//! A key that is to be issued.

use tenantry_domain::key::{Scheme, Scope, Scopes};
use tenantry_domain::limits::ALLOW_MAX_NETWORKS;
use tenantry_domain::value::{Label, Network, Timestamp};
use tenantry_domain::{Invalid, Patch, Refusal};
use tenantry_service::NewKey;

use super::reader::Reader;

/// What a body says of a key.
pub(crate) struct KeyBody {
    pub(crate) scheme: Scheme,
    pub(crate) label: Option<Label>,
    /// `None`: those of the key that issues.
    pub(crate) scopes: Option<Scopes>,
    pub(crate) allow: Vec<Network>,
    pub(crate) rate_per_minute: Option<u32>,
    pub(crate) expires_at: Option<Timestamp>,
}

impl KeyBody {
    /// The key, with these scopes unless others are asked for.
    pub(crate) fn new_key(self, unless_given: Scopes) -> NewKey {
        let Self { label, scopes, allow, rate_per_minute, expires_at, .. } = self;
        NewKey { label, scopes: scopes.unwrap_or(unless_given), allow, rate_per_minute, expires_at }
    }
}

/// Reads a key.
///
/// # Errors
/// Every field that is wrong.
pub(crate) fn key(mut reader: Reader) -> Result<KeyBody, Refusal> {
    let body = fields(&mut reader);
    reader.finished(Some(body))
}

pub(crate) fn fields(reader: &mut Reader) -> KeyBody {
    let schemes = [Scheme::Bearer, Scheme::Basic, Scheme::Wwwengine].map(|scheme| (scheme.as_str(), scheme));
    let about =
        "How it proves itself: `bearer`, unless given, for this API; `basic` for the Everlytic API alone; `wwwengine`: a pair that signs.";
    let scheme = reader.word("scheme", &schemes, about).value().copied().unwrap_or(Scheme::Bearer);
    let label: Patch<Label> = reader.text("label", "What it is for.");
    let scopes = reader.texts::<Scope>("scopes", Scope::ALL.len(), "What it may be used for; as the key that issues, unless given.");
    if scopes.value().is_some_and(Vec::is_empty) && !reader.is_faulty() {
        reader.fault("scopes", Invalid::required("name one at least, or leave it out"));
    }
    let allow = reader.texts("allow", ALLOW_MAX_NETWORKS, "Addresses and networks from which it works, beside the account's own list.");
    let about = "Calls a minute that it may make.";
    let rate = |number: i64| u32::try_from(number).map_err(|error| Invalid::new(error.to_string()));
    let rate_per_minute = reader.integer("rate_per_minute", (1, i64::from(u32::MAX)), about, rate);
    let expires_at: Patch<Timestamp> = reader.text("expires_at", "From when on it is refused.");
    let words: Vec<&str> = scopes.value().into_iter().flatten().map(|scope| scope.as_str()).collect();
    KeyBody {
        scheme,
        label: label.value().cloned(),
        // Words of scopes are scopes.
        scopes: (!words.is_empty()).then(|| Scopes::parse(&words.join(",")).ok()).flatten(),
        allow: allow.value().cloned().unwrap_or_default(),
        rate_per_minute: rate_per_minute.value().copied(),
        expires_at: expires_at.value().copied(),
    }
}
