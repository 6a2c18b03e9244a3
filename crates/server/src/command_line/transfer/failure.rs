//! Why `doorward transfer` came to nothing, and what it answers its shell.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::command_line::{INTERRUPTED, TEMPORARY};
use crate::password_file::{PasswordFileError, Shown};
use crate::settings::DatabaseError;
use crate::store::StoreUnusable;
use crate::transfer::TransferError;

/// Why not everything was taken along.
#[derive(Debug, thiserror::Error)]
pub(in crate::command_line) enum TransferFailed {
    /// One of the URLs is none.
    #[error("--{0} (or DOORWARD_TRANSFER_{upper}) cannot be used: {1}", upper = .0.to_uppercase())]
    Url(&'static str, DatabaseError),
    /// The file that holds one of them.
    #[error("--{0}-file (or DOORWARD_TRANSFER_{upper}_FILE) = {path} cannot be used", upper = .0.to_uppercase(), path = Shown(.1))]
    File(&'static str, PathBuf, #[source] PasswordFileError),
    /// Both are the same.
    #[error("--from and --to are the same database, {0}")]
    Same(String),
    /// The signals are not to be had.
    #[error("the transfer cannot be started")]
    Signals(#[source] io::Error),
    /// One of the two does not open.
    #[error("the {0} cannot be used")]
    Open(&'static str, #[source] StoreUnusable),
    /// The tables of one of the two are of another version.
    #[error(
        "the {0} cannot be used; with its URL as DOORWARD_DATABASE_URL, `doorward migrate` looks after its tables"
    )]
    Schema(&'static str, #[source] StoreUnusable),
    /// It came to no end.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// Standard output is closed, or is full.
    #[error("cannot write to standard output")]
    Output(#[from] io::Error),
}

impl TransferFailed {
    pub(super) fn url(option: &'static str, error: DatabaseError) -> Self {
        Self::Url(option, error)
    }

    pub(super) fn file(option: &'static str, path: &Path, error: PasswordFileError) -> Self {
        Self::File(option, path.to_owned(), error)
    }

    pub(super) fn open(end: &'static str, error: StoreUnusable) -> Self {
        if error.is_about_schema() { Self::Schema(end, error) } else { Self::Open(end, error) }
    }

    pub(in crate::command_line) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Url(..) | Self::File(..) | Self::Same(_) => ExitCode::from(2),
            Self::Open(_, error) if error.is_temporary() => ExitCode::from(TEMPORARY),
            Self::Transfer(TransferError::Stopped) => ExitCode::from(INTERRUPTED),
            Self::Transfer(error) if error.is_temporary() => ExitCode::from(TEMPORARY),
            _ => ExitCode::FAILURE,
        }
    }
}
