//! The server that the tests share; no two tests share a database on it.

use tokio_postgres::Client;
use url::Url;

use super::{DatabaseOptions, TestDatabase, connection, environment, template};

/// A PostgreSQL or CockroachDB server on which databases may be created.
#[derive(Debug, Clone)]
pub struct PostgresServer {
    url: Url,
}

/// Who made a server that speaks PostgreSQL's protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vendor {
    /// PostgreSQL itself.
    Postgres,
    /// CockroachDB.
    Cockroach,
}

impl PostgresServer {
    /// The server that `TEST_DATABASE_URL` names. `None` where it names none: the test is to be left out.
    ///
    /// What is left out is said once a process. Panics instead where a test must not be left out: with
    /// `TEST_SERVICES=required`, or when `CI` is set.
    pub fn from_environment() -> Option<Self> {
        environment::server_url().map(|url| Self::at(&url))
    }

    /// The server with this URL, which names a single host, and a database to connect to for creating others.
    pub fn at(url: &str) -> Self {
        Self { url: url.parse().unwrap() }
    }

    /// The server's `host:port`.
    pub fn address(&self) -> String {
        let host = self.url.host_str().unwrap();
        format!("{host}:{}", self.url.port().unwrap_or(5432))
    }

    /// A fresh database of its own, which is dropped when the answer is.
    ///
    /// `fill` gets the URL of an empty database, and makes the schema in it with connections that it needs no longer
    /// than that. On PostgreSQL this happens once for every key of a schema, whoever comes first among all test
    /// processes, and the database is a copy; on CockroachDB, which cannot copy, it happens each time.
    pub async fn database(&self, options: DatabaseOptions, fill: impl AsyncFnOnce(&str)) -> TestDatabase {
        let admin = self.admin().await;
        match vendor(&admin).await {
            Vendor::Postgres => {
                let template = template::of_schema(self, &admin, &options.schema, fill).await;
                let database = TestDatabase::named(self, Vendor::Postgres, fresh_name(&admin).await);
                template.copy(&admin, database.name()).await;
                database.isolate(&admin, options.isolation).await;
                database
            }
            Vendor::Cockroach => {
                let database = TestDatabase::named(self, Vendor::Cockroach, fresh_name(&admin).await);
                admin.batch_execute(&format!("CREATE DATABASE {}", database.name())).await.unwrap();
                database.isolate(&admin, options.isolation).await;
                fill(&database.url()).await;
                database
            }
        }
    }

    /// A connection to the database that the server's URL names.
    async fn admin(&self) -> Client {
        match connection::connect(self.url.as_str()).await {
            Ok(client) => client,
            Err(error) => panic!("the tests' server at {} cannot be used: {error:?}", self.address()),
        }
    }

    /// The same server's URL for another database.
    pub(super) fn url_of(&self, database: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(database);
        url
    }

    /// The URL for creating and dropping databases.
    pub(super) fn admin_url(&self) -> &Url {
        &self.url
    }
}

/// A name that no database has or had. The server draws it: nothing else here needs randomness.
pub(super) async fn fresh_name(admin: &Client) -> String {
    let row = admin.query_one("SELECT replace(gen_random_uuid()::TEXT, '-', '')", &[]).await.unwrap();
    format!("doorward_test_{}", row.get::<_, &str>(0))
}

async fn vendor(admin: &Client) -> Vendor {
    let row = admin.query_one("SELECT version()", &[]).await.unwrap();
    let version: &str = row.get(0);
    if version.starts_with("CockroachDB") { Vendor::Cockroach } else { Vendor::Postgres }
}
