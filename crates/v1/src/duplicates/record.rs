//! Likely duplicates as they are shown.

use serde::Serialize;
use tenantry_domain::twin::Twin;
use tenantry_domain::{Account, AccountId, Outcome};
use tenantry_service::{DuplicateGroup, DuplicateList};
use utoipa::ToSchema;

use crate::cursor;
use crate::customers::Customer;

/// A new customer, and what the caller may want to look at.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedCustomer)]
pub(crate) struct Created<'a> {
    #[serde(flatten)]
    customer: Customer<'a>,
    /// What may be wrong with it; absent where nothing is.
    #[schema(required = false)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Warning>,
}

/// What may be wrong with a new customer.
#[derive(Serialize, ToSchema)]
pub(crate) struct Warning {
    /// What it is: `likely_duplicate`.
    #[schema(pattern = "^likely_duplicate$")]
    code: &'static str,
    /// The customers that it may be.
    #[schema(value_type = Vec<i64>)]
    ids: Vec<AccountId>,
    /// What they have in common.
    #[schema(value_type = Vec<String>)]
    because: Vec<&'static str>,
}

impl<'a> Created<'a> {
    pub(crate) fn of(outcome: &'a Outcome) -> Self {
        let mut warnings: Vec<Warning> = Vec::new();
        for Twin { id, because } in &outcome.twins {
            let because: Vec<&'static str> = because.iter().map(|because| because.as_str()).collect();
            match warnings.iter_mut().find(|warning| warning.because == because) {
                Some(warning) => warning.ids.push(*id),
                None => warnings.push(Warning { code: "likely_duplicate", ids: vec![*id], because }),
            }
        }
        Self { customer: Customer::of(&outcome.account), warnings }
    }
}

/// A page of customers that may be the same.
#[derive(Serialize, ToSchema)]
pub(crate) struct DuplicatePage<'a> {
    /// The groups. Customers that have several things in common come once on a page.
    groups: Vec<ShownGroup<'a>>,
    /// Where the next page begins: send it as `cursor`. Null on the last page.
    next_cursor: Option<String>,
}

/// Customers that may be the same.
#[derive(Serialize, ToSchema)]
#[schema(as = DuplicateGroup)]
struct ShownGroup<'a> {
    /// What they have in common: `phone`, `email`, `name_and_postal_code`, `name_and_date_of_birth`.
    #[schema(value_type = Vec<String>)]
    because: Vec<&'static str>,
    /// The customers, by rising id; of many, the first 20.
    customers: Vec<ShownTwin<'a>>,
}

/// One of them: what tells people which is which.
#[derive(Serialize, ToSchema)]
#[schema(as = Duplicate)]
struct ShownTwin<'a> {
    /// The id.
    #[schema(value_type = i64, minimum = 0)]
    id: AccountId,
    /// The name under which it is shown.
    name: String,
    /// The login.
    email: Option<&'a str>,
    /// Where it is in its life.
    #[schema(pattern = "^(pending|active|suspended|closed|deleted)$")]
    status: &'static str,
    /// When it was made.
    #[schema(format = "date-time")]
    created_at: String,
}

impl<'a> DuplicatePage<'a> {
    pub(crate) fn of(list: &'a DuplicateList) -> Self {
        Self { groups: list.groups.iter().map(ShownGroup::of).collect(), next_cursor: list.next.as_ref().map(cursor::after_twins) }
    }
}

impl<'a> ShownGroup<'a> {
    fn of(group: &'a DuplicateGroup) -> Self {
        Self {
            because: group.because.iter().map(|because| because.as_str()).collect(),
            customers: group.accounts.iter().map(|account| ShownTwin::of(account)).collect(),
        }
    }
}

impl<'a> ShownTwin<'a> {
    fn of(account: &'a Account) -> Self {
        Self {
            id: account.id,
            name: account.profile.display_name().trim().to_owned(),
            email: account.email.as_ref().map(|email| email.as_str()),
            status: account.status.as_str(),
            created_at: account.created_at.to_string(),
        }
    }
}
