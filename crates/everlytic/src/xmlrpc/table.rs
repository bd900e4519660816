//! The methods: their names, their signatures, and a line on each, as introspection tells them.

/// One method.
#[derive(Debug, Clone, Copy)]
pub struct Described {
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
        name: "CreateCustomer",
        signatures: &[&["struct", "struct"], &["int", "struct"]],
        help: "Creates a customer. name and email are required.",
    },
    Described {
        name: "UpdateCustomer",
        signatures: &[&["struct", "int", "struct"], &["int", "int", "struct"]],
        help: "Changes the properties that are named; all others stay.",
    },
    Described {
        name: "GetCustomer",
        signatures: &[&["struct", "int"], &["struct", "int", "struct"]],
        help: "Reads a customer. With properties it changes them first, as UpdateCustomer does.",
    },
    Described {
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
    Described { name: "DeleteCustomer", signatures: &[&["boolean", "int"]], help: "Deletes a customer." },
    Described {
        name: "ChangeEmailPackage",
        signatures: &[&["struct", "int", "string"], &["struct", "int", "int"]],
        help: "Gives a customer another e-mail package, by its id or identifier; 0 takes it away.",
    },
    Described {
        name: "ChangeSmsPackage",
        signatures: &[&["struct", "int", "string"], &["struct", "int", "int"]],
        help: "Gives a customer another SMS package, by its id or identifier; 0 takes it away.",
    },
    Described {
        name: "ChangeTransactionsPackage",
        signatures: &[&["struct", "int", "string"], &["struct", "int", "int"]],
        help: "Gives a customer another package of transactions, by its id or identifier; 0 takes it away.",
    },
    Described {
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
    Described { name: "GetPackage", signatures: &[&["struct", "int"]], help: "Reads a package." },
    Described {
        name: "CreatePackage",
        signatures: &[&["struct", "struct"]],
        help: "Creates a package. name and channel (email, sms, transactions) are required; identifier, quantity and status (on, off) may be given.",
    },
    Described { name: "UpdatePackage", signatures: &[&["struct", "int", "struct"]], help: "Changes the properties that are named." },
    Described { name: "DeletePackage", signatures: &[&["boolean", "int"]], help: "Deletes a package that no live customer has." },
    Described { name: "system.listMethods", signatures: &[&["array"]], help: "Lists the methods." },
    Described { name: "system.methodSignature", signatures: &[&["array", "string"]], help: "The signatures of a method." },
    Described { name: "system.methodHelp", signatures: &[&["string", "string"]], help: "What a method does." },
    Described {
        name: "system.multicall",
        signatures: &[&["array", "array"]],
        help: "Makes up to 20 calls, each a struct of methodName and params; gives for each an array of its value, or its fault.",
    },
    Described { name: "system.getCapabilities", signatures: &[&["struct"]], help: "Which extensions of XML-RPC there are." },
];

/// The method that a name means: bare, or with its group before it.
pub(super) fn find(name: &str) -> Option<&'static Described> {
    let grouped = |method: &&Described| match name.split_once('.') {
        Some(("customers", bare)) => method.name == bare && method.name.contains("Customer") | is_change(bare),
        Some(("packages", bare)) => method.name == bare && method.name.contains("Package") && !is_change(bare),
        _ => method.name == name,
    };
    METHODS.iter().find(grouped)
}

/// Whether it changes a customer's package, and so is a call on customers.
fn is_change(name: &str) -> bool {
    name.starts_with("Change")
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
