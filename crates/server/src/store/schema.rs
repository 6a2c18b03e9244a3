//! The tables of the store in the settings: which version they have, and bringing them up to date.

use std::path::Path;
use std::process;
use std::time::Duration;

use doorward_cockroach::{ConnectionUrl, MigrateError, Progress};
use doorward_crypto::RandomIds;
use doorward_domain::port::Ids;
use doorward_sql::SchemaStatus;
use doorward_sqlite::{SqliteSettings, SqliteStore};

use super::{StoreUnusable, connect, database};
use crate::data_dir;
use crate::settings::{Database, Settings};

/// How long another process that is at it is waited for.
const PATIENCE: Duration = Duration::from_secs(300);

/// One migration of a large table takes a while.
const DEADLINE: Duration = Duration::from_secs(3_600);

/// Why the tables are not up to date.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MigrationFailed {
    /// There is no store to work with.
    #[error(transparent)]
    Store(#[from] StoreUnusable),
    /// A migration failed, or another process is at it.
    #[error("the database {0} was not brought up to date")]
    Migrate(String, #[source] Box<MigrateError>),
}

impl MigrationFailed {
    /// Whether trying later may help.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Store(error) => error.is_temporary(),
            Self::Migrate(_, error) => matches!(**error, MigrateError::Busy { .. }),
        }
    }

    /// Whether the tables are those of a newer version.
    pub(crate) fn is_newer(&self) -> bool {
        match self {
            Self::Store(error) => error.is_about_schema(),
            Self::Migrate(_, error) => matches!(**error, MigrateError::Newer { .. }),
        }
    }
}

/// Which migrations the store has. Nothing is made or changed.
pub(crate) async fn status(settings: &Settings) -> Result<SchemaStatus, MigrationFailed> {
    match database(settings)? {
        Database::Sqlite(file) => SqliteStore::schema_status(&file, SqliteSettings::default())
            .map_err(|error| StoreUnusable::file(settings.database().to_string(), error).into()),
        Database::Postgres { url, .. } => {
            let store = connect(&url, settings, settings.database_timeout).await?;
            let status = store.schema_status().await;
            store.close();
            status.map_err(|error| MigrationFailed::Migrate(url.describe(), Box::new(error)))
        }
    }
}

/// Carries out every migration that is missing, and answers their names. `tell` is told on the way.
pub(crate) async fn apply(
    settings: &Settings,
    tell: impl FnMut(Progress),
) -> Result<Vec<String>, MigrationFailed> {
    match database(settings)? {
        Database::Sqlite(file) => {
            if settings.database_url.is_none() {
                data_dir::prepare(&settings.data_dir).map_err(StoreUnusable::from)?;
            }
            apply_to_file(&file, settings, tell)
        }
        Database::Postgres { url, .. } => apply_to_server(&url, settings, tell).await,
    }
}

/// `SQLite` carries out all of them or none, so they are told of afterwards.
fn apply_to_file(
    file: &Path,
    settings: &Settings,
    mut tell: impl FnMut(Progress),
) -> Result<Vec<String>, MigrationFailed> {
    let waiting = || tell(Progress::WaitingFor("another process".to_owned()));
    let done = SqliteStore::migrate(file, SqliteSettings::default(), PATIENCE, waiting)
        .map_err(|error| StoreUnusable::file(settings.database().to_string(), error))?;
    for name in &done {
        tell(Progress::Begun(name.clone()));
    }
    Ok(done)
}

async fn apply_to_server(
    url: &ConnectionUrl,
    settings: &Settings,
    tell: impl FnMut(Progress),
) -> Result<Vec<String>, MigrationFailed> {
    let store = connect(url, settings, DEADLINE).await?;
    let done = store.migrate(&owner(), PATIENCE, tell).await;
    store.close();
    done.map_err(|error| MigrationFailed::Migrate(url.describe(), Box::new(error)))
}

/// What this process is called by others that wait for it.
fn owner() -> String {
    let system = rustix::system::uname();
    let host = system.nodename().to_string_lossy();
    format!("process {} on {host} ({})", process::id(), RandomIds.session())
}
