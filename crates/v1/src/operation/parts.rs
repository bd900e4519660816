//! Operations on parts of a customer: its PIN, name servers, balances and history.

use super::{Action, Operation, Success};
use crate::body::{Mode, described, merge, name_servers, pin, quota};
use tenantry_domain::quota::MovementKind;

const NAME_SERVERS: &str = "/v1/customers/{id}/name_servers";

/// A move of a balance.
const fn moving(kind: MovementKind, path: &'static str, id: &'static str, summary: &'static str, about: &'static str) -> Operation {
    Operation {
        action: Action::MoveQuota(kind),
        method: "POST",
        path,
        id,
        summary,
        about,
        scope: "edit",
        body: Some(|| described(Mode::Create, quota::fields)),
        success: Success::Shown("Quota"),
    }
}

/// Every one of them.
pub(super) const OPERATIONS: [Operation; 12] = [
    Operation {
        action: Action::Merge,
        method: "POST",
        path: "/v1/customers/{id}/merge",
        id: "mergeCustomers",
        summary: "Merge another customer into this one",
        about: "This one keeps what it has, takes what it has not, and gets the other's balances. The other becomes an alias for ever: every call that names it gets this one. \
                Both stand directly below the same provider. The key needs the scope `status`, too.",
        scope: "edit",
        body: Some(|| described(Mode::Create, merge::fields)),
        success: Success::Customer,
    },
    Operation {
        action: Action::Unmerge,
        method: "POST",
        path: "/v1/customers/{id}/unmerge",
        id: "unmergeCustomers",
        summary: "Undo a merge",
        about: "Within 30 days, while what was taken is as it was taken, as many units are left as came, and nobody else has the other's address or id by now; `errors` names what \
                is in the way. The key needs the scope `status`, too.",
        scope: "edit",
        body: Some(|| described(Mode::Create, merge::fields)),
        success: Success::Customer,
    },
    Operation {
        action: Action::CheckPin,
        method: "POST",
        path: "/v1/customers/{id}/pin/check",
        id: "checkPin",
        summary: "Check a call-in PIN",
        about: "Whether it is the customer's. Wrong ones count, 10 of a customer a day and 100 of a caller an hour; beyond those nothing is tried (429), not even the right one. \
                A customer without a PIN has none that matches.",
        scope: "edit",
        body: Some(|| described(Mode::Create, pin::fields)),
        success: Success::Shown("PinCheck"),
    },
    Operation {
        action: Action::ReplaceNameServers,
        method: "PUT",
        path: NAME_SERVERS,
        id: "replaceNameServers",
        summary: "Set a customer's name servers",
        about: "The whole list, 2 to 13; or `{\"mode\": \"default\"}` for those of the provider above.",
        scope: "edit",
        body: Some(|| described(Mode::Create, name_servers::fields)),
        success: Success::Customer,
    },
    Operation {
        action: Action::AddNameServers,
        method: "POST",
        path: NAME_SERVERS,
        id: "addNameServers",
        summary: "Add name servers",
        about: "To a customer's own list. One that stands there already gets the glue that is sent with it.",
        scope: "edit",
        body: Some(|| described(Mode::Create, name_servers::added_fields)),
        success: Success::Customer,
    },
    Operation {
        action: Action::RemoveNameServer,
        method: "DELETE",
        path: "/v1/customers/{id}/name_servers/{host}",
        id: "removeNameServer",
        summary: "Remove a name server",
        about: "From a customer's own list, which keeps 2 at least. One that does not stand there is removed already.",
        scope: "edit",
        body: None,
        success: Success::Customer,
    },
    Operation {
        action: Action::ListQuotas,
        method: "GET",
        path: "/v1/customers/{id}/quotas",
        id: "listQuotas",
        summary: "Read a customer's balances",
        about: "The prepaid balance and the package of every channel.",
        scope: "read",
        body: None,
        success: Success::Shown("Quotas"),
    },
    moving(
        MovementKind::Grant,
        "/v1/customers/{id}/quotas/{channel}/grant",
        "grantQuota",
        "Grant units",
        "Adds units to a balance. With an `idempotency_key` in the body the move is made once, for ever: the ledger keeps the key.",
    ),
    moving(
        MovementKind::Consume,
        "/v1/customers/{id}/quotas/{channel}/consume",
        "consumeQuota",
        "Consume units",
        "Takes units off a balance, all of them or none: one that is too small is refused. Of two that race for the last unit one gets it.",
    ),
    moving(
        MovementKind::Set,
        "/v1/customers/{id}/quotas/{channel}/set",
        "setQuota",
        "Set a balance",
        "Gives a balance a value; the ledger has the difference. Where several move it at a time, grant and consume.",
    ),
    Operation {
        action: Action::ListLedger,
        method: "GET",
        path: "/v1/customers/{id}/quotas/{channel}/entries",
        id: "listQuotaEntries",
        summary: "Read a ledger",
        about: "The moves of a balance, the newest first. They are appended and never changed; the balance is their sum.",
        scope: "read",
        body: None,
        success: Success::List("QuotaEntries"),
    },
    Operation {
        action: Action::ListEvents,
        method: "GET",
        path: "/v1/customers/{id}/events",
        id: "listCustomerEvents",
        summary: "Read a customer's history",
        about: "Who changed what and when, the newest first, with old and new values; secrets are named and never shown. For the provider above it.",
        scope: "read",
        body: None,
        success: Success::List("Events"),
    },
];
