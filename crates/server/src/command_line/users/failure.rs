//! Why `doorward users` came to nothing.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use doorward_crypto::KeyFileError;
use doorward_domain::accounts::UpdateError;
use doorward_domain::port::StoreError;
use doorward_domain::sessions::{EndError, SetPasswordError};
use doorward_domain::user::PasswordWeakness;

use crate::command_line::TEMPORARY;
use crate::command_line::new_password::NewPasswordError;
use crate::intake::{IntakeError, ResultsError};
use crate::store::StoreUnusable;
use crate::wiring::WiringError;

/// Why a command came to nothing.
#[derive(Debug, thiserror::Error)]
pub(in crate::command_line) enum UsersFailed {
    /// A part is missing.
    #[error(transparent)]
    Wiring(#[from] WiringError),
    /// There is no store to read from.
    #[error(transparent)]
    Store(#[from] StoreUnusable),
    /// The store failed half-way.
    #[error("the accounts cannot be read")]
    Read(#[from] StoreError),
    /// An account has no form as JSON.
    #[error("an account cannot be shown")]
    Shown(#[from] serde_json::Error),
    /// There is no such account.
    #[error("there is no account {0}")]
    NotFound(String),
    /// It was not changed.
    #[error("the account was not changed")]
    Change(#[source] UpdateError),
    /// No session was ended.
    #[error("the sessions were not ended")]
    End(#[source] EndError),
    /// There is no password to set.
    #[error(transparent)]
    NoPassword(#[from] NewPasswordError),
    /// The rules refuse the password.
    #[error("the password {0}")]
    Weak(PasswordWeakness),
    /// Perhaps it was not set; to set it once more harms nobody.
    #[error("it is not certain that the password is set: set it again")]
    SetPassword(#[source] SetPasswordError),
    /// The pepper is not to be had, and with it what tells it from others.
    #[error("the pepper, which hashes are of no use without, cannot be read")]
    Pepper(#[source] KeyFileError),
    /// Nothing says what the file looks like.
    #[error("--format must say what the file looks like: its name does not")]
    Format,
    /// A file cannot be used.
    #[error("{} cannot be used", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// Somebody asked for it; with what that is for the shell.
    #[error("stopped; nothing is left of the file")]
    Stopped(u8),
    /// The signals are not to be had.
    #[error("the export cannot be started")]
    Signals(#[source] io::Error),
    /// Somebody could read over the shoulder.
    #[error("hashes of passwords are not shown on a terminal: name a file")]
    HashesOnTerminal,
    /// There is no place for results.
    #[error("the results cannot be written to {}", .0.display())]
    Results(PathBuf, #[source] ResultsError),
    /// The signals are not to be had, or no thread.
    #[error("the import cannot be started")]
    Start(#[source] io::Error),
    /// Not every row was looked at.
    #[error(transparent)]
    Import(#[from] IntakeError),
    /// Standard output is closed, or is full.
    #[error("cannot write to standard output")]
    Output(#[from] io::Error),
}

impl UsersFailed {
    pub(in crate::command_line) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Format => ExitCode::from(2),
            Self::Stopped(code) => ExitCode::from(*code),
            failure if failure.is_temporary() => ExitCode::from(TEMPORARY),
            _ => ExitCode::FAILURE,
        }
    }

    fn is_temporary(&self) -> bool {
        match self {
            Self::Wiring(error) => error.is_temporary(),
            Self::Store(error) => error.is_temporary(),
            Self::Import(error) => error.is_temporary(),
            Self::Read(error)
            | Self::Change(UpdateError::Store(error))
            | Self::End(EndError::Store(error))
            | Self::SetPassword(SetPasswordError::Store(error)) => {
                matches!(error, StoreError::Unavailable(_))
            }
            _ => false,
        }
    }
}
