//! The methods: their names, their signatures, and a line on each, as introspection tells them.

use tenantry_domain::quota::Channel;

/// A method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    CreateCustomer,
    UpdateCustomer,
    GetCustomer,
    ListCustomers,
    DeleteCustomer,
    ChangePackage(Channel),
    ListPackages,
    GetPackage,
    CreatePackage,
    UpdatePackage,
    DeletePackage,
    ListMethods,
    TellSignature,
    TellHelp,
    Multicall,
    GetCapabilities,
}

impl Method {
    /// The word before its name under which it is answered, too.
    const fn group(self) -> Option<&'static str> {
        match self {
            Self::CreateCustomer
            | Self::UpdateCustomer
            | Self::GetCustomer
            | Self::ListCustomers
            | Self::DeleteCustomer
            | Self::ChangePackage(_) => Some("customers"),
            Self::ListPackages | Self::GetPackage | Self::CreatePackage | Self::UpdatePackage | Self::DeletePackage => Some("packages"),
            Self::ListMethods | Self::TellSignature | Self::TellHelp | Self::Multicall | Self::GetCapabilities => None,
        }
    }
}

/// A method as introspection tells it.
#[derive(Debug, Clone, Copy)]
pub struct Described {
    /// Which it is.
    pub method: Method,
    /// Its name. Those of customers and packages are answered under `customers.` and `packages.`, too.
    pub name: &'static str,
    /// Its signatures: what it gives first, then its parameters.
    pub signatures: &'static [&'static [&'static str]],
    /// What it does.
    pub help: &'static str,
}

/// Every method.
pub const METHODS: [Described; 18] = [
    Described {
        method: Method::CreateCustomer,
        name: "CreateCustomer",
        signatures: &[&["struct", "struct"], &["int", "struct"]],
        help: "Creates a customer. name and email are required.",
    },
    Described {
        method: Method::UpdateCustomer,
        name: "UpdateCustomer",
        signatures: &[&["struct", "int", "struct"], &["int", "int", "struct"]],
        help: "Changes the properties that are named; all others stay.",
    },
    Described {
        method: Method::GetCustomer,
        name: "GetCustomer",
        signatures: &[&["struct", "int"], &["struct", "int", "struct"]],
        help: "Reads a customer. With properties it changes them first, as UpdateCustomer does.",
    },
    Described {
        method: Method::ListCustomers,
        name: "ListCustomers",
        signatures: &[
            &["array"],
            &["array", "int"],
            &["array", "int", "int"],
            &["array", "int", "int", "string"],
            &["array", "int", "int", "string", "string"],
            &["array", "int", "int", "string", "string", "struct"],
        ],
        help: "Lists customers: page 1, count 50 (at most 200), order (id, name, email, created_at), direction (ASC, DESC), filter by property.",
    },
    Described { method: Method::DeleteCustomer, name: "DeleteCustomer", signatures: &[&["boolean", "int"]], help: "Deletes a customer." },
    Described {
        method: Method::ChangePackage(Channel::Email),
        name: "ChangeEmailPackage",
        signatures: &[&["struct", "int", "string"], &["struct", "int", "int"]],
        help: "Gives a customer another e-mail package, by its id or identifier; 0 takes it away.",
    },
    Described {
        method: Method::ChangePackage(Channel::Sms),
        name: "ChangeSmsPackage",
        signatures: &[&["struct", "int", "string"], &["struct", "int", "int"]],
        help: "Gives a customer another SMS package, by its id or identifier; 0 takes it away.",
    },
    Described {
        method: Method::ChangePackage(Channel::Transactions),
        name: "ChangeTransactionsPackage",
        signatures: &[&["struct", "int", "string"], &["struct", "int", "int"]],
        help: "Gives a customer another package of transactions, by its id or identifier; 0 takes it away.",
    },
    Described {
        method: Method::ListPackages,
        name: "ListPackages",
        signatures: &[
            &["array"],
            &["array", "int"],
            &["array", "int", "int"],
            &["array", "int", "int", "string"],
            &["array", "int", "int", "string", "string"],
            &["array", "int", "int", "string", "string", "struct"],
        ],
        help: "Lists packages: page 1, count 50 (at most 200), order (id), direction, filter by channel, status or identifier.",
    },
    Described { method: Method::GetPackage, name: "GetPackage", signatures: &[&["struct", "int"]], help: "Reads a package." },
    Described {
        method: Method::CreatePackage,
        name: "CreatePackage",
        signatures: &[&["struct", "struct"]],
        help: "Creates a package. name and channel (email, sms, transactions) are required; identifier, quantity and status (on, off) may be given.",
    },
    Described {
        method: Method::UpdatePackage,
        name: "UpdatePackage",
        signatures: &[&["struct", "int", "struct"]],
        help: "Changes the properties that are named.",
    },
    Described {
        method: Method::DeletePackage,
        name: "DeletePackage",
        signatures: &[&["boolean", "int"]],
        help: "Deletes a package that no live customer has.",
    },
    Described { method: Method::ListMethods, name: "system.listMethods", signatures: &[&["array"]], help: "Lists the methods." },
    Described {
        method: Method::TellSignature,
        name: "system.methodSignature",
        signatures: &[&["array", "string"]],
        help: "The signatures of a method.",
    },
    Described { method: Method::TellHelp, name: "system.methodHelp", signatures: &[&["string", "string"]], help: "What a method does." },
    Described {
        method: Method::Multicall,
        name: "system.multicall",
        signatures: &[&["array", "array"]],
        help: "Makes up to 20 calls, each a struct of methodName and params; gives for each an array of its value, or its fault.",
    },
    Described {
        method: Method::GetCapabilities,
        name: "system.getCapabilities",
        signatures: &[&["struct"]],
        help: "Which extensions of XML-RPC there are.",
    },
];

/// The method that a name means: bare, or with its group before it.
pub(super) fn find(name: &str) -> Option<&'static Described> {
    let meant = |described: &&Described| {
        let grouped = described.method.group().and_then(|group| name.strip_prefix(group)?.strip_prefix('.'));
        described.name == grouped.unwrap_or(name)
    };
    METHODS.iter().find(meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_method_has_its_names() {
        for (name, found) in [
            ("GetCustomer", true),
            ("customers.GetCustomer", true),
            ("packages.GetCustomer", false),
            ("customers.ChangeEmailPackage", true),
            ("packages.ListPackages", true),
            ("packages.ChangeSmsPackage", false),
            ("system.listMethods", true),
            ("customers.system.listMethods", false),
            ("getcustomer", false),
            ("", false),
        ] {
            assert_eq!(find(name).is_some(), found, "{name}");
        }
    }
}
