//! TLS to a store.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, RootCertStore};

use crate::{PairFiles, PemFile, TlsError, provider};

/// Whom to trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Roots {
    /// Whom this machine trusts.
    System,
    /// The authorities in a file, and nobody else.
    File(PathBuf),
    /// Nobody: for what is sent in the clear, where nothing is to be read.
    Nobody,
}

impl Roots {
    /// Reads the certificates of the authorities. It blocks.
    pub fn read(&self) -> Result<RootCertStore, TlsError> {
        match self {
            Self::File(file) => PemFile::read(file)?.authorities(),
            Self::Nobody => Ok(RootCertStore::empty()),
            Self::System => {
                let mut store = RootCertStore::empty();
                // Some that cannot be read are usual; what counts is whether there is one left.
                store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
                if store.is_empty() { Err(TlsError::NoSystemRoots) } else { Ok(store) }
            }
        }
    }
}

/// How a connection to a server is set up: who it must be, and who we are.
#[derive(Clone, Debug)]
pub struct Client {
    verifier: Verifier,
    pair: Option<PairFiles>,
}

#[derive(Clone, Debug)]
enum Verifier {
    Usual(Roots),
    Own(Arc<dyn ServerCertVerifier>),
}

impl Client {
    /// Talks to a server that has a certificate for its name from one of these authorities.
    pub fn trusting(roots: Roots) -> Self {
        Self { verifier: Verifier::Usual(roots), pair: None }
    }

    /// Talks to a server that `verifier` lets pass, which may be anybody.
    pub fn with_verifier(verifier: Arc<dyn ServerCertVerifier>) -> Self {
        Self { verifier: Verifier::Own(verifier), pair: None }
    }

    /// The same, showing a certificate if there is one.
    pub fn showing(self, pair: Option<PairFiles>) -> Self {
        Self { pair, ..self }
    }

    /// Reads the files for the next connection. It blocks.
    pub fn config(&self) -> Result<ClientConfig, TlsError> {
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Protocol)?;
        let builder = match &self.verifier {
            Verifier::Usual(roots) => builder.with_root_certificates(roots.read()?),
            Verifier::Own(verifier) => {
                builder.dangerous().with_custom_certificate_verifier(Arc::clone(verifier))
            }
        };
        Ok(match &self.pair {
            None => builder.with_no_client_auth(),
            Some(files) => {
                let certified = files.read()?.certified()?;
                builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(certified)))
            }
        })
    }
}

#[cfg(test)]
mod tests;
