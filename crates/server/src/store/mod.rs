//! From the setting `database_url` to the ports of a store, whichever it is: the only place that knows both.

mod error;
pub(crate) mod schema;

pub(crate) use error::StoreUnusable;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use doorward_cockroach::{CockroachSettings, CockroachStore, ConnectionUrl, PoolSettings, PoolStatus};
use doorward_domain::port::{
    Archive, AuditLog, EpochRegistry, KeyRegistry, Probe, SessionRepository, UserIntake, UserRepository,
};
use doorward_sqlite::{SqliteSettings, SqliteStore, Waiting};
use metrics::gauge;

use crate::password_file;
use crate::restore;
use crate::settings::{Database, Settings, absolute};
use crate::telemetry::metrics::amount;

/// A batch of rows is more than a request is.
const BULK_DEADLINE: Duration = Duration::from_secs(60);

/// In KiB. Indexes of a million accounts are larger, but what a batch touches of them is not.
const BULK_CACHE: u32 = 16 * 1_024;

/// The ports of one store, and its end.
pub(crate) struct Store {
    /// Accounts.
    pub(crate) users: Arc<dyn UserRepository>,
    /// Sessions.
    pub(crate) sessions: Arc<dyn SessionRepository>,
    /// Who did what.
    pub(crate) audit: Arc<dyn AuditLog>,
    /// Whether it answers.
    pub(crate) probe: Arc<dyn Probe>,
    /// Which Redis every node believes.
    pub(crate) epochs: Arc<dyn EpochRegistry>,
    /// What every node shares.
    pub(crate) keys: Arc<dyn KeyRegistry>,
    /// Everything that it has.
    pub(crate) archive: Arc<dyn Archive>,
    /// Where many accounts come in.
    pub(crate) intake: Arc<dyn UserIntake>,
    place: String,
    adapter: Adapter,
}

enum Adapter {
    Sqlite(SqliteStore),
    Cockroach(CockroachStore),
}

/// What opening may do, and how long the store may take later.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening {
    /// Whether an embedded store is made, or brought up to date.
    pub(crate) migrate: bool,
    /// How long one operation may take on a server.
    pub(crate) deadline: Duration,
    /// Whether many rows are going to be written together.
    pub(crate) in_bulk: bool,
}

impl Opening {
    /// As for serving.
    pub(crate) fn usual(settings: &Settings) -> Self {
        Self { migrate: settings.migrate_at_start, deadline: settings.database_timeout, in_bulk: false }
    }

    /// For writing many rows together, which takes longer than a request may.
    pub(crate) fn in_bulk(settings: &Settings) -> Self {
        Self { deadline: BULK_DEADLINE, in_bulk: true, ..Self::usual(settings) }
    }

    /// Nothing is made or changed.
    pub(crate) fn as_it_is(settings: &Settings) -> Self {
        Self { migrate: false, ..Self::usual(settings) }
    }
}

impl Store {
    /// Opens the store of the settings for those who change it. One that holds only a part is refused.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, StoreUnusable> {
        Self::open_whole(settings, Opening::usual(settings)).await
    }

    /// The same, opened in another way.
    pub(crate) async fn open_whole(settings: &Settings, opening: Opening) -> Result<Self, StoreUnusable> {
        let store = Self::open_in_settings(settings, opening).await?;
        match store.archive.unfinished_transfer().await {
            Ok(None) => Ok(store),
            Ok(Some(from)) => Err(StoreUnusable::Unfinished { store: store.place, from }),
            Err(error) => Err(StoreUnusable::Silent(store.place, error)),
        }
    }

    /// Opens the store of the settings, also one that holds only a part.
    pub(crate) async fn open_in_settings(
        settings: &Settings,
        opening: Opening,
    ) -> Result<Self, StoreUnusable> {
        Self::open_at(&database(settings)?, settings, opening).await
    }

    /// Opens a store, which need not be that of the settings.
    pub(crate) async fn open_at(
        database: &Database,
        settings: &Settings,
        opening: Opening,
    ) -> Result<Self, StoreUnusable> {
        let place = database.to_string();
        match database {
            Database::Sqlite(file) => {
                refuse_while_restored(file, &place)?;
                let file_settings = file_settings(opening);
                match SqliteStore::open(file, file_settings) {
                    Ok(store) => {
                        // It may have begun meanwhile, and this may be the file that is moved aside.
                        refuse_while_restored(file, &place)?;
                        Ok(Self::new(&store, place, Adapter::Sqlite(store.clone())))
                    }
                    Err(error) => Err(StoreUnusable::file(place, error)),
                }
            }
            Database::Postgres { url, .. } => {
                let patience = settings.database_start_timeout;
                let server_settings = server_settings(settings, opening.deadline);
                match CockroachStore::open((**url).clone(), server_settings, patience).await {
                    Ok(store) => Ok(Self::new(&store, place, Adapter::Cockroach(store.clone()))),
                    Err(error) => Err(StoreUnusable::server(place, error)),
                }
            }
        }
    }

    fn new<S>(store: &S, place: String, adapter: Adapter) -> Self
    where
        S: UserRepository
            + SessionRepository
            + AuditLog
            + Probe
            + EpochRegistry
            + KeyRegistry
            + Archive
            + UserIntake
            + Clone
            + 'static,
    {
        let store = Arc::new(store.clone());
        Self {
            users: store.clone(),
            sessions: store.clone(),
            audit: store.clone(),
            probe: store.clone(),
            epochs: store.clone(),
            keys: store.clone(),
            archive: store.clone(),
            intake: store,
            place,
            adapter,
        }
    }

    /// The URL, without secrets.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// Tells the metrics how much there is to do.
    pub(crate) fn measure(&self) {
        let waiting = |queue: &'static str, steps| {
            gauge!("doorward_database_waiting", "queue" => queue).set(amount(steps));
        };
        match &self.adapter {
            Adapter::Sqlite(store) => {
                let Waiting { lookups, lists, writes } = store.waiting();
                waiting("lookups", lookups);
                waiting("lists", lists);
                waiting("writes", writes);
            }
            Adapter::Cockroach(store) => {
                let PoolStatus { max_size, size, available, waiting: callers } = store.pool_status();
                let connections = |state: &'static str, number| {
                    gauge!("doorward_database_connections", "state" => state).set(amount(number));
                };
                connections("in_use", size.saturating_sub(available));
                connections("idle", available);
                gauge!("doorward_database_connections_limit").set(amount(max_size));
                waiting("connections", callers);
            }
        }
    }

    /// The file, where it is one.
    pub(crate) fn file(&self) -> Option<&SqliteStore> {
        match &self.adapter {
            Adapter::Sqlite(store) => Some(store),
            Adapter::Cockroach(_) => None,
        }
    }

    /// Closes every connection, after what was begun. Whatever comes later is unavailable.
    ///
    /// This blocks.
    pub(crate) fn close(&self) {
        match &self.adapter {
            Adapter::Sqlite(store) => store.close(),
            Adapter::Cockroach(store) => store.close(),
        }
    }
}

/// While files are exchanged there may be none, and none may be made.
pub(crate) fn refuse_while_restored(file: &Path, place: &str) -> Result<(), StoreUnusable> {
    match restore::unfinished(&absolute(file)) {
        Ok(None) => Ok(()),
        Ok(Some(from)) => {
            Err(StoreUnusable::Restoring { store: place.to_owned(), from: from.display().to_string() })
        }
        Err(error) => Err(StoreUnusable::Notice(place.to_owned(), error)),
    }
}

/// The database of the settings, with the password that stands in a file of its own.
fn database(settings: &Settings) -> Result<Database, StoreUnusable> {
    let database = settings.database();
    match &settings.database_password_file {
        None => Ok(database),
        Some(file) => match password_file::read_private(file) {
            Ok(password) => Ok(database.with_password(&password)),
            Err(error) => Err(StoreUnusable::Password(file.clone(), error)),
        },
    }
}

/// For looking after a server, whatever its schema is.
async fn connect(
    url: &ConnectionUrl,
    settings: &Settings,
    server_settings: CockroachSettings,
) -> Result<CockroachStore, StoreUnusable> {
    let patience = settings.database_start_timeout;
    CockroachStore::connect(url.clone(), server_settings, patience)
        .await
        .map_err(|error| StoreUnusable::server(url.describe(), error))
}

fn file_settings(Opening { migrate, in_bulk, .. }: Opening) -> SqliteSettings {
    let usual = SqliteSettings { migrate, ..SqliteSettings::default() };
    if !in_bulk {
        return usual;
    }
    let writer_cache = BULK_CACHE;
    SqliteSettings { busy_timeout: BULK_DEADLINE, queue_timeout: BULK_DEADLINE, writer_cache, ..usual }
}

fn server_settings(settings: &Settings, deadline: Duration) -> CockroachSettings {
    CockroachSettings {
        pool: PoolSettings { size: settings.database_pool_size, ..PoolSettings::default() },
        deadline,
        ..CockroachSettings::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_settings_are_the_defaults_of_the_store() {
        let settings = Settings::default();
        let opening = Opening::usual(&settings);
        assert_eq!(server_settings(&settings, opening.deadline), CockroachSettings::default());
        assert_eq!(opening.migrate, SqliteSettings::default().migrate);
    }
}
