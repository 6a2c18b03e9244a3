//! Opening the file: made private, looked at before anything is written, brought up to date.

mod connect;
mod file;
mod inspect;
mod migrate;
mod place;

pub(crate) use connect::Access;
pub(crate) use file::{DatabaseFile, make_private};
pub(crate) use inspect::{look_at, number, schema};
pub(crate) use migrate::{Failed, complete_schema};

use std::error::Error;
use std::io;

use diesel::ConnectionError;
use doorward_sql::{BadColumn, Failure};

use crate::error;

/// Why a file was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file could not be made or found.
    #[error("the file cannot be made or reached")]
    File(#[source] io::Error),
    /// `SQLite`'s interface wants paths in UTF-8.
    #[error("the path is not valid UTF-8")]
    Path,
    /// Another name leads to the same file, and `SQLite` would keep a second log beside that one.
    #[error(
        "the file has a second name (a hard link), and whoever opens it by that one damages it; remove one"
    )]
    SeveralNames,
    /// The file alone is mounted where it is, and its log lies beside its other name.
    #[error("the file is mounted by itself, so that its log is elsewhere; mount the directory that it is in")]
    MountedAlone,
    /// Somebody else has the file open.
    #[error("another process has the file open")]
    InUse,
    /// The file is on another machine.
    #[error(
        "the file is on {0}, a file system of the network, where SQLite can neither lock it nor share its log"
    )]
    Network(&'static str),
    /// `SQLite` could not open it.
    #[error("SQLite cannot open the file")]
    Connect(#[from] ConnectionError),
    /// It is something else, or encrypted, or its first page is destroyed.
    #[error("the file is not a SQLite database")]
    NotADatabase,
    /// It is a `SQLite` database with tables of another application.
    #[error("the file is a SQLite database, but not one of Doorward")]
    Foreign,
    /// `SQLite` finds it damaged; this is what it says.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// There is no file, and none was to be made.
    #[error("there is no such file; `doorward migrate apply` makes it")]
    Absent,
    /// The tables are those of an older version, and were not to be changed.
    #[error("the tables are older than this version: {missing} is missing; run `doorward migrate apply`")]
    Older {
        /// The first migration that was not carried out.
        missing: String,
    },
    /// A newer version of this service has changed the tables.
    #[error(
        "the file was made by a newer version, and is not one that this one may go on with: it has migration {found}, \
         and this version knows up to {known}; run a newer doorward, or restore a backup from before it"
    )]
    Newer {
        /// A migration that this version does not know.
        found: String,
        /// The last one that it knows.
        known: String,
    },
    /// `SQLite` did not take a setting over, for instance on a file system that cannot share memory.
    #[error("SQLite has {setting} = {found} where {wanted} is needed")]
    Setting {
        /// The pragma.
        setting: &'static str,
        /// What was asked for.
        wanted: String,
        /// What it is.
        found: String,
    },
    /// A migration failed; nothing of it stays.
    #[error("bringing the tables up to date failed")]
    Migration(#[source] Box<dyn Error + Send + Sync>),
    /// What was to be written has no form in the tables.
    #[error("a row cannot be written")]
    Row(#[source] BadColumn),
    /// Another statement failed on the way.
    #[error("a statement failed")]
    Statement(#[source] diesel::result::Error),
    /// The system gave no thread.
    #[error("a thread cannot be started")]
    Thread(#[source] io::Error),
}

impl OpenError {
    /// Whether another process kept the file to itself for longer than was waited. Trying later may help.
    pub fn is_busy(&self) -> bool {
        match self {
            Self::InUse => true,
            Self::Statement(error) => {
                error::message(error).is_some_and(|message| message.starts_with("database is locked"))
            }
            _ => false,
        }
    }
}

impl From<Failure> for OpenError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Statement(error) => error.into(),
            Failure::Row(error) => Self::Row(error),
        }
    }
}

impl From<diesel::result::Error> for OpenError {
    fn from(error: diesel::result::Error) -> Self {
        match error::message(&error) {
            Some(message) if message.starts_with("file is not a database") => Self::NotADatabase,
            Some(message) if message.starts_with("database disk image is malformed") => {
                Self::Damaged(message.to_owned())
            }
            _ => Self::Statement(error),
        }
    }
}
