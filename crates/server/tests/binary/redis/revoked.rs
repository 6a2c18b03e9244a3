//! Tokens that are taken away, by their owners and by operators.

use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::{ADA, Nodes, PASSWORD, Shared, assert_revoked, claim, log_out, until, until_in_use};
use crate::support::{Doorward, Place};

/// Every route that takes an access token, and last those that would end the session by themselves.
const ROUTES: [(Method, &str); 14] = [
    (Method::GET, "/api/auth/login"),
    (Method::PUT, "/api/user"),
    (Method::GET, "/api/user/me"),
    (Method::PUT, "/api/user/me/password"),
    (Method::GET, "/api/user/all"),
    (Method::PUT, "/api/user/all"),
    (Method::GET, "/api/user/active"),
    (Method::PUT, "/api/user/active"),
    (Method::GET, "/api/user/ada@example.com"),
    (Method::PUT, "/api/user/ada@example.com"),
    (Method::DELETE, "/api/user/ada@example.com"),
    (Method::GET, "/api/user/nobody@example.com"),
    (Method::GET, "/api/auth/logout"),
    (Method::POST, "/api/auth/logout"),
];

#[tokio::test]
async fn a_logout_on_one_node_is_obeyed_by_the_next_request_on_the_other_two_hundred_times() {
    let Some(nodes) = Nodes::start().await else { return };
    nodes.a.register(ADA, PASSWORD).await;
    for round in 0..200 {
        let [here, there] = if round % 2 == 0 { [&nodes.a, &nodes.b] } else { [&nodes.b, &nodes.a] };
        let [access, refresh] = here.tokens(ADA, PASSWORD).await;
        assert_eq!((here.me(&access).await, there.me(&access).await), (StatusCode::OK, StatusCode::OK));
        log_out(here, &access).await;
        assert_revoked(there, Method::GET, "/api/user/me", &access).await;
        assert_revoked(there, Method::POST, "/api/auth/refresh", &refresh).await;
    }
}

/// What an operator revokes is known to Redis alone, and on a machine that is very busy a node may stop believing Redis
/// for a moment.
async fn until_refused(service: &Doorward, method: &Method, path: &str, access: &str) {
    until("the token is refused", async || {
        let (status, body) = service.ask(method.clone(), path, access, &Value::Null).await;
        status == StatusCode::UNAUTHORIZED && body["results"]["code"] == "token_revoked"
    })
    .await;
}

#[tokio::test]
async fn a_token_that_an_operator_revokes_in_redis_opens_no_route_on_any_node() {
    let Some(nodes) = Nodes::start().await else { return };
    nodes.a.register(ADA, PASSWORD).await;
    let [access, refresh] = nodes.known(ADA).await;
    for token in [&access, &refresh] {
        let set = ["-n", "0", "SET", &claim(token, "jti"), "true", "EX", "60"];
        assert_eq!(nodes.shared.redis.cli(&set), "OK");
    }
    for (method, path) in ROUTES {
        for service in nodes.both() {
            until_refused(service, &method, path, &access).await;
        }
    }
    for service in nodes.both() {
        until_refused(service, &Method::POST, "/api/auth/refresh", &refresh).await;
        until_refused(service, &Method::GET, "/api/refresh", &refresh).await;
    }
    let another = nodes.known(ADA).await;
    let set = ["-n", "0", "SET", &claim(&another[0], "sid"), "anything", "EX", "60"];
    assert_eq!(nodes.shared.redis.cli(&set), "OK");
    for service in nodes.both() {
        until_refused(service, &Method::GET, "/api/user/me", &another[0]).await;
    }
}

#[tokio::test]
async fn a_logout_on_a_node_without_redis_is_obeyed_by_the_next_request_on_one_that_uses_it() {
    let Some(shared) = Shared::new().await else { return };
    let url = shared.database.url();
    let places = [shared.alone(&url), shared.node(&url)].map(Place::without_throttles);
    let [without, with] = places.each_ref().map(Place::start);
    without.banner();
    without.register(ADA, PASSWORD).await;
    for _ in 0..3 {
        let [access, refresh] = with.tokens(ADA, PASSWORD).await;
        until_in_use(&with).await;
        for _ in 0..3 {
            assert_eq!(with.me(&access).await, StatusCode::OK);
        }
        log_out(&without, &access).await;
        assert_revoked(&with, Method::GET, "/api/user/me", &access).await;
        assert_revoked(&with, Method::POST, "/api/auth/refresh", &refresh).await;
    }
}
