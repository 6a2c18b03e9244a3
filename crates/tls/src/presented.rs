//! What a server shows to those who connect, and how that is exchanged while it runs.

use std::fmt;
use std::sync::Arc;

use parking_lot::RwLock;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::{Pair, TlsError, Validity};

/// A certificate that a server can show.
#[derive(Clone)]
pub struct Certificate {
    certified: Arc<CertifiedKey>,
    validity: Validity,
}

impl Certificate {
    /// That of two files, if they belong together. Whether it is good today is left to the caller.
    pub fn of(pair: &Pair) -> Result<Self, TlsError> {
        let unusable = |source| TlsError::Unusable { file: pair.certificate.path().to_owned(), source };
        Self::certified(pair.certified()?).map_err(unusable)
    }

    pub(crate) fn certified(certified: Arc<CertifiedKey>) -> Result<Self, rustls::Error> {
        let validity = Validity::of(certified.end_entity_cert()?)?;
        Ok(Self { certified, validity })
    }

    /// From when and until when it is good. The certificates between it and an authority may end sooner, and mean
    /// nothing by it: some are kept for old clients alone.
    pub fn validity(&self) -> Validity {
        self.validity
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Certificate").field(&self.validity).finish()
    }
}

/// The certificate that is shown now, whatever name a client asks for. Connections that there are go on with the one
/// that they have seen.
#[derive(Debug)]
pub struct Presented(RwLock<Certificate>);

impl Presented {
    /// Shows this one first.
    pub fn new(certificate: Certificate) -> Self {
        Self(RwLock::new(certificate))
    }

    /// Shows another one from now on.
    pub fn exchange(&self, certificate: Certificate) {
        *self.0.write() = certificate;
    }

    /// From when and until when the one that is shown is good.
    pub fn validity(&self) -> Validity {
        self.0.read().validity
    }
}

impl ResolvesServerCert for Presented {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().certified))
    }
}

#[cfg(test)]
mod tests;
