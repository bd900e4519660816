//! Operations on packages: what providers sell of a channel. Who has which is a field of the customer.

use super::{Action, Operation, Success};
use crate::body::{Mode, described, package};

const PACKAGES: &str = "/v1/packages";
const PACKAGE: &str = "/v1/packages/{package_id}";

/// Every one of them.
pub(super) const OPERATIONS: [Operation; 5] = [
    Operation {
        action: Action::ListPackages,
        method: "GET",
        path: PACKAGES,
        id: "listPackages",
        summary: "List packages",
        about: "Those of the caller and of providers above and below it; of a customer those that it has. By rising id.",
        scope: "read",
        body: None,
        success: Success::List("Packages"),
    },
    Operation {
        action: Action::CreatePackage,
        method: "POST",
        path: PACKAGES,
        id: "createPackage",
        summary: "Create a package",
        about: "Of the caller's, or of a provider's below it. Customers of that provider get it by `email_package_id`, `sms_package_id` or `transactions_package_id`.",
        scope: "add",
        body: Some(|| described(Mode::Create, package::fields)),
        success: Success::Made("Package"),
    },
    Operation {
        action: Action::GetPackage,
        method: "GET",
        path: PACKAGE,
        id: "getPackage",
        summary: "Read a package",
        about: "One that the caller sees.",
        scope: "read",
        body: None,
        success: Success::Shown("Package"),
    },
    Operation {
        action: Action::EditPackage,
        method: "PATCH",
        path: PACKAGE,
        id: "editPackage",
        summary: "Change a package",
        about: "A merge patch (RFC 7396). Its channel and its provider stay. An inactive one is not sold; who has it keeps it.",
        scope: "edit",
        body: Some(|| described(Mode::Change, package::fields)),
        success: Success::Shown("Package"),
    },
    Operation {
        action: Action::DeletePackage,
        method: "DELETE",
        path: PACKAGE,
        id: "deletePackage",
        summary: "Delete a package",
        about: "One that no live customer has.",
        scope: "status",
        body: None,
        success: Success::Nothing,
    },
];
