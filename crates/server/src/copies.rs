//! What is kept beside the store, and where: in Redis, or in this process.

use std::path::PathBuf;
use std::sync::Arc;

use doorward_crypto::{RandomIds, SystemClock};
use doorward_domain::Copies;
use doorward_domain::port::{LoginThrottle, Probe};
use doorward_memory::{
    DocumentRoom, MemoryDocuments, MemoryRevocations, MemoryThrottle, RevocationRoom, ThrottleRoom,
};
use doorward_redis::{OpenError, RedisCopies, RedisParts, RedisSettings, WithoutRedis};

use crate::password_file::{self, PasswordFileError};
use crate::settings::{Database, Settings};
use crate::store::Store;
use crate::tasks::OwnTasks;

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
    /// To be waited for at the end.
    pub(crate) tasks: OwnTasks,
}

/// Why there is nothing to keep copies in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CopiesUnusable {
    /// The file of the password.
    #[error("redis_password_file {} cannot be used", .0.display())]
    Password(PathBuf, #[source] PasswordFileError),
    /// Redis is not as it must be.
    #[error(transparent)]
    Redis(#[from] OpenError),
}

impl Beside {
    /// As the settings say.
    pub(crate) async fn open(settings: &Settings, store: &Store) -> Result<Self, CopiesUnusable> {
        let tasks = OwnTasks::here();
        let throttle = Arc::new(MemoryThrottle::new(ThrottleRoom::default(), Arc::new(SystemClock)));
        let Some(redis_settings) = redis(settings)? else {
            return Ok(Self {
                copies: in_process(settings, store, &tasks),
                throttle,
                probe: None,
                _redis: None,
                tasks,
            });
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

/// In this process nobody is told of a change elsewhere, so that is only for a file of our own.
fn in_process(settings: &Settings, store: &Store, tasks: &OwnTasks) -> Copies {
    match settings.database() {
        Database::Sqlite(_) => Copies {
            revocations: Arc::new(MemoryRevocations::new(
                RevocationRoom::default(),
                settings.leeway,
                Arc::new(SystemClock),
                Arc::new(RandomIds),
            )),
            documents: Arc::new(MemoryDocuments::new(DocumentRoom::default())),
            tasks: Arc::new(tasks.clone()),
        },
        Database::Postgres { .. } => Copies {
            revocations: Arc::new(WithoutRedis::new(store.epochs.clone(), Arc::new(RandomIds))),
            tasks: Arc::new(tasks.clone()),
            ..Copies::none()
        },
    }
}
