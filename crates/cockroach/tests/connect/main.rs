//! Connections to a real PostgreSQL: encrypted, kept, lost and abandoned.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a surprise fails the test that met it"
)]

mod certificates;
mod database;
mod encryption;
mod keeping;
mod leaving;
mod network;
mod refusals;
mod server;
mod silence;
