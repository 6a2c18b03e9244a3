//! Why the schema is not up to date.

use std::error::Error;

use doorward_domain::port::StoreError;

use crate::connect::GetError;

/// Why migrations were not carried out.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database is out of reach, or refuses.
    #[error("the database cannot be asked for its migrations")]
    Store(#[from] StoreError),
    /// There is no connection.
    #[error(transparent)]
    Connection(#[from] GetError),
    /// A newer version was here.
    #[error("the schema is newer than this version knows: migration {found} was carried out by another one")]
    Newer {
        /// The first migration that is in the way.
        found: String,
    },
    /// Somebody else is at it, and was for as long as we waited.
    #[error("another process is carrying out the migrations: {owner}")]
    Busy {
        /// What it calls itself.
        owner: String,
    },
    /// Somebody else took over, since we did not renew the lease for too long.
    #[error("another process took over the migrations in the meantime")]
    LostLease,
    /// One migration failed. Those before it are carried out; it is carried out by running all of this again.
    #[error("migration {name} failed; whatever it left is mended by running the migrations again")]
    Failed {
        /// Which.
        name: String,
        /// What the database said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The binary holds something that is no migration.
    #[error("the migrations in this binary cannot be read")]
    Embedded(#[source] Box<dyn Error + Send + Sync>),
    /// The runtime is ending.
    #[error("the migrations were interrupted")]
    Interrupted(#[from] tokio::task::JoinError),
}
