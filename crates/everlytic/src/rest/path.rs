//! Paths, taken apart: a slash at the end and a doubled one make no difference, because old clients write both.

use tenantry_domain::quota::Channel;
use tenantry_http::access_log::Route;

use crate::ROOT;

/// What a path names. Ids are texts yet: one that cannot be an id names nobody, and is answered like any other that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Home,
    Customers,
    Customer(String),
    ChangePackage { channel: Channel, id: String, package: String },
    Packages,
    Package(String),
    Xmlrpc,
    Nothing,
}

impl Target {
    /// Reads a path below the dialect's root.
    pub(super) fn of(path: &str) -> Self {
        // A base address with a slash at its end and a path with one at its beginning make two.
        let path = path.strip_prefix("//").map_or(path, |rest| &path[path.len() - rest.len() - 1..]);
        let below = path.strip_prefix(ROOT).unwrap_or_default();
        let parts: Vec<&str> = below.split('/').filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            [] => Self::Home,
            ["customers"] => Self::Customers,
            ["customers", id] => Self::Customer((*id).to_owned()),
            ["customers", change, id, package] => {
                let channel = match *change {
                    "change_email_package" => Channel::Email,
                    "change_sms_package" => Channel::Sms,
                    "change_transactions_package" => Channel::Transactions,
                    _ => return Self::Nothing,
                };
                Self::ChangePackage { channel, id: (*id).to_owned(), package: (*package).to_owned() }
            }
            ["packages"] => Self::Packages,
            ["packages", id] => Self::Package((*id).to_owned()),
            ["xmlrpc"] => Self::Xmlrpc,
            _ => Self::Nothing,
        }
    }

    /// The methods that it answers.
    pub(super) const fn methods(&self) -> &'static str {
        match self {
            Self::Home => "GET, HEAD",
            Self::Customers | Self::Packages => "GET, HEAD, POST",
            Self::Customer(_) | Self::Package(_) => "GET, HEAD, PUT, DELETE",
            Self::ChangePackage { .. } | Self::Xmlrpc => "POST",
            Self::Nothing => "",
        }
    }

    /// What metrics and the access log call it.
    pub(super) const fn route(&self) -> Route {
        Route(match self {
            Self::Home => "/api/2.0",
            Self::Customers => "/api/2.0/customers",
            Self::Customer(_) => "/api/2.0/customers/{id}",
            Self::ChangePackage { channel: Channel::Email, .. } => "/api/2.0/customers/change_email_package/{id}/{package}",
            Self::ChangePackage { channel: Channel::Sms, .. } => "/api/2.0/customers/change_sms_package/{id}/{package}",
            Self::ChangePackage { channel: Channel::Transactions, .. } => "/api/2.0/customers/change_transactions_package/{id}/{package}",
            Self::Packages => "/api/2.0/packages",
            Self::Package(_) => "/api/2.0/packages/{id}",
            Self::Xmlrpc => "/api/2.0/xmlrpc",
            Self::Nothing => "/api/2.0/*",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_make_no_difference() {
        for path in
            ["/api/2.0/customers/1", "/api/2.0/customers/1/", "/api/2.0//customers/1", "/api/2.0//customers///1//", "//api/2.0/customers/1"]
        {
            assert_eq!(Target::of(path), Target::Customer("1".to_owned()), "{path}");
        }
        assert_eq!(Target::of("/api/2.0"), Target::Home);
        assert_eq!(Target::of("/api/2.0/"), Target::Home);
        assert_eq!(Target::of("/api/2.0/xmlrpc/"), Target::Xmlrpc);
        for path in ["/api/2.0/users", "/api/2.0/customers/change_fax_package/1/2", "/api/2.0/customers/1/2", "/api/2.0/xmlrpc/x"] {
            assert_eq!(Target::of(path), Target::Nothing, "{path}");
        }
    }
}
