//! The command line: carries out what it asks for, and tells of a failure.

mod audit;
mod backup;
mod check;
mod config;
mod create_admin;
#[cfg(test)]
mod documents;
mod failure;
mod grammar;
mod healthcheck;
mod help;
mod keys;
mod man;
mod meter;
mod migrate;
mod new_password;
mod restore;
mod serve;
mod size;
mod terminal;
mod transfer;
mod users;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use doorward_sql::Extent;
use tracing::level_filters::LevelFilter;

use self::failure::{Failure, INTERRUPTED, TEMPORARY};
use self::grammar::{AdminCommand, Command, CommandLine, KeysCommand, MigrateCommand};
use crate::causes::with_causes;
use crate::settings::{Flags, Settings};
use crate::telemetry::{Telemetry, TracesUnusable};

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
    let sourced = Settings::load_sourced(&flags, command.purpose())?;
    let settings = &sourced.settings;
    // Held until the runtime is gone: whatever ends the command, its last lines are written.
    let telemetry = telemetry(&command, settings)?;
    if let Some(remark) = sourced.readable_secrets().filter(|_| matches!(command, Command::Serve)) {
        tracing::warn!("{remark}");
    }
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::Runtime)?;
    let outcome = runtime.block_on(carry_out_with(command, settings, &telemetry));
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
