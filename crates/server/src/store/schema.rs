//! The tables of the store in the settings: which version they have, and bringing them up to date.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use std::{io, process};

use doorward_cockroach::{CockroachStore, ConnectionUrl, MigrateError, Progress};
use doorward_crypto::RandomIds;
use doorward_domain::port::Ids;
use doorward_sql::{Extent, SchemaStatus};
use doorward_sqlite::{SqliteSettings, SqliteStore};
use tokio::time::{Instant, sleep, timeout};

use super::error::is_temporary;
use super::{StoreUnusable, connect, database, refuse_while_restored, server_settings};
use crate::data_dir;
use crate::settings::{Database, Settings};
use crate::stop::Stop;
use crate::telemetry::Log;

/// How long another process that is at it is waited for.
const PATIENCE: Duration = Duration::from_secs(300);

/// One migration of a large table takes a while.
const DEADLINE: Duration = Duration::from_secs(3_600);

/// One carries out a migration, the other renews the lease meanwhile; whatever the nodes may have.
const CONNECTIONS: usize = 2;

/// How long a migration that has begun is waited for when all of it is to stop: the lease surely lasts that long.
const FINISHING: Duration = Duration::from_secs(30);

/// How long giving the lease back may take. Otherwise it ends by itself.
const GIVING_BACK: Duration = Duration::from_secs(5);

/// Why the tables are not up to date.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MigrationFailed {
    /// There is no store to work with.
    #[error(transparent)]
    Store(#[from] StoreUnusable),
    /// A migration failed, or another process is at it.
    #[error("the database {0} was not brought up to date")]
    Migrate(String, #[source] Box<MigrateError>),
    /// The signals are not to be had.
    #[error("the migrations cannot be begun")]
    Signals(#[source] io::Error),
    /// Somebody asked for it; with what that is for the shell.
    #[error("stopped; what is missing is carried out when it is run again")]
    Stopped(u8),
}

impl MigrationFailed {
    /// Whether trying later may help.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Store(error) => error.is_temporary(),
            Self::Migrate(_, error) => is_temporary(error),
            Self::Signals(_) | Self::Stopped(_) => false,
        }
    }

    /// Whether the tables are those of a newer version.
    pub(crate) fn is_newer(&self) -> bool {
        match self {
            Self::Store(error) => error.is_about_schema(),
            Self::Migrate(_, error) => matches!(**error, MigrateError::Newer { .. }),
            Self::Signals(_) | Self::Stopped(_) => false,
        }
    }
}

/// Which migrations the store has. Nothing is made or changed.
pub(crate) async fn status(settings: &Settings) -> Result<SchemaStatus, MigrationFailed> {
    match database(settings)? {
        Database::Sqlite(file) => SqliteStore::schema_status(&file, SqliteSettings::default())
            .map_err(|error| StoreUnusable::file(settings.database().to_string(), error).into()),
        Database::Postgres { url, .. } => {
            let server_settings = server_settings(settings, settings.database_timeout);
            let store = connect(&url, settings, server_settings).await?;
            let status = store.schema_status().await;
            store.close();
            status.map_err(|error| MigrationFailed::Migrate(url.describe(), Box::new(error)))
        }
    }
}

/// Carries out every migration that is missing, as far as `extent` goes, and answers their names. `tell` is told on the way.
pub(crate) async fn apply(
    settings: &Settings,
    log: &Arc<Log>,
    extent: Extent,
    tell: impl FnMut(Progress),
) -> Result<Vec<String>, MigrationFailed> {
    match database(settings)? {
        Database::Sqlite(file) => {
            if settings.database_url.is_none() {
                data_dir::prepare(&settings.data_dir).map_err(StoreUnusable::from)?;
            }
            apply_to_file(&file, settings, extent, tell)
        }
        Database::Postgres { url, .. } => apply_to_server(&url, settings, log, extent, tell).await,
    }
}

/// `SQLite` carries out all of them or none, so they are told of afterwards, and a signal may end it at any moment.
fn apply_to_file(
    file: &Path,
    settings: &Settings,
    extent: Extent,
    mut tell: impl FnMut(Progress),
) -> Result<Vec<String>, MigrationFailed> {
    refuse_while_restored(file, &settings.database().to_string())?;
    let waiting = || tell(Progress::WaitingFor("another process".to_owned()));
    let done = SqliteStore::migrate(file, SqliteSettings::default(), extent, PATIENCE, waiting)
        .map_err(|error| StoreUnusable::file(settings.database().to_string(), error))?;
    for name in &done {
        tell(Progress::Begun(name.clone()));
    }
    Ok(done)
}

async fn apply_to_server(
    url: &ConnectionUrl,
    settings: &Settings,
    log: &Arc<Log>,
    extent: Extent,
    tell: impl FnMut(Progress),
) -> Result<Vec<String>, MigrationFailed> {
    let mut server_settings = server_settings(settings, DEADLINE);
    server_settings.pool.size = CONNECTIONS;
    let store = connect(url, settings, server_settings).await?;
    let stop = Stop::on_signals(Arc::clone(log)).map_err(MigrationFailed::Signals)?;
    let owner = owner();
    let done = tokio::select! {
        done = store.migrate_as_far_as(extent, &owner, PATIENCE, tell) => {
            done.map_err(|error| MigrationFailed::Migrate(url.describe(), Box::new(error)))
        }
        code = stop.code() => {
            give_up(&store, &owner).await;
            Err(MigrationFailed::Stopped(code))
        }
    };
    store.close();
    done
}

/// Nothing new begins by now. A statement that runs cannot be called back: others must not begin beside it.
async fn give_up(store: &CockroachStore, owner: &str) {
    if is_at_work(store) {
        tracing::warn!("stopping as soon as the migration that has begun is through");
    }
    let over = Instant::now() + FINISHING;
    while is_at_work(store) && Instant::now() < over {
        sleep(Duration::from_millis(20)).await;
    }
    if is_at_work(store) {
        tracing::warn!("a migration goes on in the database; others wait for at most a minute");
    } else if !matches!(timeout(GIVING_BACK, store.release_migrations(owner)).await, Ok(Ok(()))) {
        tracing::warn!("the lease on the migrations was not given back; others wait for at most a minute");
    }
}

fn is_at_work(store: &CockroachStore) -> bool {
    let connections = store.pool_status();
    connections.size > connections.available
}

/// What this process is called by others that wait for it.
fn owner() -> String {
    let system = rustix::system::uname();
    let host = system.nodename().to_string_lossy();
    format!("process {} on {host} ({})", process::id(), RandomIds.session())
}
