//! A database of a test's own, on the server that the tests share, and pools on it.

use std::time::Duration;

use diesel::sql_types::Integer;
use diesel_async::RunQueryDsl;
use doorward_cockroach::{ConnectionUrl, Policy, Pool, PoolSettings, PooledConnection};
use doorward_testkit::postgres::{DatabaseOptions, PostgresServer, TestDatabase, Vendor};

/// Nothing happens by the clock, and nobody is asked before it is given out.
pub(crate) const PATIENT: PoolSettings = PoolSettings {
    size: 4,
    wait: Duration::from_secs(60),
    create: Duration::from_secs(60),
    fresh: Duration::from_secs(60),
    recycle: Duration::from_secs(60),
    max_lifetime: Duration::from_secs(3_600),
    idle: Duration::from_secs(3_600),
};

/// An empty database; `None` where there is no server.
pub(crate) async fn database() -> Option<TestDatabase> {
    let server = PostgresServer::from_environment()?;
    Some(server.database(DatabaseOptions::of_schema("empty"), async |_| {}).await)
}

/// The same for a test that looks into the server in ways that CockroachDB does not know.
pub(crate) async fn database_of_postgres() -> Option<TestDatabase> {
    database().await.filter(|database| database.vendor() == Vendor::Postgres)
}

pub(crate) fn pool(database: &TestDatabase, settings: PoolSettings) -> Pool {
    Pool::new(url(&database.url()), settings).unwrap()
}

/// The tests' server may be in a network of its own without encryption.
pub(crate) fn url(text: &str) -> ConnectionUrl {
    ConnectionUrl::parse(text, Policy { allow_unverified: true }).unwrap()
}

/// The URL of a database with more parameters.
pub(crate) fn url_with(database: &TestDatabase, parameters: &str) -> ConnectionUrl {
    let plain = database.url();
    let joint = if plain.contains('?') { '&' } else { '?' };
    url(&format!("{plain}{joint}{parameters}"))
}

/// The number by which the server knows a connection.
pub(crate) async fn number(connection: &mut PooledConnection) -> i32 {
    diesel::select(diesel::dsl::sql::<Integer>("pg_backend_pid()")).get_result(connection).await.unwrap()
}
