//! Doorward: the composition root and its command line.
//!
//! Settings become adapters, adapters become use cases, use cases are served over HTTP. Nothing is decided here
//! that an operator does not decide.

mod backup;
mod banner;
mod care;
mod causes;
mod command_line;
mod copies;
mod data_dir;
mod file_system;
mod first_admin;
mod hangups;
mod intake;
mod listen;
mod ownership;
mod password_file;
mod restore;
mod settings;
mod shared_keys;
mod stop;
mod store;
mod tasks;
mod telemetry;
mod tls;
mod transfer;
mod watch;
mod wiring;

use std::process::ExitCode;

fn main() -> ExitCode {
    command_line::run()
}
