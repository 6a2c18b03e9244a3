//! From what the database says to what the ports promise.

use diesel::result::{DatabaseErrorKind, Error};
use doorward_domain::port::StoreError;
use doorward_sql::Failure;

use crate::connect::GetError;

/// What to do about an error. diesel hands on no SQLSTATE, so that most of them are known by how their text begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// The transaction was rolled back and may well succeed when it runs again (40001, 40P01).
    Retry,
    /// The connection is no longer good, or its node is going; whether a `COMMIT` got through is unknown.
    Reset,
    /// The table changed under a prepared statement (0A000): another connection prepares it anew.
    StalePlan,
    /// It took too long, or the server is short of something: now is not the time to try again.
    Overloaded,
    /// It would fail again.
    Permanent,
}

/// What a statement is answered after another one of its transaction has failed (25P02).
const CONSEQUENCE: &str = "current transaction is aborted";

/// `PostgreSQL` says "deadlock" where `CockroachDB` says "restart". A consequence whose cause nobody has heard may follow
/// from one of those: whatever else it was, the next try meets it again.
const RETRY: [&str; 3] = ["restart transaction", "deadlock detected", CONSEQUENCE];

const RESET: [&str; 11] = [
    // 40003
    "result is ambiguous",
    // 57P01 of CockroachDB
    "server is shutting down",
    "server is not accepting clients",
    // 57P01, 57P02 and 25P03 of PostgreSQL
    "terminating connection",
    // 57P03: starting up, shutting down, in recovery
    "the database system is",
    // 25P01: the transaction was ended by somebody else
    "there is no transaction in progress",
    // 25006: the host is a standby by now
    "cannot execute",
    // A node of CockroachDB lost another one (58C01 and without a code)
    "rpc error: code = Unavailable",
    "communication error",
    "failed to connect to n",
    "no inbound stream connection",
];

const STALE_PLAN: [&str; 1] = ["cached plan must not change result type"];

const OVERLOADED: [&str; 11] = [
    // 57014
    "query execution canceled",
    "canceling statement due to",
    // 53200, 53300, 53100 and their like
    "out of memory",
    "out of shared memory",
    "temporary file size exceeds",
    "sorry, too many clients",
    "remaining connection slots",
    "could not extend file",
    // XXC02: a cluster without a licence
    "The maximum number of concurrently open transactions",
    // 58C00
    "replica unavailable",
    // XX000 of CockroachDB
    "internal error",
];

/// 53200 of `CockroachDB`, behind the name of whatever ran out of it.
const SHORT_OF_MEMORY: &str = "memory budget exceeded";

/// `CockroachDB` may say so, where `PostgreSQL` lets one of two that insert the same begin again, to whom the other's row
/// is then there to be read.
const RACED: [&str; 2] = ["key_fingerprints_pkey", "sessions_pkey"];

/// Sorts an error of a statement, of `BEGIN` or of `COMMIT`.
pub(crate) fn classify(error: &Error) -> Class {
    match error {
        Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Class::Retry,
        error if RACED.iter().any(|constraint| violates(error, constraint)) => Class::Retry,
        Error::DatabaseError(
            DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection,
            _,
        )
        | Error::BrokenTransactionManager
        | Error::AlreadyInTransaction
        | Error::NotInTransaction => Class::Reset,
        Error::RollbackErrorOnCommit { commit_error, .. } => classify(commit_error),
        Error::DatabaseError(_, told) => {
            let begins = |texts: &[&str]| texts.iter().any(|text| told.message().starts_with(text));
            if begins(&RETRY) {
                Class::Retry
            } else if begins(&RESET) {
                Class::Reset
            } else if begins(&STALE_PLAN) {
                Class::StalePlan
            } else if begins(&OVERLOADED) || told.message().contains(SHORT_OF_MEMORY) {
                Class::Overloaded
            } else {
                Class::Permanent
            }
        }
        _ => Class::Permanent,
    }
}

/// Whether `error` says that a value is there already which this constraint allows once.
pub(crate) fn violates(error: &Error, constraint: &str) -> bool {
    matches!(
        error,
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, told)
            if told.constraint_name() == Some(constraint)
    )
}

/// Whether `error` says only that an earlier statement of the transaction failed (25P02).
pub(crate) fn is_consequence(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(_, told) if told.message().starts_with(CONSEQUENCE))
}

/// Why nothing could be answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// There is no connection.
    #[error(transparent)]
    Connection(#[from] GetError),
    /// The database refused, or did not answer.
    #[error("a transaction failed")]
    Transaction(#[source] Error),
    /// The connection broke while `COMMIT` was on its way.
    #[error("whether a transaction was carried out is unknown")]
    Ambiguous(#[source] Error),
    /// A row came that this service never wrote.
    #[error(transparent)]
    Failure(Failure),
    /// It is a standby, or was set so.
    #[error("the database takes no writes")]
    ReadOnly,
    /// The time of the operation was over.
    #[error("it took longer than an operation may")]
    TooSlow,
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        match &trouble {
            Trouble::Transaction(error) if classify(error) == Class::Permanent => {
                Self::Broken(Box::new(trouble))
            }
            Trouble::Failure(_) => Self::Broken(Box::new(trouble)),
            _ => Self::Unavailable(Box::new(trouble)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(kind: DatabaseErrorKind, text: &str) -> Error {
        Error::DatabaseError(kind, Box::new(text.to_owned()))
    }

    #[test]
    fn errors_are_known_by_their_kind_or_by_how_their_text_begins() {
        let unknown = [
            ("restart transaction: TransactionRetryWithProtoRefreshError: …", Class::Retry),
            ("deadlock detected", Class::Retry),
            ("current transaction is aborted, commands ignored until …", Class::Retry),
            ("result is ambiguous: replica removed", Class::Reset),
            ("server is shutting down", Class::Reset),
            ("server is not accepting clients, try another node", Class::Reset),
            ("terminating connection due to administrator command", Class::Reset),
            ("the database system is starting up", Class::Reset),
            ("there is no transaction in progress", Class::Reset),
            ("cannot execute INSERT in a read-only transaction", Class::Reset),
            ("cached plan must not change result type", Class::StalePlan),
            ("query execution canceled due to statement timeout", Class::Overloaded),
            ("canceling statement due to lock timeout", Class::Overloaded),
            ("sorry, too many clients already", Class::Overloaded),
            ("out of shared memory", Class::Overloaded),
            ("root: memory budget exceeded: 10240 bytes requested", Class::Overloaded),
            ("relation \"users\" does not exist", Class::Permanent),
        ];
        for (text, class) in unknown {
            assert_eq!(classify(&database(DatabaseErrorKind::Unknown, text)), class, "{text}");
        }
        let text = "could not serialize access";
        assert_eq!(classify(&database(DatabaseErrorKind::SerializationFailure, text)), Class::Retry);
        assert_eq!(classify(&database(DatabaseErrorKind::UnableToSendCommand, "")), Class::Reset);
        assert_eq!(classify(&database(DatabaseErrorKind::UniqueViolation, "")), Class::Permanent);
        assert_eq!(classify(&Error::NotFound), Class::Permanent);
    }

    #[test]
    fn only_what_would_fail_again_is_broken() {
        let broken = |error| matches!(StoreError::from(Trouble::Transaction(error)), StoreError::Broken(_));
        assert!(broken(database(DatabaseErrorKind::Unknown, "syntax error")));
        assert!(!broken(database(DatabaseErrorKind::Unknown, "memory budget exceeded")));
        assert!(!broken(database(DatabaseErrorKind::SerializationFailure, "")));
    }
}
