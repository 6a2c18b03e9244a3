//! What encrypts a connection, from the files that an operator names.
//!
//! The client takes the text of the files, and would say little of what is wrong with it. So they are looked through
//! here first; no error repeats a line of a file, which may be one of a key.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use deadpool_redis::redis::{ClientTlsConfig, TlsCertificates};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

/// More than the longest list of authorities; a wrong path to something large is noticed before it fills the memory.
const LONGEST: u64 = 4 << 20;

/// The files for TLS; none of them is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// The authorities to trust, instead of those that this machine trusts.
    pub ca: Option<PathBuf>,
    /// The certificate to show.
    pub certificate: Option<PathBuf>,
    /// Its key, which others must not be able to read.
    pub key: Option<PathBuf>,
}

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file for a connection that is not encrypted.
    #[error("the file {} has no use where nothing is encrypted", .file.display())]
    Useless {
        /// Which one.
        file: PathBuf,
    },
    /// A certificate without its key, or the reverse.
    #[error("the file {} is one half; a certificate and its key belong together", .file.display())]
    HalfAPair {
        /// The file that is there.
        file: PathBuf,
    },
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
    #[error("the file {} has no private key in PEM without encryption", .file.display())]
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
}

impl TlsFiles {
    /// Whether a connection could be made with these files as they are now. It blocks while it reads.
    pub fn check(&self, encrypted: bool) -> Result<(), TlsError> {
        self.read(encrypted).map(drop)
    }

    /// Reads the files for the next connection; nothing where it is not encrypted. It blocks while it reads.
    ///
    /// They are read each time, so that a renewed certificate is used without a restart.
    pub(crate) fn read(&self, encrypted: bool) -> Result<Option<TlsCertificates>, TlsError> {
        if !encrypted {
            let named = [&self.ca, &self.certificate, &self.key].into_iter().flatten().next();
            return named.map_or(Ok(None), |file| Err(TlsError::Useless { file: file.clone() }));
        }
        let root_cert = self.ca.as_deref().map(authorities).transpose()?;
        let client_tls = match (&self.certificate, &self.key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some(pair(certificate, key)?),
            (Some(file), None) | (None, Some(file)) => {
                return Err(TlsError::HalfAPair { file: file.clone() });
            }
        };
        Ok(Some(TlsCertificates { client_tls, root_cert }))
    }
}

/// A file with authorities, each of which can be one.
fn authorities(file: &Path) -> Result<Vec<u8>, TlsError> {
    let pem = read(file, |_| Ok(()))?;
    let mut store = RootCertStore::empty();
    for certificate in certificates(file, &pem)? {
        store.add(certificate).map_err(|source| TlsError::Authority { file: file.to_owned(), source })?;
    }
    Ok(pem)
}

/// A certificate and its key, which belong together.
fn pair(certificate: &Path, key: &Path) -> Result<ClientTlsConfig, TlsError> {
    let client_cert = read(certificate, |_| Ok(()))?;
    let client_key = read(key, |opened| must_be_private(key, opened))?;
    let chain = certificates(certificate, &client_cert)?;
    let parsed =
        PrivateKeyDer::from_pem_slice(&client_key).map_err(|_| TlsError::NoKey { file: key.to_owned() })?;
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder.with_root_certificates(RootCertStore::empty()).with_client_auth_cert(chain, parsed)
        })
        .map_err(|source| TlsError::Pair {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            source,
        })?;
    Ok(ClientTlsConfig { client_cert, client_key })
}

/// Every certificate in a text, of which there must be one.
fn certificates(file: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    all.ok()
        .filter(|certificates| !certificates.is_empty())
        .ok_or_else(|| TlsError::NoCertificate { file: file.to_owned() })
}

/// What is in a file. It is looked at when it is open: the path may lead to another file a moment later.
fn read(file: &Path, look: impl FnOnce(&File) -> Result<(), TlsError>) -> Result<Vec<u8>, TlsError> {
    let unreadable = |source| TlsError::File { file: file.to_owned(), source };
    let opened = File::open(file).map_err(unreadable)?;
    look(&opened)?;
    let mut text = Vec::new();
    opened.take(LONGEST).read_to_end(&mut text).map_err(unreadable)?;
    Ok(text)
}

#[cfg(unix)]
fn must_be_private(file: &Path, opened: &File) -> Result<(), TlsError> {
    use std::os::unix::fs::PermissionsExt;

    let metadata = opened.metadata().map_err(|source| TlsError::File { file: file.to_owned(), source })?;
    let mode = metadata.permissions().mode() & 0o777;
    let of_others = mode & 0o077;
    if of_others == 0 { Ok(()) } else { Err(TlsError::OpenKey { file: file.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn must_be_private(_: &Path, _: &File) -> Result<(), TlsError> {
    Ok(())
}

#[cfg(test)]
mod tests;
