//! TLS to clients: the certificate is read before anything else, and looked after while the service runs.

mod keeper;
mod remark;
#[cfg(test)]
mod tests;

pub(crate) use keeper::CertificateKeeper;

use std::sync::Arc;

use doorward_crypto::SystemClock;
use doorward_tls::{ServerConfig, TlsError};

use crate::settings::Settings;

/// What is needed to speak TLS.
pub(crate) struct ServerTls {
    /// For the HTTP server.
    pub(crate) config: Arc<ServerConfig>,
    /// To be begun when the service serves.
    pub(crate) keeper: CertificateKeeper,
}

impl ServerTls {
    /// Reads the files; `None` where clients are served in the clear. It blocks while it reads.
    pub(crate) fn open(settings: &Settings) -> Result<Option<Self>, TlsError> {
        let Some(files) = settings.tls_files() else { return Ok(None) };
        let (keeper, presented) = CertificateKeeper::open(files, Arc::new(SystemClock))?;
        let config = doorward_tls::server(presented, settings.tls_min_version)?;
        Ok(Some(Self { config, keeper }))
    }
}
