//! Which database server, and how it is reached.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// PostgreSQL's port.
const DEFAULT_PORT: u16 = 5432;
/// Connections that write unless a setting says how many: as many commits as two processors flush at once, and each takes a process of the database's.
const WRITERS: usize = 8;
/// Connections for point reads, likewise: each serves many at once.
const READERS: usize = 4;

/// How to reach the database server. What is printed of it has no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresOptions {
    /// Hosts, database, user and password.
    pub(super) config: Config,
    /// Certificates of those who may vouch for the server, in PEM; `None`: no TLS.
    pub ca: Option<PathBuf>,
    /// Connections that write.
    pub writers: usize,
    /// Connections for point reads.
    pub readers: usize,
}

/// An address that cannot be used: what is wrong with it, without the address, which may hold a password.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidUrl(String);

impl fmt::Display for InvalidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidUrl {}

impl PostgresOptions {
    /// Reads an address such as `postgres://user:password@db1,db2/tenantry` (libpq's form). Without certificates to check the server by, only a server on
    /// this machine is reached, unless the address itself says `sslmode=disable`: a password must not cross a network by an oversight.
    ///
    /// # Errors
    /// It is no such address, names no host or database, or would send the password in the clear.
    pub fn parse(url: &str, ca: Option<PathBuf>) -> Result<Self, InvalidUrl> {
        let mut config = Config::from_str(url).map_err(|error| InvalidUrl(why(&error)))?;
        if config.get_hosts().is_empty() {
            return Err(InvalidUrl("the address names no host".to_owned()));
        }
        if config.get_dbname().is_none() {
            return Err(InvalidUrl("the address names no database".to_owned()));
        }
        if config.get_user().is_none() {
            return Err(InvalidUrl("the address names no user".to_owned()));
        }
        if ca.is_some() {
            config.ssl_mode(SslMode::Require);
        } else if config.get_ssl_mode() == SslMode::Require {
            return Err(InvalidUrl("sslmode=require wants the certificates to check the server by: set store_ca".to_owned()));
        } else if config.get_ssl_mode() != SslMode::Disable && !config.get_hosts().iter().all(is_here) {
            let clear =
                "without TLS the password would cross the network in the clear; set store_ca, or say sslmode=disable in the address";
            return Err(InvalidUrl(clear.to_owned()));
        } else {
            config.ssl_mode(SslMode::Disable);
        }
        Ok(Self { config, ca, writers: WRITERS, readers: READERS })
    }
}

impl PostgresOptions {
    /// Which database it is, for people: without user and password.
    pub(crate) fn shown(&self) -> String {
        let ports = self.config.get_ports();
        let of = |(index, host): (usize, &Host)| {
            let port = ports.get(index).or_else(|| ports.first()).copied().unwrap_or(DEFAULT_PORT);
            match host {
                Host::Tcp(name) => format!("{name}:{port}"),
                Host::Unix(path) => format!("{}:{port}", path.display()),
            }
        };
        let hosts: Vec<String> = self.config.get_hosts().iter().enumerate().map(of).collect();
        format!("postgres://{}/{}", hosts.join(","), self.config.get_dbname().unwrap_or_default())
    }

    /// The same for each host alone, in order.
    pub(super) fn each_host(&self) -> Vec<Config> {
        let ports = self.config.get_ports();
        let of = |(index, host): (usize, &Host)| {
            let mut one = Config::new();
            match host {
                Host::Tcp(name) => one.host(name),
                Host::Unix(path) => one.host_path(path),
            };
            // One port is for all hosts.
            one.port(ports.get(index).or_else(|| ports.first()).copied().unwrap_or(DEFAULT_PORT)).ssl_mode(self.config.get_ssl_mode());
            one.user(self.config.get_user().unwrap_or_default()).dbname(self.config.get_dbname().unwrap_or_default());
            if let Some(password) = self.config.get_password() {
                one.password(password);
            }
            if let Some(options) = self.config.get_options() {
                one.options(options);
            }
            one
        };
        self.config.get_hosts().iter().enumerate().map(of).collect()
    }
}

fn why(error: &tokio_postgres::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_cross_no_network_by_an_oversight() {
        for (url, ca, fine) in [
            ("postgres://u:secret@localhost/db", false, true),
            ("postgres://u:secret@127.0.0.1:5433,127.0.0.1:5434/db", false, true),
            ("postgres://u@%2Frun%2Fpostgresql/db", false, true),
            ("postgres://u:secret@db.example.org/db", false, false),
            ("postgres://u:secret@db.example.org/db?sslmode=disable", false, true),
            ("postgres://u:secret@db.example.org/db", true, true),
            ("postgres://u:secret@localhost/db?sslmode=require", false, false),
            ("postgres://u:secret@localhost", false, false),
            ("postgres://localhost/db", false, false),
            ("postgres://u:secret@localhost/db?colour=red", false, false),
            ("mysql://u:secret@localhost/db", false, false),
        ] {
            let parsed = PostgresOptions::parse(url, ca.then(|| "ca.pem".into()));
            assert_eq!(parsed.is_ok(), fine, "{url}");
            let shown = format!("{parsed:?} {}", parsed.as_ref().err().map(ToString::to_string).unwrap_or_default());
            assert!(!shown.contains("secret"), "{shown}");
        }
    }
}
