//! Twenty thousand accounts, and what `PostgreSQL` says of how it finds some of them.

use std::future::poll_fn;
use std::hash::{DefaultHasher, Hash, Hasher};

use diesel_async::AsyncPgConnection;
use doorward_testkit::postgres::{DatabaseOptions, PostgresServer, TestDatabase, Vendor};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_postgres::{AsyncMessage, NoTls};

use super::migrate;

/// Half of them are called Budi, the others Ada; half never logged in, the others at a second of their own. One in five
/// hundred is an admin, one in twenty is closed, one in ten is a streamer, one in fifty a seller, one in three has a
/// session, and another one in three had one, which ended at a second of its own. Forty of
/// them are in an audit log of as many entries, a second and a fiftieth of a request each.
const FILL: [&str; 10] = [
    // The tables stay as they are among many who log in: of no page is it known that everybody may see all of it, so
    // that reading an index alone is not cheap.
    "ALTER TABLE users SET (autovacuum_enabled = off)",
    "ALTER TABLE user_addresses SET (autovacuum_enabled = off)",
    "ALTER TABLE sessions SET (autovacuum_enabled = off)",
    "ALTER TABLE audit_log SET (autovacuum_enabled = off)",
    "INSERT INTO users (id, username, username_norm, email, email_norm, password_hash, password_scheme, role, active, \
         has_profile, fullname, fullname_search, accounts, user_types, played_games, favorites, version, \
         last_login_at, created_at, updated_at) \
     SELECT md5(n::TEXT)::UUID, address, address, address, address, 'hash', 'peppered', \
         CASE WHEN n % 500 = 0 THEN 'admin' ELSE 'user' END, n % 20 <> 0, true, name, lower(name), '{}', \
         CASE WHEN n % 10 = 1 THEN '{\"streamer\": {\"streamer_id\": \"s\", \"history\": []}}'::JSONB \
             WHEN n % 50 = 2 THEN '{\"seller\": {\"streamer_id\": \"s\", \"history\": []}}' ELSE '{}' END, \
         '[]', '{\"facebook\": [], \"youtube\": []}', 1, \
         CASE WHEN n % 2 = 0 THEN to_timestamp(0) ELSE to_timestamp(1700000000 + n * 7919 % 20000) END, \
         to_timestamp(1600000000 + n), to_timestamp(1600000000 + n) \
     FROM generate_series(1, 20000) AS n, \
         LATERAL (SELECT 'person' || n * 7919 % 20000 || '@example.com' AS address, \
             CASE WHEN n % 4 < 2 THEN 'Budi ' ELSE 'Ada ' END || n AS name) AS texts",
    "INSERT INTO user_addresses (address_norm, user_id) SELECT username_norm, id FROM users",
    "INSERT INTO sessions (id, user_id, generation, refresh_id, access_id, rotated_at, created_at, last_seen_at, \
         expires_at) \
     SELECT id, id, 0, id, id, last_login_at, last_login_at, last_login_at, to_timestamp(1800000000) \
     FROM users WHERE extract(epoch FROM created_at)::INT8 % 3 = 0",
    "INSERT INTO sessions (id, user_id, generation, refresh_id, access_id, rotated_at, created_at, last_seen_at, \
         expires_at, ended_at, end_reason) \
     SELECT id, id, 0, id, id, last_login_at, last_login_at, last_login_at, to_timestamp(1800000000), \
         created_at + INTERVAL '100000000 seconds', 'logout' \
     FROM users WHERE extract(epoch FROM created_at)::INT8 % 3 = 1",
    "INSERT INTO audit_log (id, at, action, outcome, actor_id, actor, target_id, target, request_id, details) \
     SELECT md5(n::TEXT)::UUID, to_timestamp(1700000000 + n), \
         CASE WHEN n % 2 = 0 THEN 'session.login' WHEN n % 500 = 1 THEN 'user.delete' ELSE 'user.update' END, \
         CASE WHEN n % 10 = 0 THEN 'refused' ELSE 'done' END, \
         md5(name)::UUID, name, md5(name)::UUID, name, 'request' || n / 50, '{}' \
     FROM generate_series(1, 20000) AS n, LATERAL (SELECT 'person' || n % 40 || '@example.com' AS name) AS texts",
    "ANALYZE",
];

/// A database of its own with the crowd in it. `None` where there is no `PostgreSQL`: the plans are its own.
pub(crate) async fn crowd() -> Option<TestDatabase> {
    let server = PostgresServer::from_environment()?;
    let mut hasher = DefaultHasher::new();
    (env!("DOORWARD_SCHEMA_KEY"), FILL).hash(&mut hasher);
    let options = DatabaseOptions::of_schema(format!("crowd_{:016x}", hasher.finish()));
    let database = server
        .database(options, async |url| {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
            tokio::spawn(connection);
            let version = client.query_one("SELECT version()", &[]).await.unwrap();
            if version.get::<_, &str>(0).starts_with("PostgreSQL") {
                migrate(url).await;
                for statement in FILL {
                    client.batch_execute(statement).await.unwrap();
                }
            }
        })
        .await;
    (database.vendor() == Vendor::Postgres).then_some(database)
}

/// A connection that tells the plan of whatever it carries out.
pub(crate) struct Telling {
    pub(crate) connection: AsyncPgConnection,
    told: UnboundedReceiver<String>,
}

impl Telling {
    pub(crate) async fn on(database: &TestDatabase) -> Self {
        let (client, mut driven) = tokio_postgres::connect(&database.url(), NoTls).await.unwrap();
        let (tell, told) = unbounded_channel();
        tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|context| driven.poll_message(context)).await {
                if let AsyncMessage::Notice(notice) = message {
                    // At the end of the test nobody listens any more.
                    let _ = tell.send(notice.message().to_owned());
                }
            }
        });
        let begin =
            "LOAD 'auto_explain'; SET client_min_messages = log; SET auto_explain.log_min_duration = 0";
        client.batch_execute(begin).await.unwrap();
        let mut telling = Self { connection: AsyncPgConnection::try_from(client).await.unwrap(), told };
        telling.plans();
        telling
    }

    /// The plans of what was carried out since this was asked last, without their costs.
    pub(crate) fn plans(&mut self) -> Vec<String> {
        let mut plans = Vec::new();
        while let Ok(message) = self.told.try_recv() {
            let (_, told) = message.split_once("Query Text: ").unwrap();
            let (statement, plan) = told.split_once('\n').unwrap();
            assert!(!statement.contains('*') || statement.contains("COUNT(*)"), "{statement}");
            let steps = plan.lines().map(|step| step.split("  (cost=").next().unwrap());
            plans.push(steps.collect::<Vec<_>>().join("\n"));
        }
        plans
    }
}
