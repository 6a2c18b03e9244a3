//! One file in PEM.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::TlsError;
use crate::secrecy::must_be_private;

/// More than the longest list of authorities; a wrong path to something large is noticed before it fills the memory.
const LONGEST: u64 = 4 << 20;

/// What was in a file when it was read. It prints without its text.
pub struct PemFile {
    file: PathBuf,
    text: Vec<u8>,
}

impl PemFile {
    /// Reads a file that anybody may know.
    pub fn read(file: &Path) -> Result<Self, TlsError> {
        Self::read_if(file, |_| Ok(()))
    }

    /// Reads a file that only its owner may read.
    pub fn read_private(file: &Path) -> Result<Self, TlsError> {
        Self::read_if(file, |opened| must_be_private(file, opened))
    }

    fn read_if(file: &Path, look: impl FnOnce(&File) -> Result<(), TlsError>) -> Result<Self, TlsError> {
        let unreadable = |source| TlsError::File { file: file.to_owned(), source };
        let opened = File::open(file).map_err(unreadable)?;
        look(&opened)?;
        let mut text = Vec::new();
        opened.take(LONGEST + 1).read_to_end(&mut text).map_err(unreadable)?;
        if text.len() as u64 > LONGEST {
            return Err(TlsError::TooLong { file: file.to_owned() });
        }
        Ok(Self { file: file.to_owned(), text })
    }

    /// Where it was read.
    pub fn path(&self) -> &Path {
        &self.file
    }

    /// Every certificate, of which there must be one.
    pub fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        let (mut certificates, mut is_damaged) = (Vec::new(), false);
        for found in CertificateDer::pem_slice_iter(&self.text) {
            match found {
                Ok(certificate) => certificates.push(certificate),
                Err(_) => is_damaged = true,
            }
        }
        match certificates.as_slice() {
            [] => Err(TlsError::NoCertificate { file: self.file.clone() }),
            _ if is_damaged => Err(TlsError::Damaged { file: self.file.clone() }),
            _ => Ok(certificates),
        }
    }

    /// Every certificate as an authority to trust.
    pub fn authorities(&self) -> Result<RootCertStore, TlsError> {
        let mut store = RootCertStore::empty();
        for certificate in self.certificates()? {
            store
                .add(certificate)
                .map_err(|source| TlsError::Unusable { file: self.file.clone(), source })?;
        }
        Ok(store)
    }

    /// The first private key.
    pub fn private_key(&self) -> Result<PrivateKeyDer<'static>, TlsError> {
        PrivateKeyDer::from_pem_slice(&self.text).map_err(|_| TlsError::NoKey { file: self.file.clone() })
    }

    /// All of it, for a library that wants to parse it again.
    pub fn into_text(self) -> Vec<u8> {
        self.text
    }

    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }
}

impl fmt::Debug for PemFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("PemFile").field(&self.file).finish()
    }
}
