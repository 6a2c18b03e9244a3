//! A certificate and the key that belongs to it.

use std::hash::BuildHasher;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::sign::CertifiedKey;

use crate::{PemFile, TlsError, provider};

/// Where a certificate and its key are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairFiles {
    /// The certificate, and after it those that lead to an authority.
    pub certificate: PathBuf,
    /// Its key, which others must not be able to read.
    pub key: PathBuf,
}

impl PairFiles {
    /// Both, or neither.
    pub fn of(certificate: Option<PathBuf>, key: Option<PathBuf>) -> Result<Option<Self>, TlsError> {
        match (certificate, key) {
            (None, None) => Ok(None),
            (Some(certificate), Some(key)) => Ok(Some(Self { certificate, key })),
            (Some(file), None) | (None, Some(file)) => Err(TlsError::HalfAPair { file }),
        }
    }

    /// Reads them. It blocks.
    pub fn read(&self) -> Result<Pair, TlsError> {
        Ok(Pair { certificate: PemFile::read(&self.certificate)?, key: PemFile::read_private(&self.key)? })
    }
}

/// What was in the two files when they were read.
#[derive(Debug)]
pub struct Pair {
    /// The file with the certificate.
    pub certificate: PemFile,
    /// The file with the key.
    pub key: PemFile,
}

impl Pair {
    /// The two as something that signs, if they belong together.
    pub fn certified(&self) -> Result<Arc<CertifiedKey>, TlsError> {
        let (chain, key) = (self.certificate.certificates()?, self.key.private_key()?);
        CertifiedKey::from_der(chain, key, &provider()).map(Arc::new).map_err(|source| TlsError::Pair {
            certificate: self.certificate.path().to_owned(),
            key: self.key.path().to_owned(),
            source,
        })
    }

    /// A number that another content of the files has not, by the measure of `state`. It is kept instead of the texts,
    /// to notice a change.
    pub fn mark(&self, state: &impl BuildHasher) -> u64 {
        state.hash_one((self.certificate.text(), self.key.text()))
    }
}
