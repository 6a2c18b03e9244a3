//! What only raw sockets can send: framing, slowness, panics' end, and a stop with work in flight.

use std::time::Duration;

use doorward_http::HttpSettings;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{PASSWORD, Server};

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.address).await.unwrap()
}

/// Sends bytes and reads until the server closes the connection.
async fn exchange(server: &Server, bytes: &[u8]) -> String {
    let mut stream = connect(server).await;
    stream.write_all(bytes).await.unwrap();
    let mut received = Vec::new();
    // A refusal may end in a reset when more was sent than was read; what arrived before counts.
    let _ = stream.read_to_end(&mut received).await;
    String::from_utf8_lossy(&received).into_owned()
}

#[tokio::test]
async fn web_07_ambiguous_framing_is_refused_and_the_connection_closed() {
    let server = Server::start();
    let smuggled = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    for head in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 4\r\nContent-Length: 5\r\n",
        "Content-Length: +1\r\n",
        "Content-Length: 1, 1\r\n",
        "Content-Length: 0x1\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "X-A: b\r\n c\r\n",
        "X-A: b\0\r\n",
    ] {
        let request = format!("POST /api/auth/login HTTP/1.1\r\nHost: a\r\n{head}\r\n0\r\n\r\n{smuggled}");
        let answer = exchange(&server, request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{head:?} {answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{head:?} {answer}");
    }
}

#[tokio::test]
async fn web_07_nobody_turns_the_connection_into_something_else() {
    let server = Server::start();
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    for (request, status) in [
        (format!("GET /healthz HTTP/1.1\r\nHost: a\r\n{upgrade}\r\n"), "400"),
        (format!("POST /api/auth/login HTTP/1.1\r\nHost: a\r\n{upgrade}\r\n{{}}"), "400"),
        ("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n".to_owned(), "400"),
        // Some proxies ask for it each time, and for nothing in particular.
        (
            "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: upgrade, close\r\nUpgrade:\r\n\r\n".to_owned(),
            "200",
        ),
    ] {
        let answer = exchange(&server, request.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{request}{answer}");
    }
}

#[tokio::test]
async fn dos_03_a_slow_body_is_ended() {
    let settings = HttpSettings { body_timeout: Duration::from_millis(200), ..HttpSettings::default() };
    let server = Server::with_settings(settings);
    let head = "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n{";
    let answer = exchange(&server, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("request_timeout"), "{answer}");
    let head = "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n";
    let answer = exchange(&server, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
}

/// A connection on which one request was answered.
async fn used(server: &Server) -> TcpStream {
    let mut stream = connect(server).await;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0, "{answer:?}");
    }
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{answer:?}");
    stream
}

#[tokio::test]
async fn dos_03_a_second_head_that_never_ends_is_ended() {
    // A connection may wait for long, and a head that has begun may not.
    let settings = HttpSettings {
        keep_alive: Duration::from_secs(600),
        head_timeout: Duration::from_millis(150),
        ..HttpSettings::default()
    };
    let server = Server::with_settings(settings);
    let mut stream = used(&server).await;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nX-Slow: ").await.unwrap();
    let mut answer = String::new();
    // Whether it is told by an end or by a reset.
    let _ended = stream.read_to_string(&mut answer).await;
    assert!(!answer.contains("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn dos_03_a_connection_that_is_not_used_comes_to_its_end() {
    let settings = HttpSettings { keep_alive: Duration::from_millis(150), ..HttpSettings::default() };
    let server = Server::with_settings(settings);
    let mut stream = used(&server).await;
    assert_eq!(stream.read(&mut [0; 64]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_stop_ends_connections_that_are_not_used() {
    let settings = HttpSettings {
        keep_alive: Duration::from_secs(600),
        head_timeout: Duration::from_secs(600),
        shutdown_timeout: Duration::from_secs(600),
        ..HttpSettings::default()
    };
    let server = Server::with_settings(settings);
    let mut stream = used(&server).await;
    // It ends when they have: nothing but the stop itself ends them within the time that a test has.
    let ended = tokio::task::spawn_blocking(move || drop(server));
    assert_eq!(stream.read(&mut [0; 64]).await.unwrap(), 0);
    ended.await.unwrap();
}

#[tokio::test]
async fn azn_14_a_body_that_is_held_back_does_not_keep_a_right() {
    let server = Server::start();
    let root = server.admin("root@example.com").await;
    let evil = server.admin("evil@example.com").await;
    let body = r#"{"role":"admin"}"#;
    let head = format!(
        "PUT /api/user/evil@example.com HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        evil.access,
        body.len()
    );
    let mut stream = connect(&server).await;
    let (first, rest) = body.split_at(1);
    stream.write_all(format!("{head}{first}").as_bytes()).await.unwrap();
    server.put("/api/user/evil@example.com", &root.access, json!({ "role": "user" })).await.expect(200);
    stream.write_all(rest.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
}

#[tokio::test]
async fn web_07_nothing_after_the_last_answer_is_carried_out() {
    let server = Server::start();
    let tokens = server.member("ada@example.com").await;
    let length = HttpSettings::default().body_limit + 1;
    let request = format!(
        "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n\
         {}GET /api/auth/logout HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\n\r\n",
        " ".repeat(length),
        tokens.access
    );
    let answer = exchange(&server, request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413") && !answer.contains("Logged out"), "{answer}");
    server.get("/api/user/me", &tokens.access).await.expect(200);
}

#[tokio::test]
async fn dos_04_an_endless_body_is_refused_wherever_it_is_sent() {
    let server = Server::start();
    for target in ["GET /healthz", "PUT /api/user", "POST /nope"] {
        let mut stream = connect(&server).await;
        let head = format!("{target} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let chunk = format!("2000\r\n{}\r\n", "x".repeat(0x2000));
        let mut sent = 0;
        while sent < 64 * 1024 * 1024 && stream.write_all(chunk.as_bytes()).await.is_ok() {
            sent += chunk.len();
        }
        let mut answer = [0; 12];
        let received = stream.read(&mut answer).await.unwrap_or(0);
        assert!(received == 0 || answer.starts_with(b"HTTP/1.1 413"), "{target}");
        assert!(sent < 64 * 1024 * 1024, "{target}");
    }
}

#[tokio::test]
async fn dos_04_an_announced_giant_is_refused_before_it_is_sent() {
    let server = Server::start();
    let head = "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n";
    let answer = exchange(&server, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("payload_too_large"), "{answer}");
}

#[tokio::test]
async fn dos_04_every_part_of_the_request_line_counts() {
    let server = Server::start();
    let long = "a".repeat(20_000);
    for (line, status) in [
        (format!("GET http://{long}/healthz HTTP/1.1"), "414"),
        (format!("GET http://{long}@a/healthz HTTP/1.1"), "414"),
        (format!("{long} /healthz HTTP/1.1"), "431"),
    ] {
        let answer =
            exchange(&server, format!("{line}\r\nHost: a\r\nConnection: close\r\n\r\n").as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
}

#[tokio::test]
async fn tok_19_two_authorization_headers_are_refused() {
    let server = Server::start();
    let head = "GET /api/user/me HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n";
    let answer = exchange(&server, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("bad_request"), "{answer}");
}

#[tokio::test]
async fn inp_16_the_host_header_is_not_reflected() {
    let server = Server::start();
    let head = "GET /api/openapi.json HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n";
    let answer = exchange(&server, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200") && !answer.contains("evil.example"));
}

#[tokio::test]
async fn a_stop_finishes_what_is_in_flight() {
    let server = Server::start();
    server.inside.member("ada@example.com").await;
    let body = json!({ "username": "ada@example.com", "password": PASSWORD }).to_string();
    let mut stream = connect(&server).await;
    let head = format!(
        "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let (first, rest) = body.split_at(10);
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(first.as_bytes()).await.unwrap();
    // Another request shows that the worker has taken the connection over.
    server.send(reqwest::Method::GET, "/healthz", None, None).await.expect(200);
    let stopping = tokio::task::spawn_blocking(move || drop(server));
    stream.write_all(rest.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("access_token"), "{answer}");
    stopping.await.unwrap();
}

/// So long is a connection not used that it is taken from whoever reads requests from it.
const PAUSE: Duration = Duration::from_millis(1_500);

/// Everything that is answered until the connection ends, with a pause after each part.
pub(crate) async fn exchange_slowly(
    mut stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    parts: &[&[u8]],
) -> String {
    let mut answered = Vec::new();
    for part in parts {
        stream.write_all(part).await.unwrap();
        let mut read = [0; 4096];
        while let Ok(Ok(count @ 1..)) = tokio::time::timeout(PAUSE, stream.read(&mut read)).await {
            answered.extend_from_slice(&read[..count]);
        }
    }
    stream.shutdown().await.unwrap();
    stream.read_to_end(&mut answered).await.unwrap();
    String::from_utf8(answered).unwrap()
}

pub(crate) fn answers(text: &str) -> Vec<&str> {
    text.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect()
}

#[tokio::test]
async fn requests_are_heard_before_and_after_a_pause() {
    let server = Server::start();
    let request = &b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"[..];
    assert_eq!(answers(&exchange_slowly(connect(&server).await, &[request; 3]).await), ["200"; 3]);
    let post = &b"POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"[..];
    let answered = exchange_slowly(connect(&server).await, &[request, post, post, request]).await;
    assert_eq!(answers(&answered), ["200", "400", "400", "200"]);
}

#[tokio::test]
async fn web_07_a_head_that_a_pause_divides_is_one_head() {
    let server = Server::start();
    let parts: [&[u8]; 3] =
        [b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /api/he", b"lp HTTP/1.1\r\nHo", b"st: a\r\n\r\n"];
    assert_eq!(answers(&exchange_slowly(connect(&server).await, &parts).await), ["200", "404"]);
}

#[tokio::test]
async fn web_07_what_is_left_of_a_body_after_a_pause_is_no_request() {
    let server = Server::start();
    let hidden = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    let length = format!("POST /%ff HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", hidden.len());
    let chunked =
        format!("POST /%ff HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n", hidden.len());
    for head in [length, chunked] {
        let answered = exchange_slowly(connect(&server).await, &[head.as_bytes(), hidden]).await;
        assert!(answers(&answered) == ["400"] && !answered.contains("200 OK"), "{head}: {answered}");
    }
}

#[tokio::test]
async fn a_stop_ends_connections_that_nobody_reads_from() {
    let settings = HttpSettings {
        keep_alive: Duration::from_secs(600),
        shutdown_timeout: Duration::from_secs(600),
        ..HttpSettings::default()
    };
    let server = Server::with_settings(settings);
    let mut stream = used(&server).await;
    tokio::time::sleep(PAUSE).await;
    let ended = tokio::task::spawn_blocking(move || drop(server));
    assert_eq!(stream.read(&mut [0; 64]).await.unwrap(), 0);
    ended.await.unwrap();
}
