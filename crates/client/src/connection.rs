//! Connections: TCP, TLS where the URL asks for it, and HTTP/1.1 on top. One is kept for the next request.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use crate::Fault;
use crate::body::Outgoing;

/// How long each address of the server may take to accept: three tries of TCP's first packet.
const CONNECT_PATIENCE: Duration = Duration::from_secs(8);
/// How long names, and the handshakes of TLS and HTTP, may take.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);

/// Why there is no connection. Nothing was sent.
pub(crate) struct Unopened {
    pub(crate) fault: Fault,
    /// Whether another try may do better.
    pub(crate) may_pass: bool,
}

/// What makes connections to one server.
pub(crate) struct Connector {
    /// The host and port, for messages and for TCP.
    host: String,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Connector {
    /// For this server, vouched for by these certificates, or else by those that the system trusts.
    pub(crate) fn new(url: &Url, ca: Option<&Path>) -> Result<Self, Fault> {
        let host = match url.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => return Err(Fault::Usage(format!("{url} names no host"))),
        };
        let port = url.port_or_known_default().unwrap_or(80);
        let tls = if url.scheme() == "https" {
            let name =
                ServerName::try_from(host.clone()).map_err(|_| Fault::Usage(format!("{host} is no name that a certificate can have")))?;
            Some((TlsConnector::from(Arc::new(tls(ca)?)), name))
        } else {
            None
        };
        Ok(Self { host, port, tls })
    }

    /// A connection.
    pub(crate) async fn open(&self) -> Result<SendRequest<Outgoing>, Unopened> {
        let unopened = |said: String, may_pass| Unopened { fault: Fault::Unreached(said), may_pass };
        let tcp = self.reach().await;
        let tcp = tcp.map_err(|error| unopened(format!("{}:{} cannot be reached: {error}", self.host, self.port), true))?;
        let handshake = async {
            match &self.tls {
                None => speak(tcp).await,
                Some((connector, name)) => speak(connector.connect(name.clone(), tcp).await?).await,
            }
        };
        match timeout(HANDSHAKE_PATIENCE, handshake).await {
            Ok(Ok(sender)) => Ok(sender),
            // A certificate does not become another one meanwhile.
            Ok(Err(error)) => Err(unopened(self.explained(&error), fault_of_tls(&error).is_none())),
            Err(_) => Err(unopened(format!("{}:{} accepts connections and says nothing", self.host, self.port), true)),
        }
    }

    fn explained(&self, error: &io::Error) -> String {
        let advice = match fault_of_tls(error) {
            Some(rustls::Error::InvalidCertificate(_)) => {
                "; where the server has a certificate of your own authority, name that in the profile: ca = \"ca.pem\""
            }
            Some(rustls::Error::InvalidMessage(_)) => "; does it speak plain HTTP? Then its URL begins with http://",
            _ => "",
        };
        format!("{}:{} cannot be spoken to: {error}{advice}", self.host, self.port)
    }

    /// The first address of the host that accepts.
    async fn reach(&self) -> io::Result<TcpStream> {
        let timed_out = |what: &str| io::Error::new(io::ErrorKind::TimedOut, what.to_owned());
        let addresses = timeout(HANDSHAKE_PATIENCE, lookup_host((self.host.as_str(), self.port))).await;
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for address in addresses.unwrap_or_else(|_| Err(timed_out("nobody told the name's address in time")))? {
            match timeout(CONNECT_PATIENCE, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    stream.set_nodelay(true)?;
                    return Ok(stream);
                }
                Ok(Err(error)) => last = error,
                Err(_) => last = timed_out("it did not accept in time"),
            }
        }
        Err(last)
    }
}

fn fault_of_tls(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref().and_then(|inner| inner.downcast_ref())
}

/// Speaks HTTP over a stream, in a task that ends with the connection.
async fn speak<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S) -> io::Result<SendRequest<Outgoing>> {
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    tokio::spawn(async move {
        // What breaks a connection is told to whoever waits for its answer.
        let _told_there = connection.await.is_err();
    });
    Ok(sender)
}

fn tls(ca: Option<&Path>) -> Result<ClientConfig, Fault> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| Fault::Usage(format!("TLS cannot be set up: {error}")))?;
    Ok(builder.with_root_certificates(roots(ca)?).with_no_client_auth())
}

/// The certificates that vouch: the named ones alone, or the system's.
fn roots(ca: Option<&Path>) -> Result<RootCertStore, Fault> {
    let mut roots = RootCertStore::empty();
    let Some(path) = ca else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err(Fault::Usage(
                "this system trusts no certificate; name those of the server's authority in the profile: ca = \"ca.pem\"".to_owned(),
            ));
        }
        return Ok(roots);
    };
    let bad = |error: &dyn std::fmt::Display| Fault::Usage(format!("{} has no certificates in PEM: {error}", path.display()));
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| bad(&error))? {
        roots.add(certificate.map_err(|error| bad(&error))?).map_err(|error| bad(&error))?;
    }
    if roots.is_empty() { Err(bad(&"there is none")) } else { Ok(roots) }
}
