//! What is kept beside the store, and where: in Redis, or in this process.

use std::path::PathBuf;
use std::sync::Arc;

use doorward_crypto::{RandomIds, SystemClock};
use doorward_domain::Copies;
use doorward_domain::port::{LoginThrottle, Probe};
use doorward_memory::{
    DocumentRoom, Lease, MemoryDocuments, MemoryRevocations, MemoryThrottle, RevocationRoom, ThrottleRoom,
};
use doorward_redis::{OpenError, RedisCopies, RedisParts, RedisSettings, WithoutRedis};

use crate::password_file::{self, PasswordFileError, Shown};
use crate::settings::{Database, Settings};
use crate::store::Store;
use crate::tasks::OwnTasks;
use crate::watch::{Elsewhere, Watch};

/// Copies of what the store has, and counts of tries.
pub(crate) struct Beside {
    /// What is known about tokens, and documents.
    pub(crate) copies: Copies,
    /// How often somebody has tried.
    pub(crate) throttle: Arc<dyn LoginThrottle>,
    /// Whether what is not in this process answers.
    pub(crate) probe: Option<Arc<dyn Probe>>,
    /// Looks after Redis as long as it lives.
    _redis: Option<RedisCopies>,
    /// Looks after a file of our own likewise.
    _watch: Option<Watch>,
    /// To be waited for at the end.
    pub(crate) tasks: OwnTasks,
}

/// Why there is nothing to keep copies in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CopiesUnusable {
    /// The file of the password.
    #[error("redis_password_file {} cannot be used", Shown(.0))]
    Password(PathBuf, #[source] PasswordFileError),
    /// Redis is not as it must be.
    #[error(transparent)]
    Redis(#[from] OpenError),
}

impl Beside {
    /// As the settings say.
    pub(crate) async fn open(settings: &Settings, store: &Store) -> Result<Self, CopiesUnusable> {
        Self::with(settings, store, |tasks| in_process(settings, store, tasks)).await
    }

    /// For a command that changes accounts beside a running service: what that one remembers must not outlive the change.
    pub(crate) async fn of_command(settings: &Settings, store: &Store) -> Result<Self, CopiesUnusable> {
        let elsewhere = |tasks: &OwnTasks| match settings.database() {
            Database::Sqlite(file) => {
                let (revocations, tasks) = (Arc::new(Elsewhere::new(file)), Arc::new(tasks.clone()));
                Copies { revocations, tasks, ..Copies::none() }
            }
            Database::Postgres { .. } => beside_nodes(store, tasks),
        };
        Self::with(settings, store, |tasks| (elsewhere(tasks), None)).await
    }

    async fn with(
        settings: &Settings,
        store: &Store,
        without_redis: impl FnOnce(&OwnTasks) -> (Copies, Option<Watch>),
    ) -> Result<Self, CopiesUnusable> {
        let tasks = OwnTasks::here();
        let throttle = Arc::new(MemoryThrottle::new(ThrottleRoom::default(), Arc::new(SystemClock)));
        let Some(redis_settings) = redis(settings)? else {
            let (copies, watch) = without_redis(&tasks);
            return Ok(Self { copies, throttle, probe: None, _redis: None, _watch: watch, tasks });
        };
        let parts = RedisParts {
            epochs: store.epochs.clone(),
            sessions: store.sessions.clone(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            near_documents: Arc::new(MemoryDocuments::new(DocumentRoom::default())),
            lone_throttle: throttle,
        };
        let redis = RedisCopies::open(&redis_settings, parts).await?;
        Ok(Self {
            copies: Copies {
                revocations: redis.revocations.clone(),
                documents: redis.documents.clone(),
                tasks: Arc::new(tasks.clone()),
            },
            throttle: redis.throttle.clone(),
            probe: Some(redis.probe.clone()),
            _redis: Some(redis),
            _watch: None,
            tasks,
        })
    }
}

/// How Redis is used, with the password that stands in a file of its own.
pub(crate) fn redis(settings: &Settings) -> Result<Option<RedisSettings>, CopiesUnusable> {
    let (Some(mut redis), Some(file)) = (settings.redis(), &settings.redis_password_file) else {
        return Ok(settings.redis());
    };
    let password =
        password_file::read_private(file).map_err(|error| CopiesUnusable::Password(file.clone(), error))?;
    redis.url = redis.url.with_password(&password);
    redis.documents_url = redis.documents_url.with_password(&password);
    Ok(Some(redis))
}

/// In this process: for a file of our own, which others than commands of an operator do not write to.
fn in_process(settings: &Settings, store: &Store, tasks: &OwnTasks) -> (Copies, Option<Watch>) {
    let Some(file) = store.file() else { return (beside_nodes(store, tasks), None) };
    let lease = Arc::new(Lease::default());
    let revocations = MemoryRevocations::new(
        RevocationRoom::default(),
        settings.leeway,
        Arc::new(SystemClock),
        Arc::new(RandomIds),
    );
    let revocations = Arc::new(revocations.leased(lease.clone()));
    let watch = Watch::begin(file.clone(), revocations.clone(), lease);
    let documents = Arc::new(MemoryDocuments::new(DocumentRoom::default()));
    (Copies { revocations, documents, tasks: Arc::new(tasks.clone()) }, Some(watch))
}

/// Nothing is kept here, and nobody else may keep anything.
fn beside_nodes(store: &Store, tasks: &OwnTasks) -> Copies {
    Copies {
        revocations: Arc::new(WithoutRedis::new(store.epochs.clone(), Arc::new(RandomIds))),
        tasks: Arc::new(tasks.clone()),
        ..Copies::none()
    }
}
