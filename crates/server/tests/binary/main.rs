//! The real binary, run as a person or a service manager runs it.

#![expect(clippy::unwrap_used, reason = "a surprise has to fail the test that met it")]

mod command_line;
mod kill;
mod secrecy;
mod service;
mod support;
