//! Databases for tests, on the server that `TEST_DATABASE_URL` names: PostgreSQL or CockroachDB.
//!
//! A test that finds no server returns at once, after the process has said so on its standard error; where tests must
//! be complete (`CI` or `TEST_SERVICES=required` is set) it fails instead.
//!
//! ```no_run
//! use doorward_testkit::postgres::{DatabaseOptions, PostgresServer};
//!
//! # async fn migrate(_url: &str) {}
//! # async fn example() {
//! let Some(server) = PostgresServer::from_environment() else { return };
//! let database = server.database(DatabaseOptions::of_schema("a_hash"), async |url| migrate(url).await).await;
//! // … open the adapter on `database.url()`, then look behind its back:
//! let rows = database.client().await.query("SELECT 1", &[]).await;
//! # }
//! ```

mod connection;
mod database;
mod environment;
mod options;
mod server;
mod template;

pub use database::TestDatabase;
pub use options::{DatabaseOptions, Isolation};
pub use server::{PostgresServer, Vendor};
