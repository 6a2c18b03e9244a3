//! TLS to clients.

use std::sync::Arc;

use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, SupportedProtocolVersion};

use crate::{Presented, TlsError, provider};

/// All that is spoken inside of TLS. A client that insists on something else is told so in the handshake (RFC 7301).
const PROTOCOL: &[u8] = b"http/1.1";

/// The oldest version of TLS that is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolVersion {
    /// TLS 1.2, with forward secrecy and authenticated encryption alone.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

impl ProtocolVersion {
    fn and_later(self) -> Vec<&'static SupportedProtocolVersion> {
        match self {
            Self::Tls12 => vec![&TLS13, &TLS12],
            Self::Tls13 => vec![&TLS13],
        }
    }
}

/// TLS for a server that shows what `presented` has at that time. Nothing is taken before the handshake is over (no
/// early data), and clients are not asked for certificates.
pub fn server(presented: Arc<Presented>, oldest: ProtocolVersion) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&oldest.and_later())
        .map_err(TlsError::Protocol)?
        .with_no_client_auth()
        .with_cert_resolver(presented);
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests;
