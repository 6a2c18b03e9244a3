//! The real binary, run as a person or a service manager runs it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "this is test code: a surprise has to fail the test that met it"
)]

mod audit;
mod backup;
mod backup_under_load;
mod client;
mod command_line;
mod config;
mod crowds;
mod databases;
mod disk;
mod draining;
mod floods;
mod healthcheck;
mod hostile_text;
mod keys;
mod keys_rotation;
mod keys_support;
mod kill;
mod logging;
mod migrate;
mod nodes;
mod redis;
mod secrecy;
mod secrets;
mod service;
mod support;
mod telemetry;
mod throttles;
mod tls;
mod traces;
mod transfer;
mod users;
