//! TLS: a certificate and key from files, which a signal reloads without a connection lost.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::RwLock;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// Why a certificate cannot be used.
#[derive(Debug)]
pub struct TlsFault {
    path: PathBuf,
    cause: String,
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be used: {}", self.path.display(), self.cause)
    }
}

impl std::error::Error for TlsFault {}

/// A certificate and key that can be read again.
#[derive(Clone)]
pub struct Reloading {
    certificate: PathBuf,
    key: PathBuf,
    config: Arc<RwLock<Arc<ServerConfig>>>,
}

impl Reloading {
    /// Reads a certificate chain and its key, both in PEM.
    ///
    /// # Errors
    /// One of the files cannot be used; it is named.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsFault> {
        let config = Arc::new(RwLock::new(read(certificate, key)?));
        Ok(Self { certificate: certificate.to_owned(), key: key.to_owned(), config })
    }

    /// Reads the files again. New connections get the new certificate; when it cannot be used, the old one stays.
    ///
    /// # Errors
    /// One of the files cannot be used; it is named.
    pub fn reload(&self) -> Result<(), TlsFault> {
        let fresh = read(&self.certificate, &self.key)?;
        *self.config.write() = fresh;
        Ok(())
    }

    /// What new connections get.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config.read())
    }
}

fn read(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsFault> {
    let fault = |path: &Path, cause: &dyn fmt::Display| TlsFault { path: path.to_owned(), cause: cause.to_string() };
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect).map_err(|error| fault(certificate, &error))?;
    if chain.is_empty() {
        return Err(fault(certificate, &"it holds no certificate in PEM"));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| fault(key, &error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, private))
        .map_err(|error| fault(key, &error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
