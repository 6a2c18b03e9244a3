//! Accounts and sessions in one `SQLite` file: every store port of the domain, embedded.
//!
//! Writes go through one thread, which carries out what waits together in one transaction; reads go through a few
//! others. Other processes may use the same file at the same time, so nothing of it is remembered between two steps.

mod archive;
mod audit;
mod epochs;
mod error;
mod intake;
mod keys;
mod open;
mod sessions;
mod store;
mod threads;
mod users;
mod writing;

#[cfg(test)]
mod plan_tests;

pub use open::OpenError;
pub use store::{SqliteSettings, SqliteStore, Waiting};
