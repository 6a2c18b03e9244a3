//! Logins that wait by the hundred, clients that hang up, and clients that only send no more.

use std::future::pending;
use std::sync::Arc;

use async_trait::async_trait;
use doorward_domain::Passwords;
use doorward_domain::port::{HasherError, PasswordHasher, Verdict};
use doorward_domain::sessions::{SessionPorts, SessionRules, Sessions};
use doorward_domain::throttle::Network;
use doorward_domain::user::{Password, PasswordHash, PasswordRules};
use doorward_http::HttpSettings;
use doorward_testkit::{fake, told};
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::support::{PASSWORD, Server};

/// A hasher that is never done, and says when somebody begins and stops waiting for it.
struct Endless(UnboundedSender<&'static str>);

struct Asked<'a>(&'a Endless);

impl Endless {
    async fn never<T>(&self) -> Result<T, HasherError> {
        self.0.send("asked").unwrap();
        let _asked = Asked(self);
        pending().await
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.0.0.send("left").unwrap();
    }
}

#[async_trait]
impl PasswordHasher for Endless {
    fn has_room(&self, _: Option<Network>) -> bool {
        true
    }

    fn can_read(&self, _: &PasswordHash) -> bool {
        true
    }

    async fn hash(&self, _: &Password, _: Option<Network>) -> Result<PasswordHash, HasherError> {
        self.never().await
    }

    async fn verify(
        &self,
        _: &Password,
        _: &PasswordHash,
        _: Option<Network>,
    ) -> Result<Verdict, HasherError> {
        self.never().await
    }

    async fn verify_nobody(&self, _: &Password, _: Option<Network>) -> Result<(), HasherError> {
        self.never().await
    }
}

pub(crate) fn login() -> String {
    let body = json!({ "username": "ada@example.com", "password": PASSWORD }).to_string();
    format!(
        "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A server on which no login ends, what its hasher tells, and the access token of one who logged in before.
async fn endless() -> (Server, UnboundedReceiver<&'static str>, String) {
    let (inside, told, token) = endless_service().await;
    (Server::with(inside, HttpSettings::default(), Vec::new()), told, token)
}

/// The inside of such a server.
pub(crate) async fn endless_service() -> (fake::Service, UnboundedReceiver<&'static str>, String) {
    let (tell, told) = unbounded_channel();
    let (inside, token) = service_with(Arc::new(Endless(tell))).await;
    (inside, told, token)
}

/// The inside of a server whose logins come to this hasher, and the access token of one who logged in before.
pub(crate) async fn service_with(hasher: Arc<dyn PasswordHasher>) -> (fake::Service, String) {
    let mut inside = fake::Service::default();
    inside.member("ada@example.com").await;
    let token = inside.login("ada@example.com").await.tokens.access;
    let passwords = Passwords::new(hasher, Arc::new(fake::FewCommonPasswords), PasswordRules::default());
    let ports = SessionPorts { passwords, ..inside.session_ports() };
    inside.sessions = Arc::new(Sessions::new(ports, SessionRules::default()));
    (inside, token)
}

#[tokio::test]
async fn dos_01_logins_that_wait_keep_nobody_else_waiting() {
    let (server, mut told, token) = endless().await;
    let mut waiting = Vec::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(login().as_bytes()).await.unwrap();
        waiting.push(stream);
        assert_eq!(told.recv().await, Some("asked"));
    }
    server.get("/api/user/me", &token).await.expect(200);
    server.get("/api/user/all", &token).await.expect(200);
    server.send(Method::GET, "/healthz", None, None).await.expect(200);
    drop(waiting);
    for _ in 0..200 {
        assert_eq!(told.recv().await, Some("left"));
    }
}

#[tokio::test]
async fn dos_02_nobody_waits_in_a_queue_for_a_client_that_hung_up() {
    let (counters, lines) = told::everywhere();
    let (server, mut told, _) = endless().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(login().as_bytes()).await.unwrap();
    assert_eq!(told.recv().await, Some("asked"));
    drop(stream);
    assert_eq!(told.recv().await, Some("left"));
    // Whoever has only ended their direction is told.
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(login().as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("overloaded"), "{answer}");
    // It is no failure of the service: nothing of it is counted as one.
    let counted = "doorward_http_requests_total{method=POST,route=/api/auth/login,status=499}";
    assert_eq!(counters.value(counted), 2);
    assert_eq!(counters.value("doorward_logins_total{outcome=client_closed_request}"), 2);
    assert_eq!(counters.value("doorward_http_failures_total{code=overloaded}"), 0);
    let (told, spans) =
        (lines.with("status", "499"), lines.spans_with("error.type", "client_closed_request"));
    assert_eq!((told.len(), spans.len()), (2, 2), "{told:?} {spans:?}");
    assert_eq!((&*told[0]["code"], &*told[0]["level"]), ("client_closed_request", "INFO"));
    assert!(spans.iter().all(|span| !span.contains_key("otel.status_code")), "{spans:?}");
}

#[tokio::test]
async fn a_client_that_sends_no_more_gets_what_it_asked_for() {
    let server = Server::start();
    server.inside.member("ada@example.com").await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(login().repeat(3).as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await.unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 3, "{answers}");
}
