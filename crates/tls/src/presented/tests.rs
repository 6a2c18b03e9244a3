//! What a server shows, seen from a client on the other end of a buffer.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, ConnectionCommon, ServerConnection};
use tempfile::TempDir;

use super::*;
use crate::{Client, PairFiles, ProtocolVersion, Roots, Standing, server};

/// A new certificate for localhost, until the end of that year.
fn pair_until(year: i32) -> (TempDir, PairFiles) {
    let directory = tempfile::tempdir().unwrap();
    let key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    parameters.not_before = date_time_ymd(2020, 1, 1);
    parameters.not_after = date_time_ymd(year, 12, 31);
    let files =
        PairFiles { certificate: directory.path().join("tls.crt"), key: directory.path().join("tls.key") };
    fs::write(&files.certificate, parameters.self_signed(&key).unwrap().pem()).unwrap();
    fs::write(&files.key, key.serialize_pem()).unwrap();
    fs::set_permissions(&files.key, fs::Permissions::from_mode(0o600)).unwrap();
    (directory, files)
}

fn certificate(files: &PairFiles) -> Certificate {
    Certificate::of(&files.read().unwrap()).unwrap()
}

/// Everything that one side has to say, for the other.
fn pass<Mine, Theirs>(
    from: &mut ConnectionCommon<Mine>,
    to: &mut ConnectionCommon<Theirs>,
) -> Result<(), rustls::Error>
where
    Mine: rustls::SideData,
    Theirs: rustls::SideData,
{
    let mut bytes = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut bytes).unwrap();
    }
    let mut rest = &bytes[..];
    while !rest.is_empty() {
        to.read_tls(&mut rest).unwrap();
        to.process_new_packets()?;
    }
    Ok(())
}

/// Shakes hands; whether the client is content.
fn shake(client: &mut ClientConnection, server: &mut ServerConnection) -> Result<(), rustls::Error> {
    while client.is_handshaking() || server.is_handshaking() {
        pass(client, server)?;
        pass(server, client)?;
    }
    Ok(())
}

fn client_of(files: &PairFiles) -> ClientConnection {
    let config = Client::trusting(Roots::File(files.certificate.clone())).config().unwrap();
    ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap()
}

#[test]
fn another_certificate_is_for_new_connections_and_the_old_ones_go_on() {
    let ((_first, old), (_second, new)) = (pair_until(2040), pair_until(2041));
    let presented = Arc::new(Presented::new(certificate(&old)));
    let config = server(Arc::clone(&presented), ProtocolVersion::Tls12).unwrap();
    let connect = || ServerConnection::new(Arc::clone(&config)).unwrap();

    let (mut client, mut served) = (client_of(&old), connect());
    shake(&mut client, &mut served).unwrap();
    presented.exchange(certificate(&new));

    client.writer().write_all(b"still there?").unwrap();
    pass(&mut client, &mut served).unwrap();
    let mut heard = [0; 12];
    served.reader().read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"still there?");
    assert!(shake(&mut client_of(&old), &mut connect()).is_err(), "the old one is shown to new connections");
    shake(&mut client_of(&new), &mut connect()).unwrap();
}

#[test]
fn a_certificate_tells_its_time() {
    let (_directory, files) = pair_until(2021);
    let validity = certificate(&files).validity();
    assert_eq!(validity.not_before, 1_577_836_800);
    assert_eq!(validity.not_after, 1_640_908_800);
    assert_eq!(validity.standing(1_700_000_000), Standing::Expired);
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let ((_first, one), (_second, other)) = (pair_until(2040), pair_until(2040));
    let mixed = PairFiles { key: other.key, ..one };
    let told = Certificate::of(&mixed.read().unwrap()).unwrap_err().to_string();
    assert!(told.contains("cannot be used together"), "{told}");
}

#[test]
fn a_mark_is_that_of_the_content() {
    let ((_first, one), (_second, other)) = (pair_until(2040), pair_until(2040));
    let state = std::hash::RandomState::new();
    let mark = |files: &PairFiles| files.read().unwrap().mark(&state);
    assert_eq!(mark(&one), mark(&one));
    assert_ne!(mark(&one), mark(&other));
    let mixed = PairFiles { key: other.key, ..one.clone() };
    assert_ne!(mark(&one), mark(&mixed));
}
