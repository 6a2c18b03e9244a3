//! From what `SQLite` says to what the ports promise.

use std::any::Any;
use std::sync::Arc;

use diesel::result::{DatabaseErrorKind, Error};
use doorward_domain::port::StoreError;
use doorward_sql::{Abort, Failure};

use crate::open::OpenError;

/// What the caller is told of a step that came to nothing.
pub(crate) fn answer<E: From<StoreError>>(abort: Abort<E>) -> E {
    match abort {
        Abort::Refused(answer) => answer,
        Abort::Failed(failure) => failed(failure).into(),
    }
}

/// What the caller is told of a query that failed.
pub(crate) fn failed(failure: Failure) -> StoreError {
    match failure {
        Failure::Statement(error) => store_error(error),
        row @ Failure::Row(_) => StoreError::Broken(Box::new(row)),
    }
}

/// A thread that ended, a queue without room, or a batch that came to nothing.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("the queue in front of SQLite is full")]
    QueueFull,
    #[error("it waited too long in the queue in front of SQLite, and was not carried out")]
    WaitedTooLong,
    #[error("the store is closed")]
    Closed,
    #[error("the step panicked: {0}")]
    Panicked(String),
    #[error("an earlier write could not be made durable; nothing is written until a restart")]
    NotDurable,
    #[error("the file could not be opened again")]
    NoConnection(#[source] Arc<OpenError>),
    #[error("the transaction failed")]
    Transaction(#[source] StatementError),
}

impl Trouble {
    /// After a failure had the connection closed.
    pub(crate) fn no_connection(error: OpenError) -> Self {
        Self::NoConnection(Arc::new(error))
    }

    /// From what `catch_unwind` caught.
    pub(crate) fn panicked(payload: &(dyn Any + Send)) -> Self {
        let text = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned());
        Self::Panicked(text.unwrap_or_else(|| "without a message".to_owned()))
    }
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Panicked(_) => Self::Broken(Box::new(trouble)),
            Trouble::Transaction(error) => store_error(error),
            _ => Self::Unavailable(Box::new(trouble)),
        }
    }
}

/// What `SQLite` says when trying later may help (`sqlite3_errstr`); diesel hands on no result code.
const PASSING: [&str; 9] = [
    "database is locked",
    "database table is locked",
    "database schema is locked",
    "database or disk is full",
    DISK_IO,
    "attempt to write a readonly database",
    "unable to open database file",
    "locking protocol",
    "out of memory",
];

const DISK_IO: &str = "disk I/O error";

/// Sorts an error of a statement, of `BEGIN` or of `COMMIT`.
pub(crate) fn store_error(error: impl Into<StatementError>) -> StoreError {
    let error = error.into();
    if error.says(&PASSING) || error.is_about_transactions() {
        StoreError::Unavailable(Box::new(error))
    } else {
        StoreError::Broken(Box::new(error))
    }
}

/// An error of diesel that several callers can be told: those of one batch.
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct StatementError(Arc<Error>);

impl From<Error> for StatementError {
    fn from(error: Error) -> Self {
        Self(Arc::new(error))
    }
}

impl StatementError {
    /// Whether the disk failed, so that nobody knows what it holds.
    pub(crate) fn is_disk_failure(&self) -> bool {
        self.says(&[DISK_IO])
    }

    fn says(&self, texts: &[&str]) -> bool {
        message(&self.0).is_some_and(|message| texts.iter().any(|text| message.starts_with(text)))
    }

    /// `SQLite` ended a transaction by itself, as it does when the disk is full.
    fn is_about_transactions(&self) -> bool {
        matches!(*self.0, Error::BrokenTransactionManager | Error::NotInTransaction)
            || self.says(&["no such savepoint", "cannot commit", "cannot rollback"])
    }
}

/// What `SQLite` said.
pub(crate) fn message(error: &Error) -> Option<&str> {
    match error {
        Error::DatabaseError(_, told) => Some(told.message()),
        Error::RollbackErrorOnCommit { commit_error, .. } => message(commit_error),
        _ => None,
    }
}

/// Whether `error` says that `column` (`table.column`) has this value already. `SQLite` names no constraint; the
/// columns stand in the text.
pub(crate) fn is_taken(error: &Error, column: &str) -> bool {
    let Error::DatabaseError(DatabaseErrorKind::UniqueViolation, told) = error else {
        return false;
    };
    told.message()
        .strip_prefix("UNIQUE constraint failed: ")
        .is_some_and(|columns| columns.split(", ").any(|one| one == column))
}
