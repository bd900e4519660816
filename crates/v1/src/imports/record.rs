//! What an import came to.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use tenantry_domain::AccountId;
use tenantry_exchange::Mapping;
use utoipa::ToSchema;

/// What an import came to.
#[derive(Serialize, ToSchema)]
pub(crate) struct Import {
    /// Of which system the file was.
    #[schema(pattern = "^(csv|jsonl|whmcs|wwwengine|everlytic)$")]
    pub(super) format: &'static str,
    /// Whether nothing was written.
    pub(super) dry_run: bool,
    /// What the columns were taken for. Of JSON Lines in our own names: nothing, there is no doubt.
    pub(super) mapping: Vec<ShownColumn>,
    /// Rows that were read.
    #[schema(minimum = 0)]
    pub(super) read: u64,
    /// Customers that were made.
    #[schema(minimum = 0)]
    pub(super) created: u64,
    /// Customers that were changed.
    #[schema(minimum = 0)]
    pub(super) changed: u64,
    /// Customers that were as the file has them already.
    #[schema(minimum = 0)]
    pub(super) unchanged: u64,
    /// Customers that were there, with `on_existing=skip`.
    #[schema(minimum = 0)]
    pub(super) skipped: u64,
    /// Rows of which nothing was taken.
    #[schema(minimum = 0)]
    pub(super) faulty: u64,
    /// What is wrong with them: of the first of them, which are in `faulty_rows`.
    pub(super) errors: Vec<RowError>,
    /// Those rows as they were, in the form of the file, with what is wrong in `import_error`: to be mended and sent again, which passes over that.
    pub(super) faulty_rows: String,
    /// Faulty rows that are not in `faulty_rows`, because there are too many.
    #[schema(minimum = 0)]
    pub(super) faulty_left_out: u64,
    /// The first rows, as they are now or would be.
    pub(super) preview: Vec<Preview>,
}

/// A column of the file.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportColumn)]
pub(crate) struct ShownColumn {
    /// Its name.
    column: String,
    /// The field that it was taken for; null: it was left out.
    field: Option<String>,
}

/// What is wrong with a row.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportError)]
pub(crate) struct RowError {
    /// Which row it is; 1 is the first one behind the names of the columns.
    #[schema(minimum = 1)]
    pub(super) row: u64,
    /// The field, or the column where it is none.
    pub(super) field: String,
    /// The code.
    pub(super) code: &'static str,
    /// What is wrong.
    pub(super) message: String,
    /// Who has the value, where that is the fault and the caller may see it.
    #[schema(value_type = Option<i64>)]
    pub(super) existing_id: Option<AccountId>,
}

/// What a row came to, or would.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportPreview)]
pub(crate) struct Preview {
    /// Which row it is.
    #[schema(minimum = 1)]
    pub(super) row: u64,
    /// What was done, or would be.
    #[schema(pattern = "^(created|changed|unchanged)$")]
    pub(super) action: &'static str,
    /// The customer. One that is not there yet has no id.
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    pub(super) customer: BTreeMap<String, Value>,
}

/// What the columns were taken for.
pub(super) fn columns(mapping: &Mapping) -> Vec<ShownColumn> {
    let shown = |column: &tenantry_exchange::Column| ShownColumn { column: column.name.clone(), field: column.field.clone() };
    mapping.columns().iter().map(shown).collect()
}
