//! TLS: certificates from files, reloaded without a connection lost.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::crypto::aws_lc_rs;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::site::{PATIENCE, Site, hello, short, to_the_end};
use tenantry_http::listener::Limits;
use tenantry_http::tls::Reloading;

/// A directory with a certificate and its key.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> (Self, CertificateDer<'static>) {
        let files = Self(tempfile::tempdir().unwrap());
        let certificate = files.write();
        (files, certificate)
    }

    /// Writes a new certificate with its key.
    fn write(&self) -> CertificateDer<'static> {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(self.certificate(), made.cert.pem()).unwrap();
        std::fs::write(self.key(), made.signing_key.serialize_pem()).unwrap();
        made.cert.der().clone()
    }

    fn certificate(&self) -> PathBuf {
        self.0.path().join("certificate.pem")
    }

    fn key(&self) -> PathBuf {
        self.0.path().join("key.pem")
    }

    fn load(&self) -> Reloading {
        Reloading::load(&self.certificate(), &self.key()).unwrap()
    }
}

/// Connects, trusting this certificate only.
async fn connect(site: &Site, trusted: &CertificateDer<'static>) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), site.connect().await).await
}

#[tokio::test]
async fn a_reload_serves_the_new_certificate_and_keeps_old_connections() {
    let (files, old) = Files::new();
    let tls = files.load();
    let site = Site::with(Limits::default(), Some(tls.clone())).await;
    let mut before = connect(&site, &old).await.unwrap();
    assert_eq!(before.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    hello(&mut before).await;
    let new = files.write();
    assert!(connect(&site, &new).await.is_err(), "files alone change nothing");
    tls.reload().unwrap();
    hello(&mut connect(&site, &new).await.unwrap()).await;
    assert!(connect(&site, &old).await.is_err());
    hello(&mut before).await;
}

#[tokio::test]
async fn faulty_files_are_named_and_the_old_certificate_stays() {
    let (files, old) = Files::new();
    let tls = files.load();
    let site = Site::with(Limits::default(), Some(tls.clone())).await;
    let (other, _) = Files::new();
    let is_refused = |path: &Path| {
        let fault = tls.reload().unwrap_err().to_string();
        assert!(fault.starts_with(&path.display().to_string()), "{fault}");
    };
    let key = std::fs::read(files.key()).unwrap();
    std::fs::write(files.key(), std::fs::read(other.key()).unwrap()).unwrap();
    is_refused(&files.key());
    std::fs::write(files.key(), "nothing").unwrap();
    is_refused(&files.key());
    std::fs::remove_file(files.key()).unwrap();
    is_refused(&files.key());
    std::fs::write(files.key(), key).unwrap();
    for text in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\n"] {
        std::fs::write(files.certificate(), text).unwrap();
        let fault = tls.reload().unwrap_err().to_string();
        assert!(fault.contains(".pem"), "{fault}");
    }
    hello(&mut connect(&site, &old).await.unwrap()).await;
}

#[tokio::test]
async fn a_handshake_that_does_not_come_is_ended_and_holds_no_stop_up() {
    let (files, _) = Files::new();
    let site = Site::with(short(), Some(files.load())).await;
    let mut silent = site.connect().await;
    let begun = Instant::now();
    assert_eq!(to_the_end(&mut silent).await, "");
    assert!(begun.elapsed() >= short().handshake_timeout);
    let site = Site::with(Limits::default(), Some(files.load())).await;
    let _silent = site.connect().await;
    site.until_metric("tenantry_connections_accepted_total 1").await;
    assert!(site.stop().await < short().handshake_timeout * 3);
}

#[tokio::test]
async fn a_client_that_takes_no_answer_is_closed() {
    let (files, certificate) = Files::new();
    let site = Site::with(short(), Some(files.load())).await;
    for request in ["GET /large HTTP/1.1\r\nHost: a\r\n\r\n", "GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"] {
        let mut stream = connect(&site, &certificate).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        site.until_metric("tenantry_connections_open 1").await;
        timeout(PATIENCE, site.until_metric("tenantry_connections_open 0")).await.expect("the connection is closed");
    }
}
