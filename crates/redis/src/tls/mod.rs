//! What encrypts a connection, from the files that an operator names.
//!
//! The client takes the text of the files, and would say little of what is wrong with it. So they are looked through
//! here first.

use std::path::PathBuf;

use deadpool_redis::redis::{ClientTlsConfig, TlsCertificates};
use doorward_tls::{Pair, PairFiles, PemFile};

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
    /// A file that will not do.
    #[error(transparent)]
    Files(#[from] doorward_tls::TlsError),
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
        let root_cert = self.ca.as_deref().map(|file| {
            let file = PemFile::read(file)?;
            file.authorities().map(|_| file.into_text())
        });
        let client_tls = PairFiles::of(self.certificate.clone(), self.key.clone())?.map(|files| {
            let pair = files.read()?;
            pair.certified().map(|_| shown(pair))
        });
        Ok(Some(TlsCertificates { client_tls: client_tls.transpose()?, root_cert: root_cert.transpose()? }))
    }
}

fn shown(Pair { certificate, key }: Pair) -> ClientTlsConfig {
    ClientTlsConfig { client_cert: certificate.into_text(), client_key: key.into_text() }
}

#[cfg(test)]
mod tests;
