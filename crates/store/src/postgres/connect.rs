//! Reaching the server: of several hosts the one that can be written to.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres::{AsyncMessage, Client, Connection, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::PostgresOptions;
use super::error::cause;
use super::fitness::{check, check_role, has_citus, timeline};
use super::presence::Presence;
use super::session::Session;
use crate::{OpenFault, StoreFault};

/// How long each host may take to answer at all.
pub(super) const CONNECT_PATIENCE: Duration = Duration::from_secs(3);
/// A connection on which nothing moves is asked after this long whether the other side is still there, and given up as long after.
const KEEPALIVE: Duration = Duration::from_secs(10);
/// What each connection is told first. The timeouts are against our own faults: whoever waits for a lock or forgets a transaction must not hold up others.
/// Citus is to pass on whose rows a transaction is about; without Citus the last word means nothing.
const SET_UP: &str = "SET search_path = tenantry; SET client_min_messages = warning; SET lock_timeout = '5s'; \
                      SET idle_in_transaction_session_timeout = '60s'; SET statement_timeout = 0; SET timezone = 'UTC'; \
                      SET citus.propagate_set_commands = 'local'";
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
    pub(super) presence: Presence,
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
        Ok(Self { hosts, tls, presence: Presence::new() })
    }

    /// A connection as the role of the application.
    pub(super) async fn application(&self) -> Result<Session, Unreached> {
        self.first(|connector, host| async move { connector.application_at(&host).await }).await
    }

    async fn application_at(&self, host: &tokio_postgres::Config) -> Result<Session, Unreached> {
        let (client, warned) = self.client(host).await?;
        client.batch_execute(&format!("{SET_UP}; SET ROLE {ROLE}")).await?;
        check(&client).await?;
        check_role(&client).await?;
        let has_citus = has_citus(&client).await?;
        match self.presence.tie(timeline(&client).await) {
            Some(tie) => Ok(Session::new(client, warned, tie, has_citus)),
            None => Err(Unreached::Unavailable("a primary whose place another took is still there".to_owned())),
        }
    }

    /// A connection as whoever the address names: for the schema.
    pub(super) async fn owner(&self) -> Result<Client, Unreached> {
        self.first(|connector, host| async move { connector.owner_at(&host).await }).await
    }

    async fn owner_at(&self, host: &tokio_postgres::Config) -> Result<Client, Unreached> {
        let (client, _) = self.client(host).await?;
        client.batch_execute("SET client_min_messages = warning; SET timezone = 'UTC'").await?;
        check(&client).await?;
        Ok(client)
    }

    /// Tries all hosts at once, and takes the first that does: one that stands still keeps nobody from the one that works.
    async fn first<T, F>(&self, reach: impl Fn(Self, tokio_postgres::Config) -> F) -> Result<T, Unreached>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Unreached>> + Send + 'static,
    {
        let mut tries: JoinSet<_> = self.hosts.iter().map(|host| within(reach(self.clone(), host.clone()))).collect();
        let mut last = Unreached::Unavailable("the address names no host".to_owned());
        while let Some(tried) = tries.join_next().await {
            last = match tried {
                Ok(Ok(reached)) => return Ok(reached),
                // A host that would lose data is told of rather than one that is not there.
                Ok(Err(unreached)) if matches!(last, Unreached::Unavailable(_)) => unreached,
                Ok(Err(_)) => last,
                Err(error) => Unreached::Unavailable(error.to_string()),
            };
        }
        Err(last)
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
