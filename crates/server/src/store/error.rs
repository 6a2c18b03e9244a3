//! Why there is no store to work with.

use std::io;
use std::path::PathBuf;

use doorward_cockroach::MigrateError;
use doorward_domain::port::StoreError;

use crate::data_dir::DataDirError;
use crate::password_file::{PasswordFileError, Shown};

/// Why a store is not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreUnusable {
    /// The directory of an embedded store is not used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The password for the server is not to be had.
    #[error("database_password_file = {} cannot be used", Shown(.0))]
    Password(PathBuf, #[source] PasswordFileError),
    /// The file does not open.
    #[error("the database {0} cannot be opened")]
    Sqlite(String, #[source] Box<doorward_sqlite::OpenError>),
    /// Nobody answers where the server should be.
    #[error(transparent)]
    OutOfReach(Box<doorward_cockroach::OpenError>),
    /// The server has not what is needed.
    #[error("the database {0} cannot be opened")]
    Cockroach(String, #[source] Box<doorward_cockroach::OpenError>),
    /// It opened, and answers no more.
    #[error("the database {0} does not answer")]
    Silent(String, #[source] StoreError),
    /// Files were being exchanged when a process ended.
    #[error(
        "a restore into {store} was interrupted: finish it with `doorward restore {from}`; until then the \
         database is not opened"
    )]
    Restoring {
        /// The store.
        store: String,
        /// The directory of the backup.
        from: String,
    },
    /// It cannot be told whether files were being exchanged.
    #[error("it cannot be told whether a restore into {0} was interrupted")]
    Notice(String, #[source] io::Error),
    /// Not everything is there yet.
    #[error(
        "the database {store} has only a part of what {from} has, because a transfer was not finished; finish it \
         with: doorward transfer --from {from} --to {store} (with users and passwords where they are needed)"
    )]
    Unfinished {
        /// The store.
        store: String,
        /// Where its content comes from.
        from: String,
    },
}

impl StoreUnusable {
    /// Why a file is not used.
    pub(super) fn file(place: String, error: doorward_sqlite::OpenError) -> Self {
        Self::Sqlite(place, Box::new(error))
    }

    /// Why a server is not used.
    pub(super) fn server(place: String, error: doorward_cockroach::OpenError) -> Self {
        match error {
            // This one names the place itself.
            doorward_cockroach::OpenError::Unreachable { .. } => Self::OutOfReach(Box::new(error)),
            error => Self::Cockroach(place, Box::new(error)),
        }
    }

    /// Whether trying later may help.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Sqlite(_, error) => error.is_busy(),
            Self::OutOfReach(_) => true,
            Self::Cockroach(_, error) => match &**error {
                doorward_cockroach::OpenError::Migrations(error) => is_temporary(error),
                _ => false,
            },
            Self::Silent(_, error) => matches!(error, StoreError::Unavailable(_)),
            Self::DataDir(_)
            | Self::Password(..)
            | Self::Restoring { .. }
            | Self::Notice(..)
            | Self::Unfinished { .. } => false,
        }
    }

    /// Whether the tables are those of another version.
    pub(crate) fn is_about_schema(&self) -> bool {
        use doorward_cockroach::OpenError as Server;
        use doorward_sqlite::OpenError as File;
        match self {
            Self::Sqlite(_, error) => matches!(**error, File::Older { .. } | File::Newer { .. }),
            Self::Cockroach(_, error) => matches!(**error, Server::Older { .. } | Server::Newer { .. }),
            _ => false,
        }
    }
}

/// Whether looking after the tables may go better later: the database was out of reach, or somebody else is at it.
pub(super) fn is_temporary(error: &MigrateError) -> bool {
    match error {
        MigrateError::Store(error) => matches!(error, StoreError::Unavailable(_)),
        MigrateError::Connection(_) | MigrateError::Busy { .. } | MigrateError::LostLease => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_passes_by_itself_may_be_tried_later() {
        let unavailable = || StoreError::Unavailable("gone".into());
        for (error, expected) in [
            (MigrateError::Store(unavailable()), true),
            (MigrateError::Store(StoreError::Broken("odd".into())), false),
            (MigrateError::Connection(doorward_cockroach::GetError::TooSlow), true),
            (MigrateError::Busy { owner: "another".to_owned() }, true),
            (MigrateError::LostLease, true),
            (MigrateError::Failed { name: "0001_users".to_owned(), source: "odd".into() }, false),
            (MigrateError::Newer { found: "9999".to_owned() }, false),
        ] {
            assert_eq!(is_temporary(&error), expected, "{error}");
            let opening = StoreUnusable::server("place".to_owned(), error.into());
            assert_eq!(opening.is_temporary(), expected, "{opening}");
        }
        assert!(StoreUnusable::Silent("place".to_owned(), unavailable()).is_temporary());
    }
}
