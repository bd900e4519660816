//! The table of settings: what `docs/configuration.md` is written from.

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its name in `tenantry.toml`; in capitals after `TENANTRY_` in the environment; with dashes as a flag of `serve` where there is one.
    pub name: &'static str,
    /// What it is when nobody says.
    pub default: &'static str,
    /// What it does.
    pub help: &'static str,
}

/// Every setting.
pub const SETTINGS: &[Setting] = &[
    Setting { name: "data", default: "./data", help: "The data directory: the database, its log, the pepper and the control socket." },
    Setting {
        name: "store",
        default: "",
        help: "The database server, such as postgres://user:password@host/database; several hosts between commas. Empty: SQLite in the data directory.",
    },
    Setting {
        name: "store_ca",
        default: "",
        help: "Certificates that vouch for the database server, in PEM: the connection is encrypted and checked by them.",
    },
    Setting {
        name: "store_writers",
        default: "8",
        help: "Connections to the database server that write; each tenant's writes go through one at a time.",
    },
    Setting {
        name: "store_readers",
        default: "4",
        help: "Connections to the database server for single records; each serves many reads at once.",
    },
    Setting { name: "listen", default: "127.0.0.1:8080", help: "The address to listen on. Port 0 takes a free one and prints it." },
    Setting {
        name: "metrics_listen",
        default: "",
        help: "A listener of its own for /metrics. Empty: the main listener serves them to this machine only.",
    },
    Setting {
        name: "tls_certificate",
        default: "",
        help: "Certificate chain in PEM. Read again on SIGHUP; a faulty one leaves the old one in place.",
    },
    Setting { name: "tls_key", default: "", help: "The certificate's private key in PEM." },
    Setting {
        name: "insecure_http",
        default: "false",
        help: "Serve plain HTTP on an address that others can reach: only behind a proxy that speaks TLS.",
    },
    Setting {
        name: "trusted_proxies",
        default: "",
        help: "Addresses or networks of proxies whose X-Forwarded-For or Forwarded is taken, between commas.",
    },
    Setting {
        name: "public_url",
        default: "",
        help: "Where clients reach the server, such as https://accounts.example.org: links in answers begin so. Empty: the listener's own address.",
    },
    Setting {
        name: "xmlrpc_result",
        default: "struct",
        help: "What creating and updating a customer give over XML-RPC: `struct`, the customer; `int`, its id alone.",
    },
    Setting { name: "log_format", default: "human", help: "`human`, or `json`: one object a line." },
    Setting {
        name: "log_level",
        default: "info",
        help: "`error`, `warn`, `info`, `debug`, `trace`, or a filter such as `warn,tenantry_store=debug`.",
    },
    Setting {
        name: "access_log",
        default: "false",
        help: "Log every request: method, path without its query, status, duration, peer, shown part of the key.",
    },
    Setting { name: "max_connections", default: "10000", help: "Connections open at once; the next are closed at once." },
    Setting {
        name: "record_cache_mib",
        default: "64",
        help: "Memory for records that were read or written lately, in MiB: about 800 records each. 0 keeps none.",
    },
    Setting { name: "hashing_threads", default: "0", help: "Threads that hash passwords; 0 takes one for each processor." },
    Setting { name: "hashing_queue", default: "64", help: "Passwords that may wait to be hashed; those behind get 503 with Retry-After." },
    Setting {
        name: "failures_per_credential",
        default: "600",
        help: "Failed authentications a minute of one address with one key, before 429.",
    },
    Setting {
        name: "failures_per_address",
        default: "6000",
        help: "Failed authentications a minute of one address with any key, before 429.",
    },
];
