//! Why a command failed, and the status that tells a shell.

use std::io;
use std::process::ExitCode;

use super::{
    audit, backup, check, config, create_admin, healthcheck, keys, man, migrate, restore, serve, transfer,
    users,
};
use crate::settings::Faults;
use crate::telemetry::TracesUnusable;

/// "Try again later", as `sysexits.h` of BSD has it.
pub(super) const TEMPORARY: u8 = 75;

/// A process that was ended by SIGINT.
pub(super) const INTERRUPTED: u8 = 130;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
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
    pub(super) fn exit_code(&self) -> ExitCode {
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
