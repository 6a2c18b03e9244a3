//! Every operation of the API description × everybody who may ask: a route that is not in the table fails.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Server};

/// Expected statuses for: nobody, member (on another's account where one is named), owner (on the own), admin,
/// a refresh token, a session that has ended.
type Row = [u16; 6];

/// No session has this identifier.
const NOWHERE: &str = "00000000-0000-4000-8000-ffffffffffff";
const NEW_PASSWORD: &str = "another good one";
const OPEN: Row = [200; 6];
const SIGNED_IN: Row = [401, 200, 200, 200, 401, 401];

fn table() -> BTreeMap<&'static str, Row> {
    BTreeMap::from([
        ("POST /api/auth/login", OPEN),
        ("GET /api/auth/login", SIGNED_IN),
        ("GET /api/auth/logout", SIGNED_IN),
        ("POST /api/auth/logout", SIGNED_IN),
        ("POST /api/auth/logout/all", SIGNED_IN),
        ("POST /api/auth/logout/others", SIGNED_IN),
        ("GET /api/auth/sessions", SIGNED_IN),
        ("DELETE /api/auth/sessions/{session}", [401, 404, 200, 404, 401, 401]),
        ("GET /api/audit", [401, 403, 403, 200, 401, 401]),
        ("POST /api/auth/refresh", [401, 401, 401, 401, 200, 401]),
        ("GET /api/refresh", [401, 401, 401, 401, 200, 401]),
        ("POST /api/user", [201; 6]),
        ("PUT /api/user", SIGNED_IN),
        ("GET /api/user/me", SIGNED_IN),
        ("PUT /api/user/me/password", SIGNED_IN),
        ("GET /api/user/all", SIGNED_IN),
        ("PUT /api/user/all", SIGNED_IN),
        ("GET /api/user/active", SIGNED_IN),
        ("PUT /api/user/active", SIGNED_IN),
        ("GET /api/user/{username}", [401, 403, 200, 200, 401, 401]),
        ("PUT /api/user/{username}", [401, 403, 200, 200, 401, 401]),
        ("DELETE /api/user/{username}", [401, 403, 403, 200, 401, 401]),
        ("DELETE /api/user/{username}/sessions", [401, 403, 403, 200, 401, 401]),
        ("GET /.well-known/jwks.json", OPEN),
        ("GET /healthz", OPEN),
        ("GET /readyz", OPEN),
    ])
}

fn body_for(operation: &str, fresh: &str) -> Option<Value> {
    let registration = json!({ "username": fresh, "password": PASSWORD, "password_confirm": PASSWORD });
    let new_password = json!({
        "current_password": PASSWORD, "password": NEW_PASSWORD, "password_confirm": NEW_PASSWORD,
    });
    match operation {
        "POST /api/auth/login" => Some(json!({ "username": "root@example.com", "password": PASSWORD })),
        "POST /api/user" => Some(registration),
        "PUT /api/user/me/password" => Some(new_password),
        operation if operation.starts_with("PUT ") => Some(json!({})),
        _ => None,
    }
}

fn described_operations() -> Vec<(Method, String)> {
    let description = doorward_http::description();
    let paths = description["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys();
        methods.map(|method| (method.to_uppercase().parse().unwrap(), path.clone())).collect::<Vec<_>>()
    });
    operations.collect()
}

#[tokio::test]
async fn azn_01_everybody_may_do_what_the_table_says() {
    let table = table();
    let operations = described_operations();
    assert_eq!(operations.len(), table.len());
    let server = Server::start();
    server.inside.admin("root@example.com").await;
    for (number, (method, path)) in operations.into_iter().enumerate() {
        let operation = format!("{method} {path}");
        let row = table.get(operation.as_str()).unwrap_or_else(|| panic!("{operation} is not in the table"));
        for (place, expected) in row.iter().enumerate() {
            let name = |who: &str| format!("{who}-{number}-{place}@example.com");
            let (own, other) = (name("own"), name("other"));
            server.inside.member(&other).await;
            let tokens = server.member(&own).await;
            let (token, named) = match place {
                0 => (None, other),
                1 => (Some(tokens.access), other),
                2 => (Some(tokens.access), own),
                3 => (Some(server.login("root@example.com").await.access), other),
                4 => (Some(tokens.refresh), own),
                _ => {
                    server.get("/api/auth/logout", &tokens.access).await.expect(200);
                    let refreshes = operation.ends_with("refresh");
                    (Some(if refreshes { tokens.refresh } else { tokens.access }), own)
                }
            };
            let path = path.replace("{username}", &named);
            let path = if path.contains("{session}") {
                path.replace("{session}", &session_of(&server, &named).await)
            } else {
                path
            };
            let body = body_for(&operation, &name("fresh"));
            let reply = server.send(method.clone(), &path, token.as_deref(), body).await;
            assert_eq!(reply.status.as_u16(), *expected, "{operation} as number {place}: {}", reply.text);
            match (place, expected) {
                (0, 401) => assert_eq!(reply.code(), "token_missing", "{operation}"),
                (5, 401) => assert_eq!(reply.code(), "token_revoked", "{operation}"),
                (_, 401) => assert_eq!(reply.code(), "wrong_token_type", "{operation}"),
                _ => {}
            }
            if operation == "PUT /api/user/me/password" && place == 3 {
                reset_password(&server, "root@example.com").await;
            }
        }
    }
}

/// A session of somebody.
async fn session_of(server: &Server, username: &str) -> String {
    let tokens = server.login(username).await;
    let status = server.get("/api/auth/login", &tokens.access).await.expect(200);
    status.results()["session"].as_str().unwrap().to_owned()
}

/// Puts the admin's password back to what everybody's is here.
async fn reset_password(server: &Server, username: &str) {
    let tokens = crate::support::Tokens::of(&server.try_login(username, NEW_PASSWORD).await.expect(200));
    let body =
        json!({ "current_password": NEW_PASSWORD, "password": PASSWORD, "password_confirm": PASSWORD });
    server.put("/api/user/me/password", &tokens.access, body).await.expect(200);
}

#[tokio::test]
async fn web_05_described_routes_exist_and_have_no_other_method() {
    let server = Server::start();
    let operations = described_operations();
    let methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "FOO"];
    for path in operations.iter().map(|(_, path)| path) {
        let mut allowed: Vec<&str> = Vec::new();
        for method in methods {
            let name = path.replace("{username}", "ada@example.com").replace("{session}", NOWHERE);
            let method_name: Method = method.parse().unwrap();
            let described = operations.contains(&(method_name.clone(), path.clone()));
            let reply = server.send(method_name, &name, None, None).await;
            assert_eq!(reply.status != 405, described, "{method} {path}");
            if described {
                allowed.push(method);
            } else {
                let allow = reply.headers["allow"].to_str().unwrap();
                let expected =
                    operations.iter().filter(|(_, other)| other == path).map(|(method, _)| method.as_str());
                let mut expected: Vec<_> = expected.collect();
                expected.sort_unstable();
                assert_eq!(allow, expected.join(", "));
            }
        }
        assert!(!allowed.is_empty());
    }
    for unknown in
        ["/", "/api", "/api/user/", "/api//user", "/API/user/me", "/api/user/me/", "/api/user/a@b.co/x"]
    {
        server.send(Method::GET, unknown, None, None).await.expect_failure(404, "not_found");
    }
}

#[tokio::test]
async fn azn_02_a_refusal_does_not_tell_whether_the_account_exists() {
    let server = Server::start();
    server.inside.member("bob@example.com").await;
    let ada = server.member("ada@example.com").await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let ask = |name: &'static str| {
            server.send(method.clone(), name, Some(&ada.access), Some(json!({ "unknown": 1 })))
        };
        let exists = ask("/api/user/bob@example.com").await.expect_failure(403, "forbidden");
        let nobody = ask("/api/user/nobody@example.com").await.expect_failure(403, "forbidden");
        let no_address = ask("/api/user/nonsense").await.expect_failure(403, "forbidden");
        assert_eq!((&exists.text, &exists.text), (&nobody.text, &no_address.text));
    }
}

#[tokio::test]
async fn azn_13_the_permission_is_checked_before_the_body() {
    let server = Server::start();
    let request = server.client.put(server.url("/api/user")).header("content-type", "text/plain").body("{");
    crate::support::reply(request).await.expect_failure(401, "token_missing");
    let ada = server.member("ada@example.com").await;
    let request =
        server.client.put(server.url("/api/user/bob@example.com")).bearer_auth(&ada.access).body("{");
    crate::support::reply(request).await.expect_failure(403, "forbidden");
    let body = json!({ "role": "admin" });
    let own = "/api/user/ada@example.com";
    server.put(own, &ada.access, body).await.expect_failure(403, "forbidden");
}

#[tokio::test]
async fn azn_09_spellings_of_a_path_do_not_go_around_the_check() {
    let server = Server::start();
    let ada = server.member("ada@example.com").await;
    for path in ["/api/user/%61ll", "/api/user/all?", "/api/user/%6de"] {
        server.get(path, &ada.access).await.expect(200);
        server.send(Method::GET, path, None, None).await.expect_failure(401, "token_missing");
    }
    for path in [
        "/api/user/all;x",
        "/api/user/..%2fuser%2fme",
        "/api/user/%2e%2e%2fme",
        "/api/user/bob@example.com%20",
    ] {
        server.get(path, &ada.access).await.expect_failure(403, "forbidden");
    }
    let request = server.client.get(server.url("/api/user/bob@example.com")).bearer_auth(&ada.access);
    let request = request.header("x-original-url", "/api/user/me").header("x-http-method-override", "DELETE");
    crate::support::reply(request).await.expect_failure(403, "forbidden");
}
