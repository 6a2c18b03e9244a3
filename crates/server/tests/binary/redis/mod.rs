//! Nodes with a Redis beside their database: what one does, the other knows.

mod away;
mod changes;
mod copies;
mod keys;
mod revoked;
mod start;
mod throttles;

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_testkit::postgres::TestDatabase;
use doorward_testkit::redis::{self, RedisOptions, RedisServer};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::databases::migrated;
use crate::support::{Doorward, Place};

const ADMIN: &str = "admin@doorward.example";
const ADA: &str = "ada@example.com";
const PASSWORD: &str = "correct horse batt";
const SESAME: &str = "open-sesame";

/// Far more than anything here takes, also when every core is busy with tests.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);

/// Looks again and again until it is so.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < PATIENCE, "waited in vain until {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// What a token says.
fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// A claim that is text.
fn claim(token: &str, name: &str) -> String {
    claims(token)[name].as_str().unwrap().to_owned()
}

fn user_path(username: &str) -> String {
    format!("/api/user/{username}")
}

/// What two nodes share.
struct Shared {
    redis: RedisServer,
    database: TestDatabase,
    directory: TempDir,
}

impl Shared {
    /// An empty database and an empty Redis with a password; `None` where there is none of the two.
    async fn new() -> Option<Self> {
        if !redis::is_there() {
            return None;
        }
        let database = migrated().await?;
        let redis = RedisServer::start(RedisOptions::new().password(SESAME));
        Some(Self { redis, database, directory: tempfile::tempdir().unwrap() })
    }

    /// A node on this database, without Redis.
    fn alone(&self, database_url: &str) -> Place {
        let place = Place::new()
            .at(database_url)
            .with("DOORWARD_KEYS_DIR", self.directory.path().join("keys"))
            .with("DOORWARD_PEPPER_FILE", self.directory.path().join("pepper"))
            .with("DOORWARD_ADMIN_EMAIL", ADMIN);
        let password = place.secret("admin-password", PASSWORD);
        place.with("DOORWARD_ADMIN_PASSWORD_FILE", password)
    }

    /// A node on this database, beside Redis.
    fn node(&self, database_url: &str) -> Place {
        beside(&self.redis, SESAME, self.alone(database_url))
    }
}

/// The same place beside Redis, whose password is in a file.
fn beside(redis: &RedisServer, password: &str, place: Place) -> Place {
    let file = place.secret("redis-password", password);
    place
        .with("DOORWARD_REDIS_URL", format!("redis://127.0.0.1:{}", redis.port()))
        .with("DOORWARD_REDIS_PASSWORD_FILE", file)
        // A machine that is busy with tests is no Redis that is away.
        .with("DOORWARD_REDIS_TIMEOUT", "500ms")
}

/// Two nodes of one service, both of which use Redis.
struct Nodes {
    a: Doorward,
    b: Doorward,
    shared: Shared,
    places: [Place; 2],
}

impl Nodes {
    async fn start() -> Option<Self> {
        let shared = Shared::new().await?;
        let places = [(); 2].map(|()| shared.node(&shared.database.url()).without_throttles());
        Some(Self::start_at(shared, places).await)
    }

    async fn start_at(shared: Shared, places: [Place; 2]) -> Self {
        let [a, b] = places.each_ref().map(Place::start);
        for service in [&a, &b] {
            service.banner();
            until_in_use(service).await;
        }
        Self { a, b, shared, places }
    }

    fn both(&self) -> [&Doorward; 2] {
        [&self.a, &self.b]
    }

    /// A statement of somebody who passes the service by.
    async fn by_hand(&self, statement: &str) {
        self.shared.database.client().await.batch_execute(statement).await.unwrap();
    }

    /// Opens a session on the first node, and shows its access token to both until they know it well.
    async fn known(&self, username: &str) -> [String; 2] {
        let [access, refresh] = self.a.tokens(username, PASSWORD).await;
        for service in [&self.a, &self.b, &self.a, &self.b] {
            assert_eq!(service.me(&access).await, StatusCode::OK);
        }
        [access, refresh]
    }
}

async fn until_in_use(service: &Doorward) {
    until("Redis is in use", async || service.state_of("redis").await == "ready").await;
}

/// A request that must succeed; its results.
async fn ask(service: &Doorward, method: Method, path: &str, token: &str, body: Value) -> Value {
    let (status, mut body) = service.ask(method, path, token, &body).await;
    assert!(status.is_success(), "{path}: {body}");
    body["results"].take()
}

async fn log_out(service: &Doorward, access: &str) {
    ask(service, Method::POST, "/api/auth/logout", access, json!({})).await;
}

/// What the account of this token looks like.
async fn me(service: &Doorward, access: &str) -> Value {
    ask(service, Method::GET, "/api/user/me", access, Value::Null).await
}

/// The token opens nothing, because its session has ended or it was revoked.
async fn assert_revoked(service: &Doorward, method: Method, path: &str, token: &str) {
    let (status, body) = service.ask(method, path, token, &Value::Null).await;
    assert_eq!(
        (status, body["results"]["code"].as_str()),
        (StatusCode::UNAUTHORIZED, Some("token_revoked")),
        "{path}: {body}"
    );
}

/// The account may not do what only admins may.
async fn assert_no_admin(service: &Doorward, access: &str) {
    let (status, body) = service.ask(Method::GET, &user_path(ADA), access, &Value::Null).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{body}");
}
