//! What encrypts a connection, from the files that an operator names.

use std::sync::Arc;

use doorward_tls::{Client, PairFiles, TlsError, Unverified};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::url::{ClientFiles, ConnectionUrl, Encryption, Roots, SslMode};

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
    let client = match encryption.mode {
        SslMode::Disable => return Ok(None),
        SslMode::Require => Client::with_verifier(Arc::new(Unverified::new())),
        SslMode::VerifyFull => Client::trusting(whom(&encryption.roots)),
    };
    Ok(Some(MakeRustlsConnect::new(client.showing(encryption.client.as_ref().map(pair)).config()?)))
}

fn whom(roots: &Roots) -> doorward_tls::Roots {
    match roots {
        Roots::System => doorward_tls::Roots::System,
        Roots::File(file) => doorward_tls::Roots::File(file.clone()),
    }
}

fn pair(ClientFiles { certificate, key }: &ClientFiles) -> PairFiles {
    PairFiles { certificate: certificate.clone(), key: key.clone() }
}

#[cfg(test)]
mod tests;
