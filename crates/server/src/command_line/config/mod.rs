//! `doorward config`: what the settings are, what they may be, and whether they will do.

mod check;
mod dump;
mod example;
mod files;
#[cfg(test)]
mod pages;
mod schema;

use std::io;
use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};

use super::{TEMPORARY, help, terminal};
use crate::settings::{Faults, Flags, Purpose, Settings};

#[derive(Subcommand)]
pub(super) enum ConfigCommand {
    /// Read all settings and look at the files they name; tells everything that is wrong and changes nothing
    #[command(after_help = help::CONFIG_CHECK_EXAMPLES)]
    Check {
        /// Also ask the database and Redis whether they can be used
        #[arg(long)]
        connect: bool,
    },
    /// Print what every setting is here and who says so; secrets are masked as `[redacted]`
    Dump {
        /// How they are written
        #[arg(long, value_enum, default_value_t = DumpFormat::Toml)]
        format: DumpFormat,
    },
    /// Print the JSON Schema (draft 2020-12) of a settings file, for editors and checks
    Schema,
    /// Print a settings file that explains every setting and has its default
    Example,
}

/// How settings are written.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum DumpFormat {
    /// As a settings file
    Toml,
    /// As one JSON object
    Json,
}

/// Why a command came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConfigFailed {
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] Faults),
    /// What they name is wrong.
    #[error(transparent)]
    Findings(#[from] check::Findings),
    /// The runtime is not to be had.
    #[error("the runtime cannot be started")]
    Runtime(#[source] io::Error),
    /// Standard output is closed, or is full.
    #[error("cannot write to standard output")]
    Output(#[source] io::Error),
}

impl ConfigFailed {
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Findings(findings) if findings.is_temporary() => ExitCode::from(TEMPORARY),
            Self::Settings(_) | Self::Findings(_) => ExitCode::from(2),
            Self::Runtime(_) | Self::Output(_) => ExitCode::FAILURE,
        }
    }
}

/// Does what is asked. `schema` and `example` read no settings.
pub(super) fn carry_out(command: &ConfigCommand, flags: &Flags) -> Result<(), ConfigFailed> {
    let read = |purpose| Settings::load_sourced(flags, purpose);
    let text = match command {
        ConfigCommand::Check { connect } => check::report(&read(Purpose::Serving)?, *connect)?,
        ConfigCommand::Dump { format: DumpFormat::Toml } => dump::toml(&read(Purpose::Command)?),
        ConfigCommand::Dump { format: DumpFormat::Json } => dump::json(&read(Purpose::Command)?),
        ConfigCommand::Schema => schema::text(),
        ConfigCommand::Example => example::text(),
    };
    terminal::say(&text).map_err(ConfigFailed::Output)
}
