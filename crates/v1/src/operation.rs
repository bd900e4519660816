//! Every operation of this dialect, once: the router, the published document and the tests of access are made of this table.

use serde_json::Value;
use tenantry_domain::quota::MovementKind;
use tenantry_http::access_log::Route;

use crate::body::{Mode, customer, described, settings, status};

mod files;
mod keys;
mod packages;
mod parts;
mod providers;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    ListCustomers,
    CreateCustomer,
    ListDuplicates,
    GetCustomer,
    EditCustomer,
    DeleteCustomer,
    RestoreCustomer,
    Erase,
    Activate,
    Suspend,
    Resume,
    Close,
    Reopen,
    GetSettings,
    EditSettings,
    Merge,
    Unmerge,
    CheckPin,
    ReplaceNameServers,
    AddNameServers,
    RemoveNameServer,
    ListQuotas,
    MoveQuota(MovementKind),
    ListLedger,
    ListEvents,
    ListProviders,
    CreateProvider,
    ListPackages,
    CreatePackage,
    GetPackage,
    EditPackage,
    DeletePackage,
    ListKeys,
    IssueKey,
    RevokeKey,
    ImportCustomers,
    ExportCustomers,
    ExportSubject,
}

/// What the answer of an operation is, when it did what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Success {
    /// 200 with the customer.
    Customer,
    /// 201 with the customer.
    Created,
    /// 200 with a page of customers.
    Page,
    /// 200 with the settings.
    Settings,
    /// 204.
    Nothing,
    /// 200 with a record of this name.
    Shown(&'static str),
    /// 201 with a record of this name.
    Made(&'static str),
    /// 200 with the page of this name, of records that cannot be narrowed.
    List(&'static str),
    /// 200 with a file.
    File,
}

/// An operation.
pub(crate) struct Operation {
    pub(crate) action: Action,
    pub(crate) method: &'static str,
    /// The path, ids in braces.
    pub(crate) path: &'static str,
    /// Its name in generated clients.
    pub(crate) id: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) about: &'static str,
    /// Which scope the key needs.
    pub(crate) scope: &'static str,
    /// The schema of its body; `None` where it reads none.
    pub(crate) body: Option<fn() -> Value>,
    pub(crate) success: Success,
}

impl Operation {
    /// Whether it may do anything: no page of another site makes it.
    pub(crate) fn writes(&self) -> bool {
        self.method != "GET"
    }

    /// Whether it changes one record in place, so that what somebody else changed meanwhile could be lost. A key is revoked whatever else was changed.
    pub(crate) fn replaces(&self) -> bool {
        matches!(self.method, "PATCH" | "PUT" | "DELETE") && self.has_version() && self.tag() != "keys"
    }

    /// Whether it is about something that has a version.
    pub(crate) fn has_version(&self) -> bool {
        self.is_about_one() || self.success == Success::Settings
    }

    /// Whether it changes a record.
    pub(crate) fn changes(&self) -> bool {
        self.writes() && self.action != Action::CheckPin
    }

    /// Whether a key makes it happen once.
    pub(crate) fn takes_key(&self) -> bool {
        // A file is not kept to be compared with another: fed again, it changes nothing that it has changed.
        self.method == "POST" && self.changes() && !self.reads_file()
    }

    /// Whether its body is a file, which is read as it comes.
    pub(crate) fn reads_file(&self) -> bool {
        self.action == Action::ImportCustomers
    }

    /// Whether it is about one account, whose version can be named.
    pub(crate) fn is_about_one(&self) -> bool {
        self.path.contains("{id}")
    }

    /// Whether it is about one provider, and nobody else.
    pub(crate) fn is_about_provider(&self) -> bool {
        self.path.starts_with(PROVIDER)
    }

    /// What it belongs to in the document.
    pub(crate) fn tag(&self) -> &'static str {
        if self.path.contains("/keys") { "keys" } else { self.path.split('/').nth(2).unwrap_or_default() }
    }

    /// The names in braces of its path.
    pub(crate) fn path_parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }
}

/// Every operation.
pub(crate) fn all() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS
        .iter()
        .chain(&parts::OPERATIONS)
        .chain(&providers::OPERATIONS)
        .chain(&packages::OPERATIONS)
        .chain(&keys::OPERATIONS)
        .chain(&files::OPERATIONS)
}

const CUSTOMERS: &str = "/v1/customers";
const SETTINGS: &str = "/v1/settings";
const CUSTOMER: &str = "/v1/customers/{id}";
const PROVIDER: &str = "/v1/providers/{id}";

/// An operation that changes a status.
const fn status_of(action: Action, path: &'static str, id: &'static str, summary: &'static str, about: &'static str) -> Operation {
    let (body, success): (fn() -> Value, _) = (|| described(Mode::Create, status::reason_fields), Success::Customer);
    Operation { action, method: "POST", path, id, summary, about, scope: "status", body: Some(body), success }
}

/// Those of customers and their lives, and of settings.
const OPERATIONS: [Operation; 15] = [
    Operation {
        action: Action::ListCustomers,
        method: "GET",
        path: CUSTOMERS,
        id: "listCustomers",
        summary: "List and search customers",
        about: "A page of the customers below the caller, by rising id, and the cursor of the next page. `search` finds every customer in which each word stands \
                somewhere: in its names, addresses, e-mail, phones in any form, ids. Case and accents make no difference, and what was just written is found.",
        scope: "read",
        body: None,
        success: Success::Page,
    },
    Operation {
        action: Action::CreateCustomer,
        method: "POST",
        path: CUSTOMERS,
        id: "createCustomer",
        summary: "Create a customer",
        about: "A customer is pending until it is activated, or active at once with `auto_signup`. One that may be there already (by its phone, mailbox, or name with \
                postal code or date of birth) is made all the same, and `warnings` names whom it may be; `on_duplicate` says otherwise.",
        scope: "add",
        body: Some(|| described(Mode::Create, customer::fields)),
        success: Success::Created,
    },
    Operation {
        action: Action::ListDuplicates,
        method: "GET",
        path: "/v1/duplicates",
        id: "listDuplicates",
        summary: "List likely duplicates",
        about: "Groups of customers below the caller that may be the same, and what they have in common: a phone in any form, a mailbox (case, tags behind a plus sign \
                and, at Gmail, dots make no difference), or a name, near enough, with the postal code or the date of birth.",
        scope: "read",
        body: None,
        success: Success::List("DuplicatePage"),
    },
    Operation {
        action: Action::GetCustomer,
        method: "GET",
        path: CUSTOMER,
        id: "getCustomer",
        summary: "Read a customer",
        about: "A deleted customer can be read until it is erased.",
        scope: "read",
        body: None,
        success: Success::Customer,
    },
    Operation {
        action: Action::EditCustomer,
        method: "PATCH",
        path: CUSTOMER,
        id: "editCustomer",
        summary: "Change a customer",
        about: "A merge patch (RFC 7396): what is absent stays, `null` empties, lists are replaced whole. Changes of different fields that race both survive.",
        scope: "edit",
        body: Some(|| described(Mode::Change, customer::fields)),
        success: Success::Customer,
    },
    Operation {
        action: Action::DeleteCustomer,
        method: "DELETE",
        path: CUSTOMER,
        id: "deleteCustomer",
        summary: "Delete a customer",
        about: "It is kept for some time, and can be restored for 30 days. One that is deleted already stays so.",
        scope: "status",
        body: None,
        success: Success::Nothing,
    },
    status_of(
        Action::RestoreCustomer,
        "/v1/customers/{id}/restore",
        "restoreCustomer",
        "Restore a deleted customer",
        "It comes back as it went: pending, active, or held by whoever held it.",
    ),
    Operation {
        action: Action::Erase,
        method: "POST",
        path: "/v1/customers/{id}/erase",
        id: "eraseCustomer",
        summary: "Erase a customer",
        about: "Everything personal goes, now and for good: from the record, its history, the search, its keys and kept answers. The number, the dates and what was done \
                stay, without what was in it. The answer is the receipt. One that is erased already stays so; one under a legal hold is refused.",
        scope: "status",
        body: Some(|| described(Mode::Create, status::erasure_fields)),
        success: Success::Customer,
    },
    status_of(
        Action::Activate,
        "/v1/customers/{id}/activate",
        "activateCustomer",
        "Activate a pending customer",
        "One that is active already stays so.",
    ),
    Operation {
        action: Action::Suspend,
        method: "POST",
        path: "/v1/customers/{id}/suspend",
        id: "suspendCustomer",
        summary: "Suspend a customer",
        about: "Places a hold. A customer is suspended while any hold stands. Placed again by the same owner, the hold gets the new reason and end.",
        scope: "status",
        body: Some(|| described(Mode::Create, status::hold_fields)),
        success: Success::Customer,
    },
    Operation {
        action: Action::Resume,
        method: "POST",
        path: "/v1/customers/{id}/resume",
        id: "resumeCustomer",
        summary: "Release a hold",
        about: "Releases the hold of one owner. The customer is active again when no other stands; `holds` of the answer says.",
        scope: "status",
        body: Some(|| described(Mode::Create, status::release_fields)),
        success: Success::Customer,
    },
    status_of(
        Action::Close,
        "/v1/customers/{id}/close",
        "closeCustomer",
        "Close a customer",
        "Out of service for good, and kept for the books. It can be reopened for 30 days.",
    ),
    status_of(
        Action::Reopen,
        "/v1/customers/{id}/reopen",
        "reopenCustomer",
        "Reopen a closed customer",
        "Within 30 days of its end. Holds of other owners stand.",
    ),
    Operation {
        action: Action::GetSettings,
        method: "GET",
        path: SETTINGS,
        id: "getSettings",
        summary: "Read the tenant's settings",
        about: "What the tenant's top provider has decided for all of it: its custom fields, and whether changes have to name a version.",
        scope: "read",
        body: None,
        success: Success::Settings,
    },
    Operation {
        action: Action::EditSettings,
        method: "PATCH",
        path: SETTINGS,
        id: "editSettings",
        summary: "Change the tenant's settings",
        about: "A merge patch (RFC 7396), by the tenant's top provider. The list of custom fields is replaced whole; values that records have stay.",
        scope: "edit",
        body: Some(|| described(Mode::Change, settings::fields)),
        success: Success::Settings,
    },
];

/// Where a path leads.
pub(crate) enum Found {
    /// To an operation, with what stands in the path's braces.
    Operation(&'static Operation, Params),
    /// To a path that has other methods: these.
    OtherMethods(String, Route),
    /// Nowhere.
    Nothing,
}

/// What stands in the braces of a path, as it came.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Params(Vec<(&'static str, String)>);

impl Params {
    /// One of them.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

/// The operation of a method and a path.
pub(crate) fn find(method: &str, path: &str) -> Found {
    let here = || all().filter_map(|operation| Some((operation, matched(operation.path, path)?)));
    // A GET answers HEAD, too, without a body.
    let asked = if method == "HEAD" { "GET" } else { method };
    if let Some((operation, params)) = here().find(|(operation, _)| operation.method == asked) {
        return Found::Operation(operation, params);
    }
    let mut methods = Vec::new();
    for (operation, _) in here() {
        methods.extend((operation.method == "GET").then_some("HEAD"));
        methods.push(operation.method);
    }
    match here().next() {
        Some((operation, _)) => Found::OtherMethods(methods.join(", "), Route(operation.path)),
        None => Found::Nothing,
    }
}

/// Whether a path is of this form: what stands where the form has braces.
fn matched(form: &'static str, path: &str) -> Option<Params> {
    let (mut parts, mut params) = (path.split('/'), Params::default());
    for part in form.split('/') {
        let given = parts.next()?;
        match part.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) if !given.is_empty() => params.0.push((name, given.to_owned())),
            _ if part == given => {}
            _ => return None,
        }
    }
    parts.next().is_none().then_some(params)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &str, path: &str) -> String {
        match find(method, path) {
            Found::Operation(operation, params) => {
                let values: Vec<String> = params.0.into_iter().map(|(_, value)| value).collect();
                [operation.id, " ", &values.join(" ")].concat()
            }
            Found::OtherMethods(methods, _) => methods,
            Found::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn a_path_leads_to_its_operation() {
        for (method, path, operation) in [
            ("GET", "/v1/customers", "listCustomers "),
            ("HEAD", "/v1/customers/7", "getCustomer 7"),
            ("POST", "/v1/customers/7/suspend", "suspendCustomer 7"),
            ("PUT", "/v1/customers/7", "HEAD, GET, PATCH, DELETE"),
            ("GET", "/v1/customers/7/suspend", "POST"),
            ("GET", "/v1/customers/", "nothing"),
            ("GET", "/v1/customers/7/8", "nothing"),
            ("GET", "/v1/customers/7/suspend/8", "nothing"),
            ("POST", "/v1/customers/7/quotas/sms/grant", "grantQuota 7 sms"),
            ("DELETE", "/v1/customers/7/name_servers/a.example", "removeNameServer 7 a.example"),
            ("POST", "/v1/providers/7/suspend", "suspendProvider 7"),
        ] {
            assert_eq!(found(method, path), operation, "{method} {path}");
        }
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        for (index, operation) in all().enumerate() {
            let alike = |other: &Operation| other.id == operation.id || (other.method, other.path) == (operation.method, operation.path);
            assert!(!all().skip(index + 1).any(alike), "{}", operation.id);
        }
    }
}
