//! The command line: what it takes, what it teaches, and how a failure is told.

mod create_admin;
mod help;
mod serve;
mod terminal;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::settings::{Faults, Flags, Settings};

/// A user-account and session service in one binary.
///
/// Without a command it serves: on the first start it makes its data directory, a signing key and an admin whose
/// password it prints once.
#[derive(Parser)]
#[command(name = "doorward", version, after_help = help::EXAMPLES, after_long_help = help::long(), max_term_width = 100)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API (this is what `doorward` alone does)
    Serve,
    /// Look after admins
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Print the description of the API (`OpenAPI`)
    Openapi,
}

#[derive(Subcommand)]
enum AdminCommand {
    /// Open an account for an admin; the service may be running
    #[command(after_help = help::ADMIN_EXAMPLES)]
    Create {
        /// E-mail address, which is also the username
        email: String,
        /// Read the password from this file, `-` for standard input, instead of asking for it
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] Faults),
    /// Serving failed.
    #[error(transparent)]
    Serve(#[from] serve::ServeError),
    /// The admin was not made.
    #[error(transparent)]
    CreateAdmin(#[from] create_admin::CreateAdminError),
    /// Standard output is closed, or is full.
    #[error("cannot write to standard output")]
    Output(#[from] std::io::Error),
}

impl Failure {
    /// 2 is what a shell expects for "you called me wrongly", settings included.
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Settings(_) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}

/// Does what the command line says.
pub(crate) fn run() -> ExitCode {
    match carry_out(CommandLine::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::complain(&format!("doorward: {}", with_causes(&failure)));
            failure.exit_code()
        }
    }
}

fn carry_out(CommandLine { command, flags }: CommandLine) -> Result<(), Failure> {
    match command.unwrap_or(Command::Serve) {
        Command::Serve => Ok(serve::serve(&Settings::load(&flags)?)?),
        Command::Admin(AdminCommand::Create { email, password_file }) => {
            let settings = Settings::load(&flags)?;
            create_admin::create_admin(&settings, &email, password_file.as_deref())?;
            Ok(terminal::say(&format!("{email} is an admin now.\n"))?)
        }
        Command::Openapi => Ok(terminal::say(&format!("{:#}\n", doorward_http::description()))?),
    }
}

/// An error and what led to it, on one line.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn long_help_names_every_setting_and_its_variable() {
        let help = CommandLine::command().render_long_help().to_string();
        for setting in crate::settings::chapters().iter().flat_map(|chapter| &chapter.settings) {
            assert!(help.contains(&crate::settings::environment_name(setting.name)), "{}", setting.name);
        }
    }
}
