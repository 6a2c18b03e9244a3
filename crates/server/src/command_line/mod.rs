//! The command line: what it takes, what it teaches, and how a failure is told.

mod audit;
mod backup;
mod check;
mod config;
mod create_admin;
mod healthcheck;
mod help;
mod keys;
mod man;
mod meter;
mod migrate;
mod restore;
mod serve;
mod size;
mod terminal;
mod transfer;
mod users;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use clap_complete::Shell;
use doorward_sql::Extent;
use tracing::level_filters::LevelFilter;

use crate::causes::with_causes;
use crate::settings::{Faults, Flags, Purpose, Settings};
use crate::telemetry::{Telemetry, TracesUnusable};

/// "Try again later", as `sysexits.h` of BSD has it.
const TEMPORARY: u8 = 75;

/// A process that was ended by SIGINT.
const INTERRUPTED: u8 = 130;

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
    /// Look after accounts: take them in from files, hand them out, list them, change one
    #[command(subcommand)]
    Users(Box<users::UsersCommand>),
    /// Look after the tables of the database
    #[command(subcommand, after_help = help::MIGRATE_EXAMPLES)]
    Migrate(MigrateCommand),
    /// Look after what every node shares: the signing keys and the pepper
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Read the audit log: who did what to whom, the newest first, a JSON object a line
    #[command(after_help = help::AUDIT_EXAMPLES)]
    Audit(audit::AuditArguments),
    /// Take every account, session and entry of the audit log from one database to another
    #[command(after_help = help::TRANSFER_EXAMPLES)]
    Transfer(transfer::TransferArguments),
    /// Look at the settings: what they are, what they may be, and whether they will do
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Ask a node whether it is ready; exits with 0 if it says so within 2 seconds, 1 otherwise
    #[command(after_help = help::HEALTHCHECK_EXAMPLES)]
    Healthcheck {
        /// Where to ask, instead of where the settings have it listen; without a path it is /readyz
        #[arg(long, value_name = "URL")]
        url: Option<String>,
    },
    /// Print the completions for a shell
    #[command(after_help = help::COMPLETIONS_EXAMPLES)]
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the man page
    #[command(after_help = help::MAN_EXAMPLES)]
    Man {
        /// Write a page for every command into this directory instead
        #[arg(long, value_name = "DIRECTORY")]
        directory: Option<PathBuf>,
    },
    /// Back up an embedded database, the keys and the pepper into a new directory; the service may be running
    #[command(after_help = help::BACKUP_EXAMPLES)]
    Backup(backup::BackupArguments),
    /// Put a backup in the place of the database; the service must not be running
    #[command(after_help = help::RESTORE_EXAMPLES)]
    Restore(restore::RestoreArguments),
    /// Look an embedded database through; exits with 1 if anything is wrong. The service may be running
    Check,
    /// Print the description of the API (`OpenAPI`)
    Openapi,
}

impl Command {
    /// What settings are read for.
    fn purpose(&self) -> Purpose {
        if matches!(self, Self::Serve) { Purpose::Serving } else { Purpose::Command }
    }
}

#[derive(Subcommand)]
enum MigrateCommand {
    /// Say which migrations the database has; exits with 0 if all, 1 if some are pending, 3 if a newer version was here and
    /// did more than to add
    Status,
    /// Say which migrations `apply` would carry out
    Plan,
    /// Carry out the migrations that are missing; waits up to five minutes for another process that does, then exits with 75
    Apply {
        /// Leave out what takes away from older versions (`contract` in its name), because some still run
        #[arg(long)]
        expand_only: bool,
    },
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Say how the keys of tokens stand: which signs, which stand by, which only verify, and which are retired
    List {
        /// How the list is written
        #[arg(long, value_enum, default_value_t = keys::Format::Text)]
        format: keys::Format,
    },
    /// Make another key that verifies and stands by to sign, as `token_algorithm` says
    Generate,
    /// Have the standby key sign; the one before goes on verifying. Waits until every node has the key
    #[command(after_help = help::ROTATE_EXAMPLES)]
    Rotate {
        /// The key, if more than one stands by, or one that has signed before
        #[arg(allow_hyphen_values = true)]
        kid: Option<String>,
        /// Wait for no node: one that lacks the key refuses its tokens
        #[arg(long)]
        now: bool,
    },
    /// End a key for good, on every node, once no token of it is good any more
    Retire {
        /// The key
        #[arg(allow_hyphen_values = true)]
        kid: String,
        /// Also while tokens of it are good: whoever has one has to log in again
        #[arg(long)]
        now: bool,
    },
    /// Compare what this node has with what the database knows; exits with 0 if it is the same, 1 if it differs, 75 if the database is out of reach
    Fingerprints,
    /// Make what this node has that of the whole service; a missing signing key is made, a missing pepper is not
    #[command(after_help = help::ADOPT_WARNING)]
    Adopt,
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
    /// The tables were not looked after.
    #[error(transparent)]
    Migrate(#[from] migrate::MigrateFailed),
    /// The keys were not looked after.
    #[error(transparent)]
    Keys(#[from] keys::KeysFailed),
    /// The audit log was not told.
    #[error(transparent)]
    Audit(#[from] audit::AuditFailed),
    /// There is no backup.
    #[error(transparent)]
    Backup(#[from] backup::BackupCommandFailed),
    /// Nothing was restored.
    #[error(transparent)]
    Restore(#[from] restore::RestoreCommandFailed),
    /// The database was not looked at.
    #[error(transparent)]
    Check(#[from] check::CheckFailed),
    /// The accounts were not looked after.
    #[error(transparent)]
    Users(#[from] users::UsersFailed),
    /// Not everything was taken along.
    #[error(transparent)]
    Transfer(#[from] transfer::TransferFailed),
    /// Traces cannot be sent.
    #[error(transparent)]
    Traces(#[from] TracesUnusable),
    /// The settings were not looked at.
    #[error(transparent)]
    Config(#[from] config::ConfigFailed),
    /// The node is not ready.
    #[error(transparent)]
    Healthcheck(#[from] healthcheck::Unready),
    /// Shells and `man` were not told.
    #[error(transparent)]
    Man(#[from] man::ManFailed),
    /// The runtime is not to be had.
    #[error("the runtime cannot be started")]
    Runtime(#[source] io::Error),
    /// Standard output is closed, or is full.
    #[error("cannot write to standard output")]
    Output(#[from] std::io::Error),
}

impl Failure {
    /// 2 is what a shell expects for "you called me wrongly", settings included. A store that is out of reach passes.
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Settings(_) => ExitCode::from(2),
            Self::Config(failure) => failure.exit_code(),
            Self::Migrate(failure) => failure.exit_code(),
            Self::Transfer(failure) => failure.exit_code(),
            Self::Backup(failure) => failure.exit_code(),
            Self::Restore(failure) => failure.exit_code(),
            Self::Check(failure) => failure.exit_code(),
            Self::Users(failure) => failure.exit_code(),
            Self::Serve(failure) if failure.is_temporary() => ExitCode::from(TEMPORARY),
            Self::CreateAdmin(failure) if failure.is_temporary() => ExitCode::from(TEMPORARY),
            Self::Audit(failure) if failure.is_temporary() => ExitCode::from(TEMPORARY),
            Self::Keys(failure) if failure.is_temporary() => ExitCode::from(TEMPORARY),
            _ => ExitCode::FAILURE,
        }
    }
}

/// Does what the command line says.
pub(crate) fn run() -> ExitCode {
    match carry_out(CommandLine::parse()) {
        Ok(code) => code,
        Err(failure) => {
            terminal::complain(&format!("doorward: {}", with_causes(&failure)));
            failure.exit_code()
        }
    }
}

fn carry_out(CommandLine { command, flags }: CommandLine) -> Result<ExitCode, Failure> {
    let command = command.unwrap_or(Command::Serve);
    if carry_out_without(&command, &flags)? {
        return Ok(ExitCode::SUCCESS);
    }
    let settings = Settings::load(&flags, command.purpose())?;
    // Held until the runtime is gone: whatever ends the command, its last lines are written.
    let telemetry = telemetry(&command, &settings)?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::Runtime)?;
    let outcome = runtime.block_on(carry_out_with(command, &settings, &telemetry));
    // A directory that does not answer must not keep the process.
    runtime.shutdown_timeout(GRACE);
    outcome
}

/// Does what needs neither a store nor a runtime of this process; false for everything else.
fn carry_out_without(command: &Command, flags: &Flags) -> Result<bool, Failure> {
    match command {
        Command::Config(command) => config::carry_out(command, flags)?,
        Command::Healthcheck { url } => healthcheck::healthcheck(url.as_deref(), flags)?,
        Command::Completions { shell } => man::completions(*shell)?,
        Command::Man { directory } => man::man(directory.as_deref())?,
        Command::Openapi => terminal::say(&format!("{:#}\n", doorward_http::description()))?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// How long what is left on other threads may take when all is done.
const GRACE: Duration = Duration::from_secs(2);

/// A command that ends by itself says what it does; only what may be wrong is logged, and nothing is traced.
fn telemetry(command: &Command, settings: &Settings) -> Result<Telemetry, TracesUnusable> {
    match command {
        Command::Serve => Telemetry::start(settings, settings.log_level, true),
        _ => Telemetry::start(settings, settings.log_level.min(LevelFilter::WARN), false),
    }
}

async fn carry_out_with(
    command: Command,
    settings: &Settings,
    telemetry: &Telemetry,
) -> Result<ExitCode, Failure> {
    let log = &telemetry.log;
    match command {
        Command::Serve => serve::serve(settings, telemetry).await?,
        Command::Admin(AdminCommand::Create { email, password_file }) => {
            create_admin::create_admin(settings, &email, password_file.as_deref()).await?;
            terminal::say(&format!("{email} is an admin now.\n"))?;
        }
        Command::Users(command) => return Ok(users::carry_out(*command, settings, log).await?),
        Command::Migrate(MigrateCommand::Status) => return Ok(migrate::status(settings).await?),
        Command::Migrate(MigrateCommand::Plan) => migrate::plan(settings).await?,
        Command::Migrate(MigrateCommand::Apply { expand_only }) => {
            let extent = if expand_only { Extent::WithoutContract } else { Extent::Everything };
            migrate::apply(settings, log, extent).await?;
        }
        Command::Keys(KeysCommand::List { format }) => keys::list(settings, format).await?,
        Command::Keys(KeysCommand::Generate) => keys::generate(settings).await?,
        Command::Keys(KeysCommand::Rotate { kid, now }) => {
            keys::rotate(settings, kid.as_deref(), now).await?;
        }
        Command::Keys(KeysCommand::Retire { kid, now }) => keys::retire(settings, &kid, now).await?,
        Command::Keys(KeysCommand::Fingerprints) => return Ok(keys::fingerprints(settings).await?),
        Command::Keys(KeysCommand::Adopt) => keys::adopt(settings).await?,
        Command::Audit(arguments) => audit::tell(settings, arguments).await?,
        Command::Transfer(arguments) => transfer::transfer(settings, &arguments, log).await?,
        Command::Backup(arguments) => backup::back_up(settings, &arguments, log).await?,
        Command::Restore(arguments) => restore::restore(settings, &arguments)?,
        Command::Check => return Ok(check::check(settings)?),
        // These are done by now.
        Command::Config(_)
        | Command::Healthcheck { .. }
        | Command::Completions { .. }
        | Command::Man { .. }
        | Command::Openapi => {}
    }
    Ok(ExitCode::SUCCESS)
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
