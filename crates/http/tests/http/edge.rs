//! Limits, content types, CORS, health, and the pages beside the API.

use std::sync::Arc;

use async_trait::async_trait;
use doorward_domain::port::{HasherError, PasswordHasher, Verdict};
use doorward_domain::throttle::Network;
use doorward_domain::user::{Password, PasswordHash};
use doorward_http::HttpSettings;
use doorward_testkit::{fake, told};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::floods::service_with;
use crate::support::{PASSWORD, Panicking, Server, Unreachable, reply};

fn login_with(server: &Server, content_type: Option<&str>, body: impl Into<reqwest::Body>) -> RequestBuilder {
    let request = server.client.post(server.url("/api/auth/login")).body(body);
    match content_type {
        Some(content_type) => request.header("content-type", content_type),
        None => request,
    }
}

#[tokio::test]
async fn inp_13_only_json_is_taken() {
    let server = Server::start();
    server.inside.member("ada@example.com").await;
    let body = json!({ "username": "ada@example.com", "password": PASSWORD }).to_string();
    for kind in [
        None,
        Some("text/plain"),
        Some("text/json"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data"),
        Some("application/json; charset=utf-16"),
        Some("application/vnd.api+json"),
        Some("*/*"),
    ] {
        reply(login_with(&server, kind, body.clone())).await.expect_failure(415, "unsupported_media_type");
    }
    for kind in [
        "application/json",
        "Application/JSON",
        "application/json; charset=UTF-8",
        "application/json;charset=\"utf-8\"",
    ] {
        reply(login_with(&server, Some(kind), body.clone())).await.expect(200);
    }
    let compressed = login_with(&server, Some("application/json"), body).header("content-encoding", "gzip");
    reply(compressed).await.expect_failure(415, "unsupported_media_type");
}

#[tokio::test]
async fn aut_18_and_inp_02_one_request_is_one_object() {
    let server = Server::start();
    server.inside.member("ada@example.com").await;
    for body in [
        "",
        "null",
        "[]",
        "\"x\"",
        "{",
        "{}x",
        "\u{feff}{}",
        "[\"ada@example.com\",\"correct horse batt\"]",
        "[{\"username\":\"ada@example.com\",\"password\":\"x\"}]",
        "{\"username\":\"a\",\"username\":\"b\",\"password\":\"x\"}",
    ] {
        let request = login_with(&server, Some("application/json"), body);
        reply(request).await.expect_failure(400, "malformed_json");
    }
    let request =
        login_with(&server, Some("application/json"), vec![b'{', b'"', 0xff, b'"', b':', b'1', b'}']);
    reply(request).await.expect_failure(400, "malformed_json");
    let body = json!({ "username": ["ada@example.com"], "password": "x", "otp": 1 });
    let refused = server.post("/api/auth/login", body).await.expect(400);
    assert_eq!(refused.faulty_fields(), ["username", "otp"]);
}

#[tokio::test]
async fn inp_04_and_05_odd_bytes_in_the_url_are_refused() {
    let server = Server::start();
    let ada = server.member("ada@example.com").await;
    for path in [
        "/api/user/%00",
        "/api/user/%ff",
        "/api/user/a%0ab",
        "/api/user/all?q=%00",
        "/api/user/all?q=%ff",
        "/api/user/all?q=%zz",
        "/api/user/%c3%28",
    ] {
        server.get(path, &ada.access).await.expect_failure(400, "bad_request");
    }
}

#[tokio::test]
async fn dos_04_sizes_are_limited() {
    let server = Server::start();
    let limit = HttpSettings::default().body_limit;
    let long = json!({ "username": "a".repeat(limit), "password": "x" });
    server.post("/api/auth/login", long).await.expect_failure(413, "payload_too_large");
    let chunks = (0..80).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1_024]));
    let stream = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
    let request = login_with(&server, Some("application/json"), stream);
    reply(request).await.expect_failure(413, "payload_too_large");
    let url = format!("/api/user/all?q={}", "a".repeat(HttpSettings::default().url_limit));
    server.send(Method::GET, &url, None, None).await.expect_failure(414, "uri_too_long");
    let request = server.client.get(server.url("/healthz")).header("x-long", "a".repeat(17 * 1_024));
    reply(request).await.expect_failure(431, "headers_too_large");
}

#[tokio::test]
async fn a_request_id_is_taken_over_or_made() {
    let server = Server::start();
    let ask = async |id: &str| {
        let request = server.client.get(server.url("/healthz")).header("x-request-id", id);
        reply(request).await.headers["x-request-id"].to_str().unwrap().to_owned()
    };
    assert_eq!(ask("abc-123").await, "abc-123");
    assert_ne!(ask("a b").await, "a b");
    assert_ne!(ask("a.b").await, "a.b");
    assert_eq!(ask(&"a".repeat(64)).await, "a".repeat(64));
    assert_ne!(ask(&"a".repeat(65)).await.len(), 65);
}

#[tokio::test]
async fn web_03_cors_is_off_until_origins_are_listed() {
    let ask = async |server: &Server, origin: &str| {
        let request = server.client.get(server.url("/healthz")).header("origin", origin);
        let reply = reply(request).await;
        reply.headers.get("access-control-allow-origin").map(|origin| origin.to_str().unwrap().to_owned())
    };
    assert_eq!(ask(&Server::start(), "https://app.example").await, None);

    let origins = vec!["https://app.example".to_owned()];
    let server = Server::with_settings(HttpSettings { cors_origins: origins, ..HttpSettings::default() });
    assert_eq!(ask(&server, "https://app.example").await.as_deref(), Some("https://app.example"));
    for origin in [
        "https://app.example.evil",
        "http://app.example",
        "https://appXexample",
        "null",
        "https://evil.example",
    ] {
        assert_eq!(ask(&server, origin).await, None, "{origin}");
    }
    let preflight = |origin: &'static str| {
        let request = server.client.request(Method::OPTIONS, server.url("/api/user/me"));
        request
            .header("origin", origin)
            .header("access-control-request-method", "PUT")
            .header("access-control-request-headers", "authorization,content-type")
    };
    let allowed = reply(preflight("https://app.example")).await.expect(200);
    assert_eq!(allowed.headers["access-control-allow-origin"], "https://app.example");
    assert!(allowed.headers.get("access-control-allow-credentials").is_none());
    let refused = reply(preflight("https://evil.example")).await;
    assert!(refused.status.is_client_error() && !refused.headers.contains_key("access-control-allow-origin"));
    let unauthorized = server.client.get(server.url("/api/user/me")).header("origin", "https://app.example");
    let unauthorized = reply(unauthorized).await.expect(401);
    assert_eq!(unauthorized.headers["access-control-allow-origin"], "https://app.example");
    assert!(unauthorized.headers["vary"].to_str().unwrap().to_lowercase().contains("origin"));
}

#[tokio::test]
async fn web_09_health_and_readiness_tell_no_secrets() {
    let server = Server::start();
    server.send(Method::GET, "/healthz", None, None).await.expect(200);
    let ready = server.send(Method::GET, "/readyz", None, None).await.expect(200);
    assert_eq!(ready.results()["stores"][0]["state"], "ready");

    let inside = fake::Service::default();
    let server = Server::with(inside, HttpSettings::default(), vec![Arc::new(Unreachable)]);
    server.send(Method::GET, "/healthz", None, None).await.expect(200);
    let refused = server.send(Method::GET, "/readyz", None, None).await.expect_failure(503, "unavailable");
    let stores = refused.results()["stores"].as_array().unwrap();
    assert_eq!(stores[1], json!({ "name": "far", "state": "unavailable" }));
    assert!(!refused.text.contains("10.0.0.1"));
}

#[tokio::test]
async fn dos_10_a_panic_costs_one_request() {
    let inside = fake::Service::default();
    let server = Server::with(inside, HttpSettings::default(), vec![Arc::new(Panicking)]);
    for _ in 0..3 {
        let failed = server.send(Method::GET, "/readyz", None, None).await.expect_failure(500, "internal");
        assert!(!failed.text.contains("secret"));
        server.send(Method::GET, "/healthz", None, None).await.expect(200);
    }
}

#[tokio::test]
async fn a_span_does_not_have_whatever_a_client_calls_a_method_and_probes_have_none() {
    let (_, lines) = told::everywhere();
    let server = Server::start();
    let ask = async |method: &[u8], path: &str, id: &str| {
        let method = Method::from_bytes(method).unwrap();
        let request = server.client.request(method, server.url(path)).header("x-request-id", id);
        request.send().await.unwrap();
        lines.spans_with("request_id", id)
    };
    let brewed = ask(b"BREW", "/api/user/me", "method-1").await;
    assert_eq!(brewed[0]["http.request.method"], "_OTHER", "{brewed:?}");
    assert_eq!(ask(b"GET", "/api/user/me", "method-2").await[0]["http.request.method"], "GET");
    for path in ["/healthz", "/readyz"] {
        assert_eq!(ask(b"GET", path, "method-3").await, []);
    }
}

/// A hasher with a bug.
struct Buggy;

#[async_trait]
impl PasswordHasher for Buggy {
    fn has_room(&self, _: Option<Network>) -> bool {
        true
    }

    fn can_read(&self, _: &PasswordHash) -> bool {
        true
    }

    async fn hash(&self, _: &Password, _: Option<Network>) -> Result<PasswordHash, HasherError> {
        panic!("a bug with a secret in its message");
    }

    async fn verify(
        &self,
        _: &Password,
        _: &PasswordHash,
        _: Option<Network>,
    ) -> Result<Verdict, HasherError> {
        panic!("a bug with a secret in its message");
    }

    async fn verify_nobody(&self, _: &Password, _: Option<Network>) -> Result<(), HasherError> {
        panic!("a bug with a secret in its message");
    }
}

#[tokio::test]
async fn a_panic_is_told_with_its_route() {
    let (counters, lines) = told::everywhere();
    let (inside, _) = service_with(Arc::new(Buggy)).await;
    let server = Server::with(inside, HttpSettings::default(), Vec::new());
    let entry = json!({ "username": "ada@example.com", "password": PASSWORD });
    let failed = server.send(Method::POST, "/api/auth/login", None, Some(entry)).await;
    let failed = failed.expect_failure(500, "internal");
    let id = failed.headers["x-request-id"].to_str().unwrap();
    let (told, spans) = (lines.with("request_id", id), lines.spans_with("request_id", id));
    let ([line], [span]) = (&told[..], &spans[..]) else { panic!("{told:?} {spans:?}") };
    assert_eq!((&*line["message"], &*line["level"]), ("request failed", "ERROR"));
    assert_eq!((&*line["route"], &*line["status"]), ("/api/auth/login", "500"));
    assert_eq!((&*span["http.route"], &*span["error.type"]), ("/api/auth/login", "internal"));
    let counted = "doorward_http_requests_total{method=POST,route=/api/auth/login,status=500}";
    assert_eq!(counters.value(counted), 1);
}

#[tokio::test]
async fn web_04_the_swagger_page_is_self_contained_and_can_be_switched_off() {
    let server = Server::start();
    let page = server.send(Method::GET, "/docs/", None, None).await.expect(200);
    assert!(page.text.contains("swagger-ui-bundle.js") && !page.text.contains("http"));
    assert!(page.headers["content-security-policy"].to_str().unwrap().contains("script-src 'self';"));
    for (file, kind) in [
        ("swagger-ui-bundle.js", "text/javascript"),
        ("swagger-ui.css", "text/css"),
        ("index.css", "text/css"),
        ("swagger-initializer.js", "text/javascript; charset=utf-8"),
        ("favicon-32x32.png", "image/png"),
    ] {
        let asset = server.send(Method::GET, &format!("/docs/{file}"), None, None).await.expect(200);
        assert_eq!(asset.headers["content-type"], kind, "{file}");
    }
    let initializer = server.send(Method::GET, "/docs/swagger-initializer.js", None, None).await;
    assert!(!initializer.text.contains("http") && initializer.text.contains("persistAuthorization: false"));
    assert_eq!(server.send(Method::GET, "/docs", None, None).await.expect(308).headers["location"], "/docs/");
    server.send(Method::GET, "/docs/nope.js", None, None).await.expect_failure(404, "not_found");
    server.send(Method::GET, "/docs/..%2f..%2fCargo.toml", None, None).await.expect_failure(404, "not_found");
    server.send(Method::POST, "/docs/", None, None).await.expect_failure(405, "method_not_allowed");
    let described = server.send(Method::GET, "/api/openapi.json", None, None).await.expect(200);
    assert_eq!(described.body, doorward_http::description());

    let server = Server::with_settings(HttpSettings { docs: false, ..HttpSettings::default() });
    for path in ["/docs", "/docs/", "/docs/swagger-ui.css", "/api/openapi.json"] {
        server.send(Method::GET, path, None, None).await.expect_failure(404, "not_found");
    }
}

#[tokio::test]
async fn the_key_set_is_served_without_an_envelope() {
    let server = Server::start();
    let keys = server.send(Method::GET, "/.well-known/jwks.json", None, None).await.expect(200);
    assert_eq!(keys.body, json!({ "keys": [] }));
}

#[test]
fn the_errors_page_lists_every_code() {
    let page = include_str!("../../../../docs/errors.md");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let expected: Vec<String> = doorward_http::Code::ALL
        .iter()
        .map(|code| format!("| `{}` | {} | {} |", code.name(), code.status().as_u16(), code.when()))
        .collect();
    assert_eq!(rows, expected);
}
