//! Why the store does not open.

use doorward_domain::port::StoreError;

use crate::connect::ConnectError;
use crate::migrations::MigrateError;

/// Why the store does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The files that the URL names cannot be used, or the server does not take who comes with them.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Nobody answers, or somebody refuses.
    #[error("{database} is out of reach")]
    Unreachable {
        /// Where it should be.
        database: String,
        /// Why.
        source: StoreError,
    },
    /// The server is of another time.
    #[error("the server is PostgreSQL {found}; it must be 15 or newer, or CockroachDB 23.1 or newer")]
    TooOld {
        /// Its version.
        found: String,
    },
    /// Transactions would not be what every promise rests on.
    #[error(
        "the database does not run transactions SERIALIZABLE but {found}, in spite of what it was asked for"
    )]
    Isolation {
        /// What it runs them as.
        found: String,
    },
    /// Not every text could be kept.
    #[error(
        "the database keeps texts as {found} and not as UTF8; make one with CREATE DATABASE … ENCODING 'UTF8'"
    )]
    Encoding {
        /// What it keeps them as.
        found: String,
    },
    /// Lists would be in another order, and searched wrongly.
    #[error(
        "the database does not compare texts byte by byte; make one with \
         CREATE DATABASE … TEMPLATE template0 LOCALE 'C'"
    )]
    Collation,
    /// The tables are those of an older version.
    #[error("the schema is older than this version: {missing} is missing; run `doorward migrate apply`")]
    Older {
        /// The first migration that was not carried out.
        missing: String,
    },
    /// The tables are those of a newer version.
    #[error(
        "the schema is newer than this version knows, and not one that it may go on with: migration {found}; run a \
         newer doorward, or restore a backup from before it"
    )]
    Newer {
        /// The first migration that is unknown and does more than to add.
        found: String,
    },
    /// It does not say which migrations it has.
    #[error(transparent)]
    Migrations(#[from] MigrateError),
}
