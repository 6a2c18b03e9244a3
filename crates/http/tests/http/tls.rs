//! The same service under TLS: nothing is in the clear, and every deadline holds as it does without.

use std::time::Duration;

use doorward_http::HttpSettings;
use doorward_testkit::{fake, told};
use reqwest::{Client, Method};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::certificates::{Certificates, trusting_nobody};
use crate::floods::{endless_service, login};
use crate::sockets::{answers, exchange_slowly};
use crate::support::{PASSWORD, Server, reply};

const PROBE: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

fn start(certificates: &Certificates) -> Server {
    with_settings(certificates, HttpSettings::default())
}

fn with_settings(certificates: &Certificates, settings: HttpSettings) -> Server {
    Server::encrypted(fake::Service::default(), settings, certificates)
}

/// Times that a test can wait for, and a busy machine can keep to.
fn impatient() -> HttpSettings {
    HttpSettings {
        head_timeout: Duration::from_secs(1),
        keep_alive: Duration::from_millis(150),
        ..HttpSettings::default()
    }
}

/// What comes until the end of the connection, which may be an abrupt one.
async fn rest_of(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Vec<u8> {
    let mut received = Vec::new();
    let _ = stream.read_to_end(&mut received).await;
    received
}

#[tokio::test]
async fn web_08_every_answer_under_tls_has_browsers_insist_on_it() {
    let certificates = Certificates::new();
    let server = start(&certificates);
    let tokens = server.member("ada@example.com").await;
    for (path, token, status) in [
        ("/api/user/me", Some(&*tokens.access), 200),
        ("/api/user/me", None, 401),
        ("/nope", None, 404),
        ("/docs/", None, 200),
        (&*format!("/{}", "a".repeat(9_000)), None, 414),
    ] {
        let reply = server.send(Method::GET, path, token, None).await.expect(status);
        assert_eq!(reply.headers["strict-transport-security"], "max-age=63072000");
    }
}

#[tokio::test]
async fn what_browsers_were_told_can_be_taken_back() {
    let certificates = Certificates::new();
    let settings = HttpSettings { hsts_max_age: Duration::ZERO, ..HttpSettings::default() };
    let server = with_settings(&certificates, settings);
    let reply = server.send(Method::GET, "/healthz", None, None).await.expect(200);
    assert_eq!(reply.headers["strict-transport-security"], "max-age=0");
}

#[tokio::test]
async fn web_08_plain_http_is_no_way_in_and_leads_nowhere() {
    let (counters, _) = told::everywhere();
    let certificates = Certificates::new();
    let server = start(&certificates);
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(PROBE).await.unwrap();
    let answer = rest_of(&mut stream).await;
    // An alert of TLS at most.
    assert!(answer.len() <= 7 && !answer.starts_with(b"HTTP"), "{answer:?}");
    reply(server.client.get(server.url("/healthz"))).await.expect(200);
    assert!(counters.value("doorward_tls_handshake_failures_total") > 0);
}

#[tokio::test]
async fn a_client_that_does_not_know_the_authority_says_nothing() {
    let certificates = Certificates::new();
    let server = start(&certificates);
    for trust in [trusting_nobody(), Certificates::new().client()] {
        let stranger = Client::builder().tls_backend_preconfigured(trust).build().unwrap();
        assert!(stranger.get(server.url("/healthz")).send().await.unwrap_err().is_connect());
    }
}

#[tokio::test]
async fn dos_03_a_handshake_that_does_not_get_on_is_ended() {
    let certificates = Certificates::new();
    let server = with_settings(&certificates, impatient());
    // Nothing; the begin of a record that does not come; a record of a kind that there is not.
    for said in [&b""[..], b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x99\x99\x99\x99\x99\x99"] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(said).await.unwrap();
        assert!(rest_of(&mut stream).await.len() <= 7);
    }
    reply(server.client.get(server.url("/healthz"))).await.expect(200);
}

#[tokio::test]
async fn dos_05_whoever_has_not_shaken_hands_counts_as_a_connection() {
    let certificates = Certificates::new();
    let settings = HttpSettings { max_connections: 1, ..HttpSettings::default() };
    let server = with_settings(&certificates, settings);
    let silent = TcpStream::connect(server.address).await.unwrap();
    let mut probe = tokio::spawn(reqwest::RequestBuilder::send(server.client.get(server.url("/healthz"))));
    // It would long have been answered.
    assert!(tokio::time::timeout(Duration::from_millis(300), &mut probe).await.is_err());
    drop(silent);
    assert_eq!(probe.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn dos_03_a_second_head_that_never_ends_is_ended_under_tls() {
    let certificates = Certificates::new();
    let server = with_settings(&certificates, impatient());
    let mut stream = certificates.connect(&server).await;
    stream.write_all(PROBE).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nX-Slow: ").await.unwrap();
    let answer = String::from_utf8(rest_of(&mut stream).await).unwrap();
    assert_eq!(answer.matches("HTTP/1.1 200").count(), 1, "{answer}");
}

#[tokio::test]
async fn requests_are_heard_before_and_after_a_pause_under_tls() {
    let certificates = Certificates::new();
    let server = start(&certificates);
    let answered = exchange_slowly(certificates.connect(&server).await, &[PROBE; 3]).await;
    assert_eq!(answers(&answered), ["200"; 3]);
}

#[tokio::test]
async fn dos_03_an_answer_that_is_not_read_is_given_up_under_tls() {
    let certificates = Certificates::new();
    let settings = HttpSettings { write_timeout: Duration::from_millis(150), ..HttpSettings::default() };
    let server = with_settings(&certificates, settings);
    let (mut reading, mut writing) = tokio::io::split(certificates.connect(&server).await);
    let request = b"GET /api/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n";
    // Until the server has had enough, which it has when its answers fill every buffer on the way.
    while writing.write_all(request).await.is_ok() && writing.flush().await.is_ok() {}
    assert!(!rest_of(&mut reading).await.is_empty());
}

#[tokio::test]
async fn dos_04_whoever_sends_too_much_can_read_why_under_tls() {
    let certificates = Certificates::new();
    let server = start(&certificates);
    let mut stream = certificates.connect(&server).await;
    let head = "PUT /api/user HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("2000\r\n{}\r\n", "x".repeat(0x2000));
    for _ in 0..20 {
        stream.write_all(chunk.as_bytes()).await.unwrap();
    }
    stream.flush().await.unwrap();
    let answer = String::from_utf8(rest_of(&mut stream).await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("payload_too_large"), "{answer}");
}

#[tokio::test]
async fn dos_02_nobody_waits_in_a_queue_for_a_client_that_hung_up_under_tls() {
    let certificates = Certificates::new();
    let (inside, mut told, _) = endless_service().await;
    let server = Server::encrypted(inside, HttpSettings::default(), &certificates);
    let mut abrupt = certificates.connect(&server).await;
    abrupt.write_all(login().as_bytes()).await.unwrap();
    abrupt.flush().await.unwrap();
    assert_eq!(told.recv().await, Some("asked"));
    drop(abrupt);
    assert_eq!(told.recv().await, Some("left"));
    // Whoever says that no more will come is told.
    let mut polite = certificates.connect(&server).await;
    polite.write_all(login().as_bytes()).await.unwrap();
    polite.shutdown().await.unwrap();
    let answer = String::from_utf8(rest_of(&mut polite).await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("overloaded"), "{answer}");
}

#[tokio::test]
async fn a_stop_finishes_what_is_in_flight_under_tls() {
    let certificates = Certificates::new();
    let server = start(&certificates);
    server.inside.member("ada@example.com").await;
    let request = login();
    let (first, rest) = request.split_at(request.len() - 10);
    let mut stream = certificates.connect(&server).await;
    stream.write_all(first.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    // Another request shows that the worker has taken the connection over.
    server.post("/api/auth/login", json!({ "username": "ada@example.com", "password": PASSWORD })).await;
    let stopping = tokio::task::spawn_blocking(move || drop(server));
    stream.write_all(rest.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    let answer = String::from_utf8(rest_of(&mut stream).await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("access_token"), "{answer}");
    stopping.await.unwrap();
}
