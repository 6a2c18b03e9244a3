//! The command line: what it takes, what it teaches, and how a failure is told.

mod audit;
mod create_admin;
mod help;
mod keys;
mod migrate;
mod serve;
mod terminal;
mod transfer;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use doorward_sql::Extent;
use tracing::level_filters::LevelFilter;

use crate::causes::with_causes;
use crate::settings::{Faults, Flags, Settings, TRANSFER_FROM, TRANSFER_TO};
use crate::telemetry::{Telemetry, TracesUnusable};

/// "Try again later", as `sysexits.h` of BSD has it.
const TEMPORARY: u8 = 75;

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
    Transfer {
        /// The database that has everything; it is only read
        #[arg(long, env = TRANSFER_FROM, hide_env_values = true, value_name = "URL")]
        from: String,
        /// The database that gets everything: an empty one, or a file that is not there
        #[arg(long, env = TRANSFER_TO, hide_env_values = true, value_name = "URL")]
        to: String,
    },
    /// Print the description of the API (`OpenAPI`)
    Openapi,
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
    /// Not everything was taken along.
    #[error(transparent)]
    Transfer(#[from] transfer::TransferFailed),
    /// Traces cannot be sent.
    #[error(transparent)]
    Traces(#[from] TracesUnusable),
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
            Self::Migrate(failure) => failure.exit_code(),
            Self::Transfer(failure) => failure.exit_code(),
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
    if let Command::Openapi = command {
        terminal::say(&format!("{:#}\n", doorward_http::description()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let settings = Settings::load(&flags)?;
    // Held until the runtime is gone: whatever ends the command, its last lines are written.
    let telemetry = telemetry(&command, &settings)?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::Runtime)?;
    let outcome = runtime.block_on(carry_out_with(command, &settings, &telemetry));
    // A directory that does not answer must not keep the process.
    runtime.shutdown_timeout(GRACE);
    outcome
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
        Command::Transfer { from, to } => transfer::transfer(settings, &from, &to, log).await?,
        Command::Openapi => {}
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
