//! Settings of a tenant: what its top provider decides for all of it. One file a call; the record is here.

pub(crate) mod edit;
pub(crate) mod get;

use axum::http::StatusCode;
use serde::Serialize;
use tenantry_domain::Account;
use tenantry_domain::account::{CustomField, CustomFieldType};
use utoipa::ToSchema;

use crate::answer::Written;

/// The settings of a tenant.
#[derive(Serialize, ToSchema)]
#[schema(as = Settings)]
pub(crate) struct ShownSettings<'a> {
    /// Whether changes of a record have to name its version (428 without `If-Match`).
    require_if_match: bool,
    /// The custom fields of its customers.
    custom_fields: Vec<ShownField<'a>>,
}

/// The definition of a custom field.
#[derive(Serialize, ToSchema)]
#[schema(as = CustomField)]
struct ShownField<'a> {
    /// Its name.
    name: &'a str,
    /// What it holds.
    #[schema(pattern = "^(text|number|boolean|date)$")]
    r#type: &'static str,
    /// What staff are shown for it.
    label: Option<&'a str>,
    /// Whether a new customer must have it.
    required: bool,
    /// Whether no two customers have the same value.
    unique: bool,
    /// Whether its value is found by a search.
    searchable: bool,
}

impl<'a> ShownField<'a> {
    fn of(field: &'a CustomField) -> Self {
        let label = field.label.as_ref().map(|label| label.as_str());
        let CustomField { required, unique, searchable, .. } = *field;
        Self { name: field.name.as_str(), r#type: CustomFieldType::as_str(field.r#type), label, required, unique, searchable }
    }
}

/// The settings of a tenant, from its top provider.
fn written(provider: &Account) -> Written {
    let settings = &provider.profile.settings;
    let custom_fields = settings.custom_fields.iter().map(ShownField::of).collect();
    Written::json(StatusCode::OK, &ShownSettings { require_if_match: settings.require_if_match, custom_fields }).tagged(provider)
}
