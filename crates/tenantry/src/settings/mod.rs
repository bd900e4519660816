//! Settings: from `tenantry.toml`, `TENANTRY_*` and flags, in rising order; a faulty one is refused by its name and place.

mod sources;
mod table;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use tenantry_domain::value::WebsiteUrl;
use tenantry_everlytic::XmlrpcResult;
use tenantry_service::PostgresOptions;

pub use sources::SettingsFault;
use sources::Values;
pub use table::{SETTINGS, Setting};

/// More connections than the file descriptors that a system gives one process.
const CONNECTIONS_MAX: usize = 1_000_000;
/// Hashing threads: more than a machine has processors, and 19 GiB of memory.
const HASHING_THREADS_MAX: usize = 1024;
/// Connections of one kind to a database server: more than a server of its own serves well.
const STORE_CONNECTIONS_MAX: usize = 1_000;
/// Passwords that wait: at fifty a second and processor, the last of these waits for minutes on the largest machine.
const HASHING_QUEUE_MAX: usize = 100_000;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// Every setting, read and checked.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "SETTINGS documents each under the same name")]
pub struct Settings {
    pub data: PathBuf,
    pub store: Option<PostgresOptions>,
    pub listen: SocketAddr,
    pub metrics_listen: Option<SocketAddr>,
    pub tls: Option<(PathBuf, PathBuf)>,
    pub insecure_http: bool,
    pub trusted_proxies: Vec<IpNet>,
    pub public_url: Option<String>,
    pub xmlrpc_result: XmlrpcResult,
    pub log_format: LogFormat,
    pub log_level: String,
    pub access_log: bool,
    pub max_connections: usize,
    pub record_cache_mib: u32,
    pub hashing_threads: usize,
    pub hashing_queue: usize,
    pub failures_per_credential: NonZeroU32,
    pub failures_per_address: NonZeroU32,
}

impl Settings {
    /// Reads the settings. `flags` are the command line's, by the names of the settings.
    ///
    /// # Errors
    /// A setting that is unknown or faulty, with its name and where it stands.
    pub fn read(file: Option<&Path>, flags: &[(&'static str, Option<String>)]) -> Result<Self, SettingsFault> {
        let values = Values::collect(file, std::env::vars_os(), flags)?;
        let settings = Self {
            data: values.text("data").into(),
            store: store(&values)?,
            listen: values.parse("listen", "HOST:PORT with a numeric address, such as 127.0.0.1:8080")?,
            metrics_listen: values.parse_opt("metrics_listen", "HOST:PORT with a numeric address, such as 127.0.0.1:9090")?,
            tls: Self::tls(&values)?,
            insecure_http: values.parse("insecure_http", "true or false")?,
            trusted_proxies: networks(&values)?,
            public_url: public_url(&values)?,
            xmlrpc_result: match values.text("xmlrpc_result") {
                "struct" => XmlrpcResult::Struct,
                "int" => XmlrpcResult::Int,
                _ => return Err(values.fault("xmlrpc_result", "struct or int")),
            },
            log_format: match values.text("log_format") {
                "human" => LogFormat::Human,
                "json" => LogFormat::Json,
                _ => return Err(values.fault("log_format", "human or json")),
            },
            log_level: values.text("log_level").to_owned(),
            access_log: values.parse("access_log", "true or false")?,
            max_connections: values.parse("max_connections", "a number from 1")?,
            record_cache_mib: values.parse("record_cache_mib", "a number of MiB; 0 keeps no records in memory")?,
            hashing_threads: values.parse("hashing_threads", "a number; 0 takes one for each processor")?,
            hashing_queue: values.parse("hashing_queue", "a number")?,
            failures_per_credential: values.parse("failures_per_credential", "a number from 1")?,
            failures_per_address: values.parse("failures_per_address", "a number from 1")?,
        };
        settings.check(&values)?;
        Ok(settings)
    }

    fn tls(values: &Values) -> Result<Option<(PathBuf, PathBuf)>, SettingsFault> {
        match (values.text("tls_certificate"), values.text("tls_key")) {
            ("", "") => Ok(None),
            ("", _) => Err(values.fault("tls_certificate", "set when tls_key is")),
            (_, "") => Err(values.fault("tls_key", "set when tls_certificate is")),
            (certificate, key) => Ok(Some((certificate.into(), key.into()))),
        }
    }

    /// Rules between settings.
    fn check(&self, values: &Values) -> Result<(), SettingsFault> {
        if self.data.as_os_str().is_empty() {
            return Err(values.fault("data", "a directory"));
        }
        if !(1..=CONNECTIONS_MAX).contains(&self.max_connections) {
            return Err(values.fault("max_connections", "a number from 1 to 1000000"));
        }
        if self.hashing_threads > HASHING_THREADS_MAX {
            return Err(values.fault("hashing_threads", "a number up to 1024; each thread keeps 19 MiB"));
        }
        if self.hashing_queue > HASHING_QUEUE_MAX {
            return Err(values.fault("hashing_queue", "a number up to 100000"));
        }
        if !self.log_level.split(',').all(is_log_directive) {
            return Err(values.fault("log_level", "error, warn, info, debug, trace, or a filter such as warn,tenantry_store=debug"));
        }
        if self.tls.is_none() && !self.insecure_http && !self.listen.ip().is_loopback() {
            return Err(values.fault(
                "listen",
                "a loopback address: plain HTTP would carry keys past others. Set tls_certificate and tls_key, or insecure_http behind a proxy that \
                 speaks TLS",
            ));
        }
        Ok(())
    }
}

/// The database server, where there is one.
fn store(values: &Values) -> Result<Option<PostgresOptions>, SettingsFault> {
    let count = |name| match values.parse(name, "a number from 1 to 1000")? {
        number if (1..=STORE_CONNECTIONS_MAX).contains(&number) => Ok(number),
        _ => Err(values.fault(name, "a number from 1 to 1000")),
    };
    let (writers, readers) = (count("store_writers")?, count("store_readers")?);
    let url = values.text("store");
    if url.is_empty() {
        return Ok(None);
    }
    let ca = Some(values.text("store_ca")).filter(|path| !path.is_empty()).map(PathBuf::from);
    let mut options = PostgresOptions::parse(url, ca).map_err(|fault| values.secret_fault("store", &fault.to_string()))?;
    (options.writers, options.readers) = (writers, readers);
    Ok(Some(options))
}

/// An http or https address without a query; a slash at its end makes no difference.
fn public_url(values: &Values) -> Result<Option<String>, SettingsFault> {
    let text = values.text("public_url").trim_end_matches('/');
    if text.is_empty() {
        return Ok(None);
    }
    let plain = WebsiteUrl::parse(text).is_ok() && !text.contains(['?', '#', '@']);
    if plain {
        Ok(Some(text.to_owned()))
    } else {
        Err(values.fault("public_url", "an http or https address, such as https://accounts.example.org"))
    }
}

/// A level, or a level for what a module logs.
fn is_log_directive(text: &str) -> bool {
    let (module, level) = text.split_once('=').unwrap_or(("a", text));
    !module.is_empty() && ["off", "error", "warn", "info", "debug", "trace"].contains(&level.trim())
}

fn networks(values: &Values) -> Result<Vec<IpNet>, SettingsFault> {
    let expected = "addresses or networks between commas, such as 10.0.0.0/8,127.0.0.1";
    values
        .text("trusted_proxies")
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(|text| {
            let address = text.parse::<std::net::IpAddr>().map(IpNet::from);
            address.or_else(|_| text.parse()).map_err(|_| values.fault("trusted_proxies", expected))
        })
        .collect()
}
