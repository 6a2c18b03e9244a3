//! A server's certificate for one test, and clients that trust it.

use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::Server;

/// A certificate for 127.0.0.1, signed by itself, and its key.
pub(crate) struct Certificates {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

impl Certificates {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let parameters = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        Self { certificate: parameters.self_signed(&key).unwrap().into(), key }
    }

    /// For the server.
    pub(crate) fn server(&self) -> Arc<ServerConfig> {
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.clone()], key);
        Arc::new(config.unwrap())
    }

    /// For a client that trusts the server.
    pub(crate) fn client(&self) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        trusting(roots)
    }

    /// A connection on which bytes can be sent as they are.
    pub(crate) async fn connect(&self, server: &Server) -> TlsStream<TcpStream> {
        let stream = TcpStream::connect(server.address).await.unwrap();
        let name = ServerName::from(server.address.ip());
        TlsConnector::from(Arc::new(self.client())).connect(name, stream).await.unwrap()
    }
}

/// For a client that nobody has to prove anything to, because it asks nobody under TLS.
pub(crate) fn trusting_nobody() -> ClientConfig {
    trusting(RootCertStore::empty())
}

fn trusting(roots: RootCertStore) -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}
