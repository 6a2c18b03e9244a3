//! A Redis that is killed, or takes nothing down any more, while two nodes use it.

use doorward_testkit::redis::RedisServer;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{ADA, Nodes, PASSWORD, ask, assert_revoked, log_out, until, until_in_use};
use crate::support::Doorward;

const BOB: &str = "bob@example.com";
const ANOTHER_PASSWORD: &str = "battery staple cor";

/// Who ends is refused by both nodes, who stays is served, and the nodes say how things stand.
async fn endure(begin: impl FnOnce(&mut RedisServer), end: impl FnOnce(&mut RedisServer)) {
    let Some(mut nodes) = Nodes::start().await else { return };
    nodes.a.register(ADA, PASSWORD).await;
    nodes.a.register(BOB, PASSWORD).await;
    let ([stays, _], [mine, _]) = (nodes.known(ADA).await, nodes.known(BOB).await);
    let mut ended = vec![nodes.known(ADA).await];
    log_out(&nodes.a, &ended[0][0]).await;
    let (on_a, on_b, stolen) = (nodes.known(ADA).await, nodes.known(ADA).await, nodes.known(BOB).await);

    begin(&mut nodes.shared.redis);
    log_out(&nodes.a, &on_a[0]).await;
    log_out(&nodes.b, &on_b[0]).await;
    let change = json!({
        "current_password": PASSWORD, "password": ANOTHER_PASSWORD, "password_confirm": ANOTHER_PASSWORD,
    });
    ask(&nodes.b, Method::PUT, "/api/user/me/password", &mine, change).await;
    ended.extend([on_a, on_b, stolen]);
    for service in nodes.both() {
        assert_all_refused(service, &ended).await;
        assert_eq!(service.me(&stays).await, StatusCode::OK);
        assert_eq!(service.login(BOB, PASSWORD).await, StatusCode::UNAUTHORIZED);
        assert_eq!(service.login(BOB, ANOTHER_PASSWORD).await, StatusCode::OK);
        until("Redis is not in use", async || service.state_of("redis").await == "degraded").await;
        assert_eq!(service.state_of("database").await, "ready");
        ask(service, Method::GET, "/healthz", "-", Value::Null).await;
    }

    end(&mut nodes.shared.redis);
    for service in nodes.both() {
        until_in_use(service).await;
    }
    for service in nodes.both() {
        assert_all_refused(service, &ended).await;
        assert_eq!(service.me(&stays).await, StatusCode::OK);
    }
}

async fn assert_all_refused(service: &Doorward, ended: &[[String; 2]]) {
    for [access, refresh] in ended {
        assert_revoked(service, Method::GET, "/api/user/me", access).await;
        assert_revoked(service, Method::POST, "/api/auth/refresh", refresh).await;
    }
}

/// An operator does something, which works.
fn order(redis: &RedisServer, command: &[&str]) {
    assert_eq!(redis.cli(command), "OK", "{command:?}");
}

#[tokio::test]
async fn r02_while_redis_is_killed_the_database_answers() {
    endure(RedisServer::kill, RedisServer::restart_empty).await;
}

#[tokio::test]
async fn r06_while_redis_is_out_of_memory_the_database_answers() {
    endure(
        |redis| order(redis, &["CONFIG", "SET", "maxmemory", "1"]),
        |redis| order(redis, &["CONFIG", "SET", "maxmemory", "0"]),
    )
    .await;
}

#[tokio::test]
async fn r06_while_redis_is_a_replica_the_database_answers() {
    endure(
        |redis| order(redis, &["REPLICAOF", "127.0.0.1", "1"]),
        |redis| order(redis, &["REPLICAOF", "NO", "ONE"]),
    )
    .await;
}
