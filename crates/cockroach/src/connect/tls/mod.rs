//! What encrypts a connection, from the files that an operator names.

mod files;
mod unverified;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::url::{ClientFiles, ConnectionUrl, Encryption, Roots, SslMode};
use unverified::Unverified;

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is not there, or not for us.
    #[error("the file {} cannot be read", .file.display())]
    File {
        /// Which one.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file has no certificate in it.
    #[error("the file {} has no certificate in PEM", .file.display())]
    NoCertificate {
        /// Which one.
        file: PathBuf,
    },
    /// A file has no key in it, or an encrypted one.
    #[error("the file {} has no private key in PEM without encryption (PKCS#8, SEC1 or PKCS#1)", .file.display())]
    NoKey {
        /// Which one.
        file: PathBuf,
    },
    /// Others than the owner may read or write the file with the key.
    #[error(
        "the private key in {} is open to others (mode {mode:04o}); close it with: chmod 600 {}",
        .file.display(), .file.display()
    )]
    OpenKey {
        /// Which one.
        file: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A certificate cannot be an authority.
    #[error("the file {} has a certificate that cannot be used", .file.display())]
    Authority {
        /// Which one.
        file: PathBuf,
        /// What is wrong with it.
        source: rustls::Error,
    },
    /// The key is not that of the certificate, or of a kind that is not supported.
    #[error("the certificate in {} and the key in {} cannot be used together", .certificate.display(), .key.display())]
    Pair {
        /// The file with the certificate.
        certificate: PathBuf,
        /// The file with the key.
        key: PathBuf,
        /// What is wrong.
        source: rustls::Error,
    },
    /// This machine trusts nobody.
    #[error("this machine has no list of trusted authorities; name a file with sslrootcert")]
    NoSystemRoots,
    /// The cryptography does not fit the protocol; a matter of how this program was built.
    #[error("TLS is not available")]
    Protocol(#[source] rustls::Error),
}

impl ConnectionUrl {
    /// Whether a connection could be made with the files that the URL names as they are now. It blocks while it reads.
    pub fn check_files(&self) -> Result<(), TlsError> {
        connector(self.encryption()).map(drop)
    }
}

/// Reads the files and makes what encrypts the next connection; nothing where it is not encrypted.
///
/// It reads them each time, so that a renewed certificate is used without a restart. It blocks while it reads.
pub(crate) fn connector(encryption: &Encryption) -> Result<Option<MakeRustlsConnect>, TlsError> {
    if encryption.mode == SslMode::Disable {
        return Ok(None);
    }
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Protocol)?;
    let builder = if encryption.mode == SslMode::Require {
        builder.dangerous().with_custom_certificate_verifier(Arc::new(Unverified::new(provider)))
    } else {
        builder.with_root_certificates(authorities(&encryption.roots)?)
    };
    let config = match &encryption.client {
        None => builder.with_no_client_auth(),
        Some(ClientFiles { certificate, key }) => builder
            .with_client_auth_cert(files::certificates(certificate)?, files::private_key(key)?)
            .map_err(|source| TlsError::Pair {
                certificate: certificate.clone(),
                key: key.clone(),
                source,
            })?,
    };
    Ok(Some(MakeRustlsConnect::new(config)))
}

fn authorities(roots: &Roots) -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    match roots {
        Roots::System => {
            // Some that cannot be read are usual; what counts is whether there is one left.
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if store.is_empty() {
                return Err(TlsError::NoSystemRoots);
            }
        }
        Roots::File(file) => {
            for certificate in files::certificates(file)? {
                store
                    .add(certificate)
                    .map_err(|source| TlsError::Authority { file: file.clone(), source })?;
            }
        }
    }
    Ok(store)
}

#[cfg(test)]
mod tests;
