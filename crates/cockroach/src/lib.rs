//! Accounts and sessions in `CockroachDB` or `PostgreSQL`: the store ports of the domain for any number of nodes.
//!
//! Everything that is written goes through one wrapper that runs it in a `SERIALIZABLE` transaction and runs it again
//! where the database asks for that. Nothing of the database is remembered between two steps, since other nodes use it
//! at the same time.

mod archive;
mod audit;
mod chance;
mod connect;
mod epochs;
mod error;
mod gates;
mod intake;
mod keys;
mod migrations;
mod open;
mod operation;
mod sessions;
mod store;
mod transactions;
mod turns;
mod users;
mod writing;

#[cfg(test)]
mod plan_tests;

pub use connect::{
    ConnectError, ConnectionUrl, GetError, Policy, Pool, PoolSettings, PoolStatus, PooledConnection, SslMode,
    Timeouts, TlsError, UrlError,
};
pub use migrations::{MigrateError, Progress};
pub use open::OpenError;
pub use operation::OperationCount;
pub use store::{CockroachSettings, CockroachStore};
