//! Databases with our schema, and stores on them.

#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses its part")]

use std::time::Duration;

use doorward_cockroach::{CockroachSettings, CockroachStore, ConnectionUrl, Policy};
use doorward_testkit::postgres::{DatabaseOptions, Isolation, PostgresServer, TestDatabase};

/// Databases with the same key are copies of one another.
const SCHEMA: &str = env!("DOORWARD_SCHEMA_KEY");

/// Far more than any start takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// A database of its own with nothing in its tables.
pub(crate) struct Database(TestDatabase);

impl Database {
    /// `None` where there is no server to make one on.
    pub(crate) async fn fresh(isolation: Isolation) -> Option<Self> {
        let server = PostgresServer::from_environment()?;
        let options = DatabaseOptions::of_schema(SCHEMA).isolation(isolation);
        Some(Self(server.database(options, migrate).await))
    }

    /// A store on it.
    pub(crate) async fn store(&self) -> CockroachStore {
        open(&self.0.url(), CockroachSettings::default()).await
    }

    /// The database itself.
    pub(crate) fn inner(&self) -> &TestDatabase {
        &self.0
    }
}

/// A store on the database that a URL names.
pub(crate) async fn open(url: &str, settings: CockroachSettings) -> CockroachStore {
    CockroachStore::open(parsed(url), settings, PATIENCE).await.unwrap()
}

async fn migrate(url: &str) {
    let settings = CockroachSettings { deadline: Duration::from_secs(60), ..CockroachSettings::default() };
    let store = CockroachStore::connect(parsed(url), settings, PATIENCE).await.unwrap();
    store.migrate("a test", Duration::from_secs(60), |_| {}).await.unwrap();
    store.close();
}

pub(crate) fn parsed(url: &str) -> ConnectionUrl {
    ConnectionUrl::parse(url, Policy { allow_unverified: true }).unwrap()
}
