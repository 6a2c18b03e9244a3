//! Too much of something: passwords, registrations, refreshes, changes; and whose it is.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::throttle::{Guard, Limits, Rate};
use doorward_http::HttpSettings;
use doorward_testkit::fake;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{PASSWORD, Reply, Server, Tokens, reply};

const MINUTE: Duration = Duration::from_secs(60);
const LOGIN: &str = "/api/auth/login";
const PASSWORD_CHANGE: &str = "/api/user/me/password";
const OTHER_PASSWORD: &str = "a staple for the next year";

/// One rate: so many a minute.
fn a_minute(burst: u32) -> Vec<Rate> {
    vec![Rate::new(burst, MINUTE).unwrap()]
}

fn with(limits: Limits) -> Server {
    with_proxies(limits, &[])
}

/// A service with these limits that believes these proxies.
fn with_proxies(limits: Limits, trusted: &[&str]) -> Server {
    let inside = fake::Service::default();
    let throttle = fake::MapThrottle::new(inside.clock.clone());
    let guard = Guard::new(Arc::new(throttle), Arc::new(fake::PlainPseudonyms), limits);
    let inside = inside.with_guard(guard.clone());
    let trusted_proxies = trusted.iter().map(|network| network.parse().unwrap()).collect();
    let settings = HttpSettings { trusted_proxies, ..HttpSettings::default() };
    Server::guarded(inside, guard, settings, Vec::new())
}

/// The refusal, and for how many seconds.
#[track_caller]
fn refused(reply: Reply, code: &str) -> u64 {
    let reply = reply.expect_failure(429, code);
    reply.headers["retry-after"].to_str().unwrap().parse().unwrap()
}

impl Server {
    /// A login as a proxy passes it on.
    async fn login_through_proxy(&self, username: &str, password: &str, forwarded_for: &str) -> Reply {
        let body = json!({ "username": username, "password": password });
        reply(self.forwarded(LOGIN, forwarded_for).json(&body)).await
    }

    fn forwarded(&self, path: &str, forwarded_for: &str) -> RequestBuilder {
        self.client.post(self.url(path)).header("x-forwarded-for", forwarded_for)
    }
}

fn password_change(current: &str) -> Value {
    json!({ "current_password": current, "password": OTHER_PASSWORD, "password_confirm": OTHER_PASSWORD })
}

#[tokio::test]
async fn aut_13_wrong_passwords_are_refused_for_as_long_as_the_answer_says() {
    let server = with(Limits { login_guess: a_minute(3), ..Limits::none() });
    server.inside.member("ada@example.com").await;
    for _ in 0..3 {
        server.try_login("ada@example.com", "wrong").await.expect_failure(401, "invalid_credentials");
    }
    let seconds = refused(server.try_login("ada@example.com", PASSWORD).await, "too_many_attempts");
    assert_eq!(seconds, 20);
    server.inside.clock.advance(Duration::from_secs(seconds));
    server.try_login("ada@example.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn aut_15_right_passwords_are_not_counted() {
    let server = with(Limits { login_guess: a_minute(2), login_account: a_minute(2), ..Limits::none() });
    server.inside.member("ada@example.com").await;
    for _ in 0..5 {
        server.login("ada@example.com").await;
    }
}

#[tokio::test]
async fn aut_01_known_and_unknown_usernames_are_refused_alike() {
    let server = with(Limits { login_guess: a_minute(2), ..Limits::none() });
    server.inside.member("ada@example.com").await;
    let mut refusals = Vec::new();
    for username in ["ada@example.com", "nobody@example.com", "no address"] {
        for _ in 0..2 {
            server.try_login(username, "wrong").await.expect_failure(401, "invalid_credentials");
        }
        let refusal = server.try_login(username, "wrong").await.expect_failure(429, "too_many_attempts");
        refusals.push((refusal.text.clone(), refusal.headers["retry-after"].clone()));
    }
    refusals.dedup();
    assert_eq!(refusals.len(), 1, "{refusals:?}");
}

#[tokio::test]
async fn aut_12_a_wrong_current_password_is_counted_wherever_it_is_asked_for() {
    let server = with(Limits { login_guess: a_minute(2), ..Limits::none() });
    let ada = server.member("ada@example.com").await;
    let new_address = json!({ "email": "new@example.com", "current_password": "wrong" });
    server.put(PASSWORD_CHANGE, &ada.access, password_change("wrong")).await.expect(403);
    server.put("/api/user", &ada.access, new_address.clone()).await.expect(403);
    let requests = [
        (PASSWORD_CHANGE, password_change(PASSWORD)),
        ("/api/user", new_address.clone()),
        ("/api/user/ada@example.com", new_address),
    ];
    for (path, body) in requests {
        assert_eq!(refused(server.put(path, &ada.access, body).await, "too_many_attempts"), 30, "{path}");
    }
    let bob = server.member("bob@example.com").await;
    server.put(PASSWORD_CHANGE, &bob.access, password_change(PASSWORD)).await.expect(200);
}

#[tokio::test]
async fn dos_07_registrations_are_counted_before_they_are_read() {
    let server = with(Limits { registration: a_minute(3), ..Limits::none() });
    server.register("ada@example.com").await.expect(201);
    server.register("ada@example.com").await.expect_failure(409, "username_taken");
    let nonsense = || reply(server.client.post(server.url("/api/user")).body("{"));
    nonsense().await.expect_failure(415, "unsupported_media_type");
    assert_eq!(refused(nonsense().await, "rate_limited"), 20);
    assert_eq!(refused(server.register("bob@example.com").await, "rate_limited"), 20);
    server.inside.clock.advance(Duration::from_secs(20));
    server.register("bob@example.com").await.expect(201);
}

#[tokio::test]
async fn dos_07_refreshes_are_counted_on_both_routes_whether_the_token_is_good_or_not() {
    let server = with(Limits { refresh: a_minute(3), ..Limits::none() });
    let ada = server.member("ada@example.com").await;
    let ada = Tokens::of(&server.get("/api/refresh", &ada.refresh).await.expect(200));
    server.get("/api/refresh", "nonsense").await.expect_failure(401, "token_invalid");
    server.send(Method::POST, "/api/auth/refresh", None, None).await.expect_failure(401, "token_missing");
    for (method, path) in [(Method::GET, "/api/refresh"), (Method::POST, "/api/auth/refresh")] {
        for token in [Some(ada.refresh.as_str()), Some("nonsense"), None] {
            let reply = server.send(method.clone(), path, token, None).await;
            assert_eq!(refused(reply, "rate_limited"), 20);
        }
    }
    server.inside.clock.advance(Duration::from_secs(20));
    server.get("/api/refresh", &ada.refresh).await.expect(200);
}

#[tokio::test]
async fn dos_07_changes_of_an_account_by_its_owner_are_counted() {
    let server = with(Limits { changes: a_minute(4), ..Limits::none() });
    let (ada, root) = (server.member("ada@example.com").await, server.admin("root@example.com").await);
    let london = || json!({ "profile": { "city": "London" } });
    for path in ["/api/user", "/api/user/ada@example.com", "/api/user", "/api/user/Ada@Example.com"] {
        server.put(path, &ada.access, london()).await.expect(200);
    }
    for path in ["/api/user", "/api/user/Ada@Example.com"] {
        assert_eq!(refused(server.put(path, &ada.access, london()).await, "rate_limited"), 15, "{path}");
    }
    for _ in 0..6 {
        server.put("/api/user/ada@example.com", &root.access, london()).await.expect(200);
    }
    server.get("/api/user/me", &ada.access).await.expect(200);
    server.put(PASSWORD_CHANGE, &ada.access, password_change("wrong")).await.expect(403);
    server.inside.clock.advance(Duration::from_secs(15));
    server.put("/api/user", &ada.access, london()).await.expect(200);
    refused(server.put("/api/user", &ada.access, london()).await, "rate_limited");
    // Whoever has stolen a token cannot keep its owner from ending that.
    server.send(Method::POST, "/api/auth/logout/others", Some(&ada.access), None).await.expect(200);
    server.send(Method::POST, "/api/auth/logout/all", Some(&ada.access), None).await.expect(200);
}

#[tokio::test]
async fn what_is_refused_in_one_place_is_not_in_another() {
    let limits = Limits {
        login_network: a_minute(2),
        registration: a_minute(1),
        refresh: a_minute(1),
        ..Limits::none()
    };
    let server = with(limits);
    let root = server.admin("root@example.com").await;
    server.register("ada@example.com").await.expect(201);
    let root = Tokens::of(&server.get("/api/refresh", &root.refresh).await.expect(200));
    server.try_login("root@example.com", PASSWORD).await.expect(200);
    refused(server.register("bob@example.com").await, "rate_limited");
    refused(server.get("/api/refresh", &root.refresh).await, "rate_limited");
    refused(server.try_login("root@example.com", PASSWORD).await, "too_many_attempts");
    for _ in 0..5 {
        for path in ["/api/auth/login", "/api/user/me", "/api/user/all", "/api/user/ada@example.com"] {
            server.get(path, &root.access).await.expect(200);
        }
        server.put("/api/user", &root.access, json!({ "profile": { "city": "London" } })).await.expect(200);
        for path in ["/healthz", "/readyz", "/.well-known/jwks.json"] {
            server.send(Method::GET, path, None, None).await.expect(200);
        }
    }
    server.delete("/api/user/ada@example.com", &root.access).await.expect(200);
    server.get("/api/auth/logout", &root.access).await.expect(200);
}

#[tokio::test]
async fn aut_16_forged_addresses_do_not_bring_one_more_try() {
    let server = with(Limits { login_network: a_minute(3), ..Limits::none() });
    for number in 1..=5 {
        let forged = format!("198.51.100.{number}");
        let mut request = server.client.post(server.url(LOGIN));
        for (name, value) in [
            ("x-forwarded-for", forged.clone()),
            ("x-real-ip", forged.clone()),
            ("forwarded", format!("for={forged}")),
        ] {
            request = request.header(name, value);
        }
        let body = json!({ "username": format!("{number}@example.com"), "password": "wrong" });
        let status = reply(request.json(&body)).await.status;
        assert_eq!(status, if number <= 3 { 401 } else { 429 }, "{number}");
    }
}

#[tokio::test]
async fn aut_16_behind_a_trusted_proxy_whoever_it_names_is_counted() {
    let limits = Limits { login_network: a_minute(2), ..Limits::none() };
    let server = with_proxies(limits, &["127.0.0.0/8"]);
    for number in 1..=4 {
        let told = format!("203.0.113.{number}, 198.51.100.7, 127.0.0.9");
        let status = server.login_through_proxy("ada@example.com", "wrong", &told).await.status;
        assert_eq!(status, if number <= 2 { 401 } else { 429 }, "{told}");
    }
    server.login_through_proxy("ada@example.com", "wrong", "198.51.100.8").await.expect(401);
    let registration = server.forwarded("/api/user", "198.51.100.7").json(&json!({}));
    reply(registration).await.expect_failure(400, "validation_failed");
}

#[tokio::test]
async fn aut_17_one_network_cannot_try_its_luck_on_many_accounts() {
    let server = with_proxies(Limits { login_network: a_minute(5), ..Limits::none() }, &["127.0.0.1/32"]);
    server.inside.member("ada@example.com").await;
    for number in 1..=8 {
        // One line has all addresses of its /64.
        let (username, from) = (format!("{number}@example.com"), format!("2001:db8:0:1::{number}"));
        let status = server.login_through_proxy(&username, "Summer2026!", &from).await.status;
        assert_eq!(status, if number <= 5 { 401 } else { 429 }, "{from}");
    }
    server.login_through_proxy("ada@example.com", PASSWORD, "2001:db8:0:2::1").await.expect(200);
}

#[tokio::test]
async fn aut_14_a_guesser_does_not_lock_out_the_owner() {
    let limits = Limits { login_guess: a_minute(2), login_account: a_minute(3), ..Limits::none() };
    let server = with_proxies(limits, &["127.0.0.1/32"]);
    server.inside.member("ada@example.com").await;
    let (home, stranger) = ("198.51.100.7", "203.0.113.9");
    server.login_through_proxy("ada@example.com", PASSWORD, home).await.expect(200);
    for from in [stranger, stranger, "203.0.113.10"] {
        server.login_through_proxy("ada@example.com", "wrong", from).await.expect(401);
    }
    for from in [stranger, "203.0.113.10", "203.0.113.11"] {
        let reply = server.login_through_proxy("ada@example.com", PASSWORD, from).await;
        refused(reply, "too_many_attempts");
    }
    server.login_through_proxy("ada@example.com", PASSWORD, home).await.expect(200);
}
