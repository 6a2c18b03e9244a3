//! Encrypted connections, and those that are refused.

use std::sync::Arc;

use doorward_testkit::redis::{self, Authority, Clients, RedisOptions, RedisServer};

use super::*;

fn server(authority: &Arc<Authority>, clients: Clients) -> RedisServer {
    RedisServer::start(RedisOptions::new().password("sesame").encrypted(authority, "localhost", clients))
}

fn trusting(authority: &Authority) -> TlsFiles {
    TlsFiles { ca: Some(authority.file()), ..TlsFiles::default() }
}

#[tokio::test]
async fn a_server_of_a_known_authority_is_trusted() {
    if !redis::is_there() {
        return;
    }
    let authority = Authority::new();
    let server = server(&authority, Clients::Anybody);
    let mut connection = with_files(&server.url(1), &trusting(&authority)).connect(None).await.unwrap();
    set(&mut connection, "key", "value").await.unwrap();
    assert_eq!(server.cli(&["-n", "1", "GET", "key"]), "value");
}

#[tokio::test]
async fn a_server_of_another_authority_is_refused_for_good() {
    if !redis::is_there() {
        return;
    }
    let server = server(&Authority::new(), Clients::Anybody);
    for files in [trusting(&Authority::new()), TlsFiles::default()] {
        let error = refused(&with_files(&server.url(0), &files)).await;
        let told = told(&error);
        assert!(told.contains("invalid peer certificate") && !error.is_temporary(), "{told}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused_for_good() {
    if !redis::is_there() {
        return;
    }
    let authority = Authority::new();
    let options = RedisOptions::new().encrypted(&authority, "cache.example", Clients::Anybody);
    let server = RedisServer::start(options);
    let error = refused(&with_files(&server.url(0), &trusting(&authority))).await;
    let told = told(&error);
    assert!(told.contains("not valid for name") && !error.is_temporary(), "{told}");
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_gets_one() {
    if !redis::is_there() {
        return;
    }
    let authority = Authority::new();
    let server = server(&authority, Clients::Certified);
    let pair = authority.client("doorward");
    let files = TlsFiles { certificate: Some(pair.certificate), key: Some(pair.key), ..trusting(&authority) };
    assert!(with_files(&server.url(0), &files).connect(None).await.is_ok());
    let stranger = Authority::new().client("stranger");
    assert!(!stranger.key.exists(), "gone with its authority");
    let other = Authority::new();
    let stranger = other.client("stranger");
    for files in [
        trusting(&authority),
        TlsFiles { certificate: Some(stranger.certificate), key: Some(stranger.key), ..trusting(&authority) },
    ] {
        let error = refused(&with_files(&server.url(0), &files)).await;
        assert!(!error.is_temporary(), "{}", told(&error));
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_used_without_a_restart() {
    if !redis::is_there() {
        return;
    }
    let (authority, next) = (Authority::new(), Authority::new());
    let server = server(&next, Clients::Anybody);
    let connector = with_files(&server.url(0), &trusting(&authority));
    refused(&connector).await;
    std::fs::copy(next.file(), authority.file()).unwrap();
    assert!(connector.connect(None).await.is_ok());
}

#[tokio::test]
async fn what_is_not_encrypted_is_not_taken_for_it() {
    if !redis::is_there() {
        return;
    }
    let authority = Authority::new();
    let plain = RedisServer::start(RedisOptions::new());
    let url = format!("rediss://localhost:{}", plain.port());
    refused(&impatient(&url, &trusting(&authority))).await;
    let encrypted = server(&authority, Clients::Anybody);
    let url = format!("redis://:sesame@localhost:{}", encrypted.port());
    refused(&impatient(&url, &TlsFiles::default())).await;
}

#[test]
fn files_that_will_not_do_are_told_before_anybody_is_asked() {
    let files = TlsFiles { ca: Some("/nowhere/ca.crt".into()), ..TlsFiles::default() };
    for url in ["rediss://localhost", "redis://localhost"] {
        let error = Connector::new(&RedisUrl::parse(url).unwrap(), &files, PATIENCE).err().unwrap();
        assert!(matches!(error, ConnectError::Tls(_)) && !error.is_temporary(), "{error}");
    }
}
