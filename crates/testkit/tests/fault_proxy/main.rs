//! The fault proxy does on the wire what its actions say, and leaves client and server in one mind.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a surprise fails the test that met it")]

mod commits;
mod connections;
mod scene;
mod soak;
mod statements;
mod waiting;
