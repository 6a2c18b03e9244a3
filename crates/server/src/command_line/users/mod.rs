//! `doorward users`: accounts, by the million and one by one, for whoever has the database.

mod change;
mod export;
mod failure;
mod import;
mod list;
mod progress;
mod show;

pub(super) use failure::UsersFailed;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use doorward_domain::user::{Email, Role};

use super::help;
use crate::intake::Format;
use crate::settings::Settings;
use crate::telemetry::Log;

/// What is done with accounts.
#[derive(Subcommand)]
pub(super) enum UsersCommand {
    /// Take accounts in from a file; the service may be running
    #[command(after_help = help::IMPORT_EXAMPLES)]
    Import(ImportArguments),
    /// Hand every account out, a row each
    #[command(after_help = help::EXPORT_EXAMPLES)]
    Export(ExportArguments),
    /// List accounts
    List(list::ListArguments),
    /// Show one account
    Show {
        /// Username or e-mail address
        #[arg(value_parser = address)]
        username: Email,
        /// How it is written
        #[arg(long, value_enum, default_value_t = Output::Table)]
        format: Output,
    },
    /// Close an account; its sessions end at once
    Disable {
        /// Username or e-mail address
        #[arg(value_parser = address)]
        username: Email,
    },
    /// Open a closed account again
    Enable {
        /// Username or e-mail address
        #[arg(value_parser = address)]
        username: Email,
    },
    /// Give an account another role
    SetRole {
        /// Username or e-mail address
        #[arg(value_parser = address)]
        username: Email,
        /// user or admin
        role: Role,
    },
    /// Set the password of somebody who forgot theirs; every session of the account ends at once
    #[command(after_help = help::SET_PASSWORD_EXAMPLES)]
    SetPassword {
        /// Username or e-mail address
        #[arg(value_parser = address)]
        username: Email,
        /// Read the password from this file, `-` for standard input, instead of asking for it
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// End every session of an account at once
    EndSessions {
        /// Username or e-mail address
        #[arg(value_parser = address)]
        username: Email,
    },
}

/// How accounts are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// For people
    Table,
    /// For programs: a JSON object a line
    Json,
}

/// What is taken in, and how.
#[derive(Args)]
pub(super) struct ImportArguments {
    /// The file; `-` for standard input
    file: PathBuf,
    /// What the file looks like; by the end of its name unless given
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write what became of each row to this file, a JSON object a line
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
    /// Go on where the file of results ends
    #[arg(long, requires = "results")]
    resume: bool,
    /// Look at every row, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// What is handed out, and how.
#[derive(Args)]
pub(super) struct ExportArguments {
    /// The file, which must not be there; `-` or nothing for standard output
    file: Option<PathBuf>,
    /// What it looks like; by the end of its name unless given
    #[arg(long, value_enum, value_parser = export_format)]
    format: Option<Format>,
    /// Hand out what proves passwords as well
    #[arg(long)]
    with_hashes: bool,
}

fn export_format(text: &str) -> Result<Format, String> {
    match Format::from_str(text, false) {
        Ok(format @ (Format::Ndjson | Format::Csv)) => Ok(format),
        _ => Err("must be ndjson or csv".to_owned()),
    }
}

fn address(text: &str) -> Result<Email, String> {
    Email::parse(text).map_err(|error| error.to_string())
}

/// Does what is asked.
pub(super) async fn carry_out(
    command: UsersCommand,
    settings: &Settings,
    log: &Arc<Log>,
) -> Result<ExitCode, UsersFailed> {
    match command {
        UsersCommand::Import(arguments) => return import::import(settings, arguments, log).await,
        UsersCommand::Export(arguments) => export::export(settings, arguments, log).await?,
        UsersCommand::List(arguments) => list::list(settings, arguments).await?,
        UsersCommand::Show { username, format } => show::show(settings, &username, format).await?,
        UsersCommand::Disable { username } => change::set_active(settings, &username, false).await?,
        UsersCommand::Enable { username } => change::set_active(settings, &username, true).await?,
        UsersCommand::SetRole { username, role } => change::set_role(settings, &username, role).await?,
        UsersCommand::SetPassword { username, password_file } => {
            change::set_password(settings, &username, password_file.as_deref()).await?;
        }
        UsersCommand::EndSessions { username } => change::end_sessions(settings, &username).await?,
    }
    Ok(ExitCode::SUCCESS)
}
