//! Operations on files of customers.

use super::{Action, Operation, Success};

/// Every one of them.
pub(super) const OPERATIONS: [Operation; 3] = [
    Operation {
        action: Action::ImportCustomers,
        method: "POST",
        path: "/v1/imports",
        id: "importCustomers",
        summary: "Import customers from a file",
        about: "CSV or JSON Lines, read as they come and taken in row by row: each adds a customer, or changes the one that has its `external_id` or e-mail address. The \
                same rules hold as for single calls; rows that are faulty are answered with what is wrong, to be mended and sent again. A file that is sent again \
                changes nothing that it has changed, so an import that was cut off is sent again from its beginning. With `dry_run=true` nothing is written. Changing \
                customers needs the scope `edit`, too, and statuses need `status`.",
        scope: "add",
        body: None,
        success: Success::Shown("Import"),
    },
    Operation {
        action: Action::ExportCustomers,
        method: "GET",
        path: "/v1/export/customers",
        id: "exportCustomers",
        summary: "Export customers to a file",
        about: "Every customer below the caller that the parameters leave, by rising id, as it is written. An import of the file changes nothing. In CSV, cells that a \
                spreadsheet could take for formulas have an apostrophe in front, which an import takes away.",
        scope: "read",
        body: None,
        success: Success::File,
    },
    Operation {
        action: Action::ExportSubject,
        method: "GET",
        path: "/v1/customers/{id}/export",
        id: "exportCustomer",
        summary: "Export everything that is kept of a customer",
        about: "One document: the record, its history, its keys without what can prove them, its packages and the moves of its balances. For the provider above it.",
        scope: "read",
        body: None,
        success: Success::Shown("Subject"),
    },
];
