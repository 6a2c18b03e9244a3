//! What stands in Redis, for whoever looks into it.

use doorward_testkit::redis::RedisServer;
use reqwest::Method;
use serde_json::{Value, json};

use super::{ADA, ADMIN, Nodes, PASSWORD, ask, claim, claims, log_out, me, until, user_path};

/// How long an access token lasts, and how much longer it is accepted, unless set otherwise.
const ACCESS_TTL: i64 = 15 * 60;
const LEEWAY: i64 = 5;

fn number(redis: &RedisServer, command: &[&str]) -> i64 {
    redis.cli(command).lines().next().unwrap().parse().unwrap()
}

/// Every key and its value.
fn everything(redis: &RedisServer) -> String {
    let mut all = String::new();
    for database in ["0", "1"] {
        for key in redis.cli(&["-n", database, "--scan"]).lines() {
            // A key may expire between the two questions.
            all.extend([key, " ", &redis.cli(&["-n", database, "GET", key]), "\n"]);
        }
    }
    all
}

#[tokio::test]
async fn what_a_logout_revokes_is_true_until_the_last_token_has_expired() {
    let Some(nodes) = Nodes::start().await else { return };
    let redis = &nodes.shared.redis;
    nodes.a.register(ADA, PASSWORD).await;
    let [access, _] = nodes.known(ADA).await;
    let [token, session] = ["jti", "sid"].map(|name| claim(&access, name));
    assert_eq!(redis.cli(&["EXISTS", &token, &session]), "0");
    log_out(&nodes.b, &access).await;
    let (now, expires) = (number(redis, &["TIME"]), claims(&access)["exp"].as_i64().unwrap());
    for id in [&token, &session] {
        assert_eq!(redis.cli(&["-n", "0", "GET", id]), "true");
        assert_eq!(redis.cli(&["-n", "1", "EXISTS", id]), "0");
    }
    assert_eq!(number(redis, &["EXPIRETIME", &token]), expires + LEEWAY);
    let session_expires = number(redis, &["EXPIRETIME", &session]);
    assert!((expires + LEEWAY..=now + ACCESS_TTL + LEEWAY + 1).contains(&session_expires));
}

#[tokio::test]
async fn the_document_under_somebodys_address_is_the_one_that_they_are_shown() {
    let Some(nodes) = Nodes::start().await else { return };
    let redis = &nodes.shared.redis;
    let document = |address: &str| redis.cli(&["-n", "1", "GET", address]);
    nodes.a.register(ADA, PASSWORD).await;
    let [access, _] = nodes.known(ADA).await;
    let id = claim(&access, "sub");
    let changes = json!({
        "profile": { "fullname": "Ada \"Countess\" Lovelace", "city": "Löndon" },
        "accounts": { "gmail": { "is_login": true } }, "played_games": ["MOBILE LEGENDS"],
    });
    let moved = json!({ "email": "Countess@example.com", "current_password": PASSWORD });
    for (change, address) in [(changes, ADA), (moved, "countess@example.com")] {
        ask(&nodes.a, Method::PUT, "/api/user", &access, change).await;
        let shown = me(&nodes.b, &access).await;
        let mut kept: Value = serde_json::from_str(&document(address)).unwrap();
        let [form, version, stamp] =
            ["v", "version", "stamp"].map(|name| kept.as_object_mut().unwrap().remove(name).unwrap());
        assert_eq!(kept, shown);
        assert!(form == 1 && version.is_i64(), "{form} {version}");
        let epoch = redis.cli(&["GET", "revocations:complete"]);
        assert_eq!(stamp, redis.cli(&["GET", &format!("user:{id}:{epoch}")]));
        assert_eq!(redis.cli(&["-n", "1", "GET", &format!("address:{id}")]), address);
        assert!((3_000..=4_000).contains(&number(redis, &["-n", "1", "TTL", address])));
    }
    assert_eq!(document(ADA), "", "the account has moved");
    let [admin, _] = nodes.known(ADMIN).await;
    ask(&nodes.b, Method::DELETE, &user_path(ADA), &admin, Value::Null).await;
    assert_eq!(redis.cli(&["-n", "1", "EXISTS", ADA, "countess@example.com"]), "0");
    assert_eq!(redis.cli(&["-n", "1", "GET", &format!("address:{id}")]), "deleted");
}

#[tokio::test]
async fn no_password_no_hash_and_no_token_is_in_redis() {
    let Some(nodes) = Nodes::start().await else { return };
    nodes.a.register(ADA, PASSWORD).await;
    let mut secrets = vec!["$2b$".to_owned(), "$2".to_owned(), PASSWORD.to_owned(), "eyJ".to_owned()];
    for service in nodes.both() {
        let [access, refresh] = nodes.known(ADA).await;
        let refreshed = ask(service, Method::POST, "/api/auth/refresh", &refresh, json!({})).await;
        for token in [&access, &refresh, refreshed["access_token"].as_str().unwrap()] {
            secrets.extend(token.split('.').map(str::to_owned));
        }
        log_out(service, &access).await;
    }
    let redis = &nodes.shared.redis;
    until("a document is there", async || everything(redis).contains(ADA)).await;
    let everything = everything(redis);
    for secret in secrets {
        assert!(!everything.contains(&secret), "{secret} is in\n{everything}");
    }
}
