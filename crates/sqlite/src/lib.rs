//! Accounts and sessions in one `SQLite` file: every store port of the domain, embedded.
//!
//! Writes go through one thread, which carries out what waits together in one transaction; reads go through a few
//! others. Other processes may use the same file at the same time, so nothing of it is remembered between two steps.

mod archive;
mod audit;
mod epochs;
mod error;
mod examine;
mod intake;
mod keys;
mod open;
mod sessions;
mod snapshot;
mod store;
mod threads;
mod users;
mod writing;

#[cfg(test)]
mod plan_tests;

pub use examine::{Examination, Finding};
pub use open::OpenError;
pub use snapshot::Revival;
pub use store::{SqliteSettings, SqliteStore, Waiting};
