//! Reaching the server, and asking it whether it keeps what it acknowledges.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres::{AsyncMessage, Client, Connection, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::PostgresOptions;
use super::error::cause;
use super::session::Session;
use crate::{OpenFault, StoreFault};

/// How long each host may take to answer at all.
const CONNECT_PATIENCE: Duration = Duration::from_secs(3);
/// A connection on which nothing moves is asked after this long whether the other side is still there, and given up as long after.
const KEEPALIVE: Duration = Duration::from_secs(10);
/// The oldest server: the newest Debian's.
const SERVER_MIN_VERSION: i64 = 150_000;
/// What each connection is told first. The timeouts are against our own faults: whoever waits for a lock or forgets a transaction must not hold up others.
const SET_UP: &str = "SET search_path = tenantry; SET client_min_messages = warning; SET lock_timeout = '5s'; \
                      SET idle_in_transaction_session_timeout = '60s'; SET statement_timeout = 0; SET timezone = 'UTC'";
/// The role that owns nothing and passes no policy by.
pub(super) const ROLE: &str = "tenantry_app";

/// Why there is no connection.
pub(super) enum Unreached {
    /// The server cannot be reached, or does not let us in: it may, later.
    Unavailable(String),
    /// It would not do what it must.
    Unfit(OpenFault),
}

impl From<tokio_postgres::Error> for Unreached {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Unavailable(cause(&error))
    }
}

impl From<Unreached> for OpenFault {
    fn from(unreached: Unreached) -> Self {
        match unreached {
            Unreached::Unavailable(cause) => Self::Postgres(cause),
            Unreached::Unfit(fault) => fault,
        }
    }
}

impl From<Unreached> for StoreFault {
    fn from(unreached: Unreached) -> Self {
        match unreached {
            Unreached::Unavailable(cause) => Self::Unavailable(cause),
            Unreached::Unfit(fault) => Self::Unavailable(fault.to_string()),
        }
    }
}

/// What makes connections.
#[derive(Clone)]
pub(super) struct Connector {
    /// One for each host, in the order of the address.
    hosts: Vec<tokio_postgres::Config>,
    tls: Option<MakeRustlsConnect>,
}

impl Connector {
    pub(super) fn new(options: &PostgresOptions) -> Result<Self, OpenFault> {
        let mut hosts = options.each_host();
        for host in &mut hosts {
            host.application_name("tenantry")
                .connect_timeout(CONNECT_PATIENCE)
                .keepalives_idle(KEEPALIVE)
                .tcp_user_timeout(KEEPALIVE)
                // Of several hosts the one that can be written to: after a failover that is another.
                .target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        let tls = match &options.ca {
            None => None,
            Some(path) => Some(tls(path).map_err(|error| OpenFault::Io { path: path.clone(), error })?),
        };
        Ok(Self { hosts, tls })
    }

    /// A connection as the role of the application.
    pub(super) async fn application(&self) -> Result<Session, Unreached> {
        let mut last = no_host();
        for host in &self.hosts {
            last = match within(self.application_at(host)).await {
                Ok(session) => return Ok(session),
                Err(unreached) => unreached,
            };
        }
        Err(last)
    }

    async fn application_at(&self, host: &tokio_postgres::Config) -> Result<Session, Unreached> {
        let (client, warned) = self.client(host).await?;
        client.batch_execute(&format!("{SET_UP}; SET ROLE {ROLE}")).await?;
        check(&client).await?;
        check_role(&client).await?;
        Ok(Session::new(client, warned))
    }

    /// A connection as whoever the address names: for the schema.
    pub(super) async fn owner(&self) -> Result<Client, Unreached> {
        let mut last = no_host();
        for host in &self.hosts {
            last = match within(self.owner_at(host)).await {
                Ok(client) => return Ok(client),
                Err(unreached) => unreached,
            };
        }
        Err(last)
    }

    async fn owner_at(&self, host: &tokio_postgres::Config) -> Result<Client, Unreached> {
        let (client, _) = self.client(host).await?;
        client.batch_execute("SET client_min_messages = warning; SET timezone = 'UTC'").await?;
        check(&client).await?;
        Ok(client)
    }

    async fn client(&self, host: &tokio_postgres::Config) -> Result<(Client, Arc<AtomicBool>), Unreached> {
        match &self.tls {
            None => {
                let (client, connection) = host.connect(NoTls).await?;
                Ok((client, drive(connection)))
            }
            Some(tls) => {
                let (client, connection) = host.connect(tls.clone()).await?;
                Ok((client, drive(connection)))
            }
        }
    }
}

fn no_host() -> Unreached {
    Unreached::Unavailable("the address names no host".to_owned())
}

/// Gives a host up that takes the connection and then stands still: the driver's own timeout ends with the connection.
async fn within<T>(reaching: impl Future<Output = Result<T, Unreached>>) -> Result<T, Unreached> {
    let late = |_| Err(Unreached::Unavailable(format!("a host did not answer within {CONNECT_PATIENCE:?}")));
    timeout(CONNECT_PATIENCE, reaching).await.unwrap_or_else(late)
}

fn tls(ca: &std::path::Path) -> io::Result<MakeRustlsConnect> {
    let invalid = |error: &dyn std::fmt::Display| io::Error::new(io::ErrorKind::InvalidData, error.to_string());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca).map_err(|error| invalid(&error))? {
        roots.add(certificate.map_err(|error| invalid(&error))?).map_err(|error| invalid(&error))?;
    }
    if roots.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "there is no certificate in it"));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(|error| invalid(&error))?;
    Ok(MakeRustlsConnect::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// Moves a connection's messages in a task of its own until it ends. Tells whether the server warned.
fn drive<S, T>(mut connection: Connection<S, T>) -> Arc<AtomicBool>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let warned = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&warned);
    tokio::spawn(async move {
        loop {
            match poll_fn(|context| connection.poll_message(context)).await {
                Some(Ok(AsyncMessage::Notice(notice))) => {
                    tracing::warn!(code = notice.code().code(), message = notice.message(), "the database server warns");
                    told.store(true, Ordering::Relaxed);
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    tracing::debug!(cause = cause(&error), "a connection to the database ended");
                    return;
                }
                None => return,
            }
        }
    });
    warned
}

/// Whether what the server acknowledges is kept, and what it is asked for is understood.
async fn check(client: &Client) -> Result<(), Unreached> {
    const ASK: &str = "SELECT current_setting('server_version_num')::bigint, current_setting('server_encoding'), current_setting('fsync'), \
                       current_setting('full_page_writes'), current_setting('synchronous_commit'), current_setting('synchronous_standby_names')";
    let row = client.query_one(ASK, &[]).await?;
    let version: i64 = row.get(0);
    let setting = |index: usize| row.get::<_, String>(index);
    let unfit = |setting: &'static str, found: String| Err(Unreached::Unfit(OpenFault::NotDurable { setting, found }));
    if version < SERVER_MIN_VERSION {
        return Err(Unreached::Unfit(OpenFault::Postgres(format!("the server's version is {version}; it must be 15 or newer"))));
    }
    if setting(1) != "UTF8" {
        return Err(Unreached::Unfit(OpenFault::Postgres(format!("the database's encoding is {}; make one in UTF8", setting(1)))));
    }
    if setting(2) != "on" {
        return unfit("fsync", setting(2));
    }
    if setting(3) != "on" {
        return unfit("full_page_writes", setting(3));
    }
    // https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-SYNCHRONOUS-COMMIT: with standbys, `local` and `remote_write` promise less than
    // that a standby's disk has it; without, both are the same as `on`.
    let (commit, has_standbys) = (setting(4), !setting(5).is_empty());
    let durable =
        matches!(commit.as_str(), "on" | "remote_apply") || (!has_standbys && matches!(commit.as_str(), "local" | "remote_write"));
    if durable { Ok(()) } else { unfit("synchronous_commit", commit) }
}

/// Whether the policies hold for whom we are.
async fn check_role(client: &Client) -> Result<(), Unreached> {
    const ASK: &str = "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_class WHERE relowner = r.oid AND relnamespace = 'tenantry'::regnamespace) \
                       FROM pg_roles r WHERE rolname = current_user";
    let passes_by: bool = client.query_one(ASK, &[]).await?.get(0);
    if passes_by {
        let cause = format!("the role {ROLE} owns tables or passes row-level security by; take that from it");
        return Err(Unreached::Unfit(OpenFault::Postgres(cause)));
    }
    Ok(())
}
