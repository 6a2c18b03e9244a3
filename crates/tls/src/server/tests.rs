//! What is spoken and what is not, with bytes as clients send them.

use std::io::Read as _;

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ClientConnection, HandshakeKind, RootCertStore, ServerConnection};

use super::*;
use crate::Certificate;

/// Alerts, as their numbers are in RFC 8446 §6.
const HANDSHAKE_FAILURE: u8 = 40;
const PROTOCOL_VERSION: u8 = 70;
const NO_APPLICATION_PROTOCOL: u8 = 120;

/// A server and the only certificate to trust.
fn serving(oldest: ProtocolVersion) -> (Arc<ServerConfig>, RootCertStore) {
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let der = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let certified = CertifiedKey::from_der(vec![certificate.der().clone()], der, &provider()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der().clone()).unwrap();
    let presented = Presented::new(Certificate::certified(Arc::new(certified)).unwrap());
    (server(Arc::new(presented), oldest).unwrap(), roots)
}

/// A first message of the handshake (RFC 5246 §7.4.1.2) in a record, for one version and some cipher suites.
fn hello(version: u16, suites: &[u16]) -> Vec<u8> {
    let mut body = version.to_be_bytes().to_vec();
    body.extend([7; 32]);
    body.push(0);
    body.extend(u16::try_from(2 * suites.len()).unwrap().to_be_bytes());
    body.extend(suites.iter().flat_map(|suite| suite.to_be_bytes()));
    body.extend([1, 0]);
    // Groups, point formats and signatures that would do.
    let extensions = [
        &[0, 10, 0, 4, 0, 2, 0, 23][..],
        &[0, 11, 0, 2, 1, 0],
        &[0, 13, 0, 6, 0, 4, 4, 3, 8, 4],
        &[0, 23, 0, 0],
    ]
    .concat();
    body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
    body.extend(extensions);
    let mut record = vec![22, 3, 1];
    record.extend(u16::try_from(body.len() + 4).unwrap().to_be_bytes());
    record.extend([1, 0]);
    record.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
    record.extend(body);
    record
}

/// What a server says to this: the kind of the record, and the number of an alert.
fn answer(config: &Arc<ServerConfig>, said: &[u8]) -> (u8, Option<u8>) {
    let mut served = ServerConnection::new(Arc::clone(config)).unwrap();
    let mut rest = said;
    while !rest.is_empty() {
        served.read_tls(&mut rest).unwrap();
    }
    let refused = served.process_new_packets().is_err();
    let mut answer = Vec::new();
    while served.wants_write() {
        served.write_tls(&mut answer).unwrap();
    }
    (answer[0], refused.then(|| answer[6]))
}

#[test]
fn web_08_old_versions_and_weak_ciphers_are_refused() {
    let (config, _) = serving(ProtocolVersion::Tls12);
    // The one that would do: TLS 1.2, ECDHE-ECDSA-AES128-GCM-SHA256.
    assert_eq!(answer(&config, &hello(0x0303, &[0xc02b])), (22, None));
    for version in [0x0300, 0x0301, 0x0302] {
        assert_eq!(answer(&config, &hello(version, &[0xc02b, 0xc00a])), (21, Some(PROTOCOL_VERSION)));
    }
    for (suite, name) in [
        (0x0000, "NULL"),
        (0x0003, "RSA_EXPORT_WITH_RC4_40_MD5"),
        (0x0005, "RSA_WITH_RC4_128_SHA"),
        (0x000a, "RSA_WITH_3DES_EDE_CBC_SHA"),
        (0x0014, "DHE_RSA_EXPORT_WITH_DES40_CBC_SHA"),
        (0x002f, "RSA_WITH_AES_128_CBC_SHA"),
        (0x009c, "RSA_WITH_AES_128_GCM_SHA256"),
        (0x00a6, "DH_anon_WITH_AES_128_GCM_SHA256"),
        (0xc009, "ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
        (0xc018, "ECDH_anon_WITH_AES_128_CBC_SHA"),
    ] {
        assert_eq!(answer(&config, &hello(0x0303, &[suite])), (21, Some(HANDSHAKE_FAILURE)), "{name}");
    }
    let (only_newest, _) = serving(ProtocolVersion::Tls13);
    assert_eq!(answer(&only_newest, &hello(0x0303, &[0xc02b])), (21, Some(PROTOCOL_VERSION)));
}

#[test]
fn web_08_all_there_is_has_forward_secrecy_and_is_authenticated() {
    let (config, _) = serving(ProtocolVersion::Tls12);
    for suite in &config.crypto_provider().cipher_suites {
        let name = format!("{:?}", suite.suite());
        let is_newest = name.starts_with("TLS13_") || name.starts_with("TLS_ECDHE_");
        assert!(is_newest && (name.contains("_GCM_") || name.contains("CHACHA20_POLY1305")), "{name}");
    }
    assert_eq!(config.max_early_data_size, 0);
}

fn client(roots: RootCertStore, protocols: &[&str]) -> Arc<ClientConfig> {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    Arc::new(config)
}

/// Everything there is to say, to and fro; the error of whoever is not content.
fn converse(client: &mut ClientConnection, served: &mut ServerConnection) -> Result<(), rustls::Error> {
    loop {
        let mut said = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut said).unwrap();
        }
        served.read_tls(&mut &said[..]).unwrap();
        let outcome = served.process_new_packets().map(drop);
        let mut heard = Vec::new();
        while served.wants_write() {
            served.write_tls(&mut heard).unwrap();
        }
        client.read_tls(&mut &heard[..]).unwrap();
        client.process_new_packets()?;
        outcome?;
        if said.is_empty() && heard.is_empty() {
            return Ok(());
        }
    }
}

#[test]
fn http_1_is_all_that_is_spoken_inside() {
    let (config, roots) = serving(ProtocolVersion::Tls12);
    for (offered, expected) in [(&["h2", "http/1.1"][..], Some("http/1.1")), (&[], None)] {
        let name = ServerName::try_from("localhost").unwrap();
        let mut asking = ClientConnection::new(client(roots.clone(), offered), name).unwrap();
        let mut served = ServerConnection::new(Arc::clone(&config)).unwrap();
        converse(&mut asking, &mut served).unwrap();
        assert_eq!(asking.alpn_protocol(), expected.map(str::as_bytes));
    }
    let name = ServerName::try_from("localhost").unwrap();
    let mut asking = ClientConnection::new(client(roots, &["h2"]), name).unwrap();
    let mut served = ServerConnection::new(config).unwrap();
    let refused = converse(&mut asking, &mut served).unwrap_err();
    assert_eq!(refused, rustls::Error::AlertReceived(NO_APPLICATION_PROTOCOL.into()));
}

#[test]
fn a_session_is_resumed() {
    let (config, roots) = serving(ProtocolVersion::Tls12);
    let client = client(roots, &[]);
    for expected in [HandshakeKind::Full, HandshakeKind::Resumed] {
        let name = ServerName::try_from("localhost").unwrap();
        let mut asking = ClientConnection::new(Arc::clone(&client), name).unwrap();
        let mut served = ServerConnection::new(Arc::clone(&config)).unwrap();
        converse(&mut asking, &mut served).unwrap();
        assert_eq!(asking.handshake_kind(), Some(expected));
        assert!(asking.reader().read(&mut [0]).is_err());
    }
}
