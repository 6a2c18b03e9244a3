//! What no error tells, what is served to nobody, and what a crowd on few connections cannot do.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::throttle::{Guard, Limits, Rate};
use doorward_http::HttpSettings;
use doorward_testkit::fake;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::shown::{has_body, operations};
use crate::support::{Panicking, Reply, Server, Unreachable, reply};

const MEMBER: &str = "ada@example.com";
const PROBE: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

/// What would tell how the service is made: databases, frameworks, files, types, panics.
const INSIDES: &[&str] = &[
    "::", ".rs", "serde", "actix", "sql", "select ", "panicked", "unwrap", "at line", "column", "crates/",
    "/tmp", "/home", "10.0.0.1", "secret",
];

#[tokio::test]
async fn azn_04_no_spelling_of_a_right_gives_it() {
    let server = Server::start();
    let root = server.admin("root@example.com").await;
    let ada = server.member(MEMBER).await;
    let names = [
        "Role",
        "ROLE",
        "role ",
        " role",
        "role\u{200b}",
        "user.role",
        "user[role]",
        "roles",
        "is_admin",
        "admin",
        "Active",
        "__proto__",
        "constructor",
        "profile.role",
        "$set",
        "id",
        "username",
        "password_hash",
    ];
    for name in names {
        for value in [json!("admin"), json!(true), json!({ "role": "admin" })] {
            let body = json!({ name: value });
            server.put("/api/user", &ada.access, body.clone()).await.expect_failure(400, "validation_failed");
            let inside = json!({ "profile": body });
            server.put("/api/user", &ada.access, inside).await.expect_failure(400, "validation_failed");
        }
    }
    let twice = "{\"profile\":null,\"profile\":null,\"role\":\"admin\"}";
    let request = server.client.put(server.url("/api/user")).bearer_auth(&ada.access);
    let request = request.header("content-type", "application/json").body(twice);
    reply(request).await.expect_failure(400, "malformed_json");
    let query = "/api/user?role=admin&active=true";
    server.put(query, &ada.access, json!({ "profile": null })).await;
    let seen = server.get(&format!("/api/user/{MEMBER}"), &root.access).await.expect(200);
    assert_eq!((&seen.results()["role"], &seen.results()["profile"]), (&json!("user"), &json!(null)));
}

#[tokio::test]
async fn inp_14_compressed_bodies_are_refused_wherever_they_are_sent() {
    let description = doorward_http::description();
    let server = Server::start();
    let root = server.admin("root@example.com").await;
    server.inside.member(MEMBER).await;
    // Ten bytes of a gzip head, and what would be a bomb.
    let bomb = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &[0; 1_000]].concat();
    for (method, path, operation) in operations(&description) {
        if !has_body(operation) {
            continue;
        }
        for encoding in ["gzip", "deflate", "br", "zstd", "GZIP", "gzip, gzip", "identity, gzip", "unknown"] {
            let url = server.url(&path.replace("{username}", MEMBER));
            let request = server.client.request(method.clone(), url).bearer_auth(&root.access);
            let request = request.header("content-type", "application/json").body(bomb.clone());
            let reply = reply(request.header("content-encoding", encoding)).await;
            reply.expect_failure(415, "unsupported_media_type");
        }
    }
}

#[tokio::test]
async fn web_10_there_are_no_stray_files() {
    let server = Server::start();
    let root = server.admin("root@example.com").await;
    for path in [
        "/.git/config",
        "/.git/HEAD",
        "/.gitignore",
        "/.env",
        "/.env.local",
        "/.htaccess",
        "/.DS_Store",
        "/.ssh/id_ed25519",
        "/.well-known/",
        "/.well-known/security.txt",
        "/Cargo.toml",
        "/Cargo.lock",
        "/README.md",
        "/LICENSE",
        "/doorward.toml",
        "/doorward.db",
        "/doorward-data/doorward.db",
        "/doorward-data/pepper",
        "/data/doorward.db",
        "/keys/",
        "/pepper",
        "/users.db",
        "/backup.sql",
        "/backup.zip",
        "/dump.rdb",
        "/id_rsa",
        "/config",
        "/config.json",
        "/settings.toml",
        "/admin",
        "/admin/",
        "/login",
        "/phpinfo.php",
        "/wp-login.php",
        "/server-status",
        "/actuator",
        "/actuator/health",
        "/actuator/env",
        "/debug",
        "/debug/pprof",
        "/debug/vars",
        "/console",
        "/metrics",
        "/status",
        "/info",
        "/trace",
        "/graphql",
        "/swagger",
        "/swagger-ui/",
        "/swagger.json",
        "/api-docs",
        "/openapi.json",
        "/api/openapi.yaml",
        "/api/v1",
        "/api/admin",
        "/api/users",
        "/api/user.bak",
        "/api/auth",
        "/api/auth/",
        "/docs/index.js.map",
        "/docs/.git/config",
        "/docs/%2e%2e/Cargo.toml",
        "/favicon.ico",
        "/robots.txt",
        "/index.html",
        "/src/main.rs",
        "/proc/self/environ",
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
    ] {
        server.get(path, &root.access).await.expect_failure(404, "not_found");
    }
    for path in ["/../Cargo.toml", "/docs/../../Cargo.toml", "/./.env", "/api/../.env"] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
}

/// Fails if an answer tells of the inside, or repeats much of what was sent.
#[track_caller]
fn expect_discreet(reply: &Reply) {
    assert!(!reply.status.is_success(), "{reply:?}");
    let text = reply.text.to_lowercase();
    for inside in INSIDES {
        assert!(!text.contains(inside), "{inside} is told: {reply:?}");
    }
    assert!(!text.contains(&"z".repeat(65)), "too much is repeated: {reply:?}");
}

#[tokio::test]
async fn log_04_errors_tell_nothing_of_the_inside_and_repeat_little() {
    let description = doorward_http::description();
    let probes: [Arc<dyn doorward_domain::port::Probe>; 2] = [Arc::new(Unreachable), Arc::new(Panicking)];
    for probe in probes {
        let broken = Server::with(fake::Service::default(), HttpSettings::default(), vec![probe]);
        expect_discreet(&broken.send(Method::GET, "/readyz", None, None).await);
    }
    let server = Server::start();
    let root = server.admin("root@example.com").await;
    let long = "z".repeat(2_000);
    for (method, path, operation) in operations(&description) {
        let path = path.replace("{username}", "root@example.com");
        let ask = |path: String| server.send(method.clone(), path.leak(), Some(&root.access), None);
        if path.ends_with("/all") || path.ends_with("/active") {
            for name in ["limit", "cursor", "sort", "role", "active", "user_type", "created_after", &long] {
                if method == Method::GET {
                    expect_discreet(&ask(format!("{path}?{name}={long}")).await);
                }
            }
        }
        if !has_body(operation) {
            continue;
        }
        let fields = ["username", "password", "email", "profile", "favorites", "limit", "sort", &long];
        let wrong = fields.iter().flat_map(|field| {
            [json!({ long.as_str(): long.as_str() }), json!([long]), json!({ "zz": long }), json!(-1.5e300)]
                .map(|value| json!({ *field: value }).to_string())
        });
        for body in wrong.chain([format!("{{\"{long}"), format!("{{\"a\":{long}}}"), "[".repeat(500)]) {
            let request = server.client.request(method.clone(), server.url(&path)).bearer_auth(&root.access);
            expect_discreet(&reply(request.header("content-type", "application/json").body(body)).await);
        }
    }
    for (method, path, token) in [
        (Method::GET, format!("/{long}"), None),
        (Method::GET, format!("/api/user/{long}"), Some(&root.access)),
        (Method::DELETE, format!("/api/user/{long}"), Some(&root.access)),
        (Method::PATCH, "/api/user/me".to_owned(), Some(&root.access)),
        (Method::GET, "/api/user/me".to_owned(), Some(&long)),
        (Method::GET, "/api/user/%ff".to_owned(), None),
    ] {
        let token = token.map(String::as_str);
        expect_discreet(&server.send(method, &path, token, None).await);
    }
}

#[tokio::test]
async fn rac_07_wrong_passwords_that_come_at_once_are_all_counted() {
    let five = vec![Rate::new(5, Duration::from_secs(60)).unwrap()];
    let inside = fake::Service::default();
    let throttle = Arc::new(fake::MapThrottle::new(inside.clock.clone()));
    let limits = Limits { login_guess: five, ..Limits::none() };
    let guard = Guard::new(throttle, Arc::new(fake::PlainPseudonyms), limits);
    let inside = inside.with_guard(guard.clone());
    let server = Server::guarded(inside, guard, HttpSettings::default(), Vec::new());
    server.inside.member(MEMBER).await;
    let replies = join_all((0..40).map(|_| server.try_login(MEMBER, "wrong"))).await;
    let compared = replies.iter().filter(|reply| reply.code() == "invalid_credentials").count();
    let refused = replies.iter().filter(|reply| reply.code() == "too_many_attempts").count();
    assert_eq!((compared, refused), (5, 35));
}

/// Reads one answer with an empty `results`.
async fn read_answer(stream: &mut TcpStream) {
    let mut answer = Vec::new();
    while !answer.ends_with(b"\"results\":{}}") {
        assert!(stream.read_buf(&mut answer).await.unwrap() > 0, "{}", String::from_utf8_lossy(&answer));
    }
}

#[tokio::test]
async fn dos_05_the_number_of_connections_is_bounded() {
    let server = Server::with_settings(HttpSettings { max_connections: 2, ..HttpSettings::default() });
    let mut connections = Vec::new();
    for _ in 0..2 {
        let mut connection = TcpStream::connect(server.address).await.unwrap();
        connection.write_all(PROBE).await.unwrap();
        read_answer(&mut connection).await;
        connections.push(connection);
    }
    let mut third = TcpStream::connect(server.address).await.unwrap();
    third.write_all(PROBE).await.unwrap();
    // Whoever is in is served again and again; the one outside would have had its turn in between.
    for _ in 0..50 {
        connections[0].write_all(PROBE).await.unwrap();
        read_answer(&mut connections[0]).await;
    }
    let nothing_yet = third.try_read(&mut [0]).unwrap_err();
    assert_eq!(nothing_yet.kind(), std::io::ErrorKind::WouldBlock);
    drop(connections.pop());
    read_answer(&mut third).await;
}

#[tokio::test]
async fn dos_08_a_pipeline_that_nobody_reads_keeps_nobody_else_waiting() {
    const REQUESTS: usize = 10_000;
    let server = Server::start();
    let (mut reading, mut writing) = TcpStream::connect(server.address).await.unwrap().into_split();
    let pipeline = tokio::spawn(async move {
        writing.write_all(&PROBE.repeat(REQUESTS)).await.unwrap();
        writing
    });
    for _ in 0..20 {
        server.send(Method::GET, "/healthz", None, None).await.expect(200);
    }
    // The head of every answer once, in the order of the requests, and nothing else.
    let mut answers = Vec::new();
    let count = |text: &[u8]| text.windows(13).filter(|part| part == b"HTTP/1.1 200 ").count();
    let (mut seen, mut from) = (0, 0);
    while seen < REQUESTS {
        assert!(reading.read_buf(&mut answers).await.unwrap() > 0, "{seen} answers");
        seen += count(&answers[from..]);
        from = answers.len().saturating_sub(12);
    }
    drop(pipeline.await.unwrap());
}
