//! Databases with our schema, and stores on them.

#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses its part")]

mod injecting;

use std::time::Duration;

use doorward_cockroach::{CockroachSettings, CockroachStore, ConnectionUrl, Policy};
use doorward_testkit::postgres::{DatabaseOptions, Isolation, PostgresServer, TestDatabase, Vendor};

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

    /// A store on it. With `TEST_INJECT_RETRY_ERRORS=1`, `CockroachDB` asks for some of its transactions again.
    pub(crate) async fn store(&self) -> CockroachStore {
        if injecting::is_wanted(self.0.vendor()) {
            let address = injecting::before(self.0.server().address()).await;
            return open(&self.0.url_through(address), injecting::settings()).await;
        }
        open(&self.0.url(), CockroachSettings::default()).await
    }

    /// Whether it is in `PostgreSQL`, which can be looked into in more ways.
    pub(crate) fn is_postgres(&self) -> bool {
        self.0.vendor() == Vendor::Postgres
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
