//! From settings to ports: what a service gets of Redis.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use doorward_domain::port::{
    Clock, EpochRegistry, Ids, LoginThrottle, Probe, Revocations, SessionRepository, StoreError,
    UserDocuments,
};
use tokio::task::{AbortHandle, JoinHandle};

use crate::connect::{ConnectError, Connector, TlsFiles};
use crate::documents::{LayeredDocuments, RedisDocuments};
use crate::lanes::Lanes;
use crate::revocations::RedisRevocations;
use crate::throttle::RedisThrottle;
use crate::trust::{Health, Keeper, KeeperParts, Trust};
use crate::url::RedisUrl;

/// What an operator decides about Redis.
#[derive(Clone, Debug)]
pub struct RedisSettings {
    /// For what is known about tokens, and for throttles.
    pub url: RedisUrl,
    /// For documents.
    pub documents_url: RedisUrl,
    /// For TLS.
    pub tls: TlsFiles,
    /// How long an answer may take.
    pub timeout: Duration,
    /// Whether nodes remember what they have read, as long as the server tells them of changes.
    pub client_caching: bool,
    /// How long an access token lasts.
    pub access_lifetime: Duration,
    /// How long after its end a token is still accepted.
    pub leeway: Duration,
}

/// What Redis is beside of.
pub struct RedisParts {
    /// Which server all nodes believe.
    pub epochs: Arc<dyn EpochRegistry>,
    /// The sessions themselves.
    pub sessions: Arc<dyn SessionRepository>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New identifiers.
    pub ids: Arc<dyn Ids>,
    /// Documents in this process.
    pub near_documents: Arc<dyn UserDocuments>,
    /// Counts while Redis is away.
    pub lone_throttle: Arc<dyn LoginThrottle>,
}

/// The ports, and the task that looks after what they believe; it ends with this value.
pub struct RedisCopies {
    /// What is known about tokens.
    pub revocations: Arc<dyn Revocations>,
    /// Documents of accounts.
    pub documents: Arc<dyn UserDocuments>,
    /// How often somebody has tried.
    pub throttle: Arc<dyn LoginThrottle>,
    /// Whether Redis is in use.
    pub probe: Arc<dyn Probe>,
    keeper: JoinHandle<()>,
}

/// Why Redis is not used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The settings lead nowhere, or not to where they should.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// It is there, and would lose what it must keep.
    #[error("{server} cannot be used: {fault}")]
    Unfit {
        /// Which.
        server: String,
        /// Why.
        fault: String,
    },
}

impl OpenError {
    /// Whether trying later may help.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Connect(error) if error.is_temporary())
    }
}

impl RedisCopies {
    /// Connects, checks how the server is set up, and begins to look after it. A server that is out of reach is no
    /// error: the database answers until it is there.
    pub async fn open(settings: &RedisSettings, parts: RedisParts) -> Result<Self, OpenError> {
        let connector = Connector::new(&settings.url, &settings.tls, settings.timeout)?;
        let documents = Connector::new(&settings.documents_url, &settings.tls, settings.timeout)?;
        // If it cannot be reached, the keeper says so, and goes on trying.
        let first_away = check(&connector, true).await?;
        if let (None, Some(error)) = (first_away, check(&documents, false).await?) {
            let error: &dyn Error = &error;
            tracing::warn!(server = documents.describe(), error, "documents in Redis are out of reach");
        }
        let RedisParts { epochs, sessions, clock, ids, near_documents, lone_throttle } = parts;
        let connector = Arc::new(connector);
        let lanes = Arc::new(Lanes::new(connector.clone(), settings.client_caching));
        let trust = Arc::new(Trust::new(epochs, ids.clone()));
        let keeper = Keeper::new(KeeperParts {
            trust: trust.clone(),
            connector,
            sessions,
            clock: clock.clone(),
            retention: settings.access_lifetime + settings.leeway,
        });
        let health = keeper.health();
        let keeper = keeper.start().await;
        let documents = Arc::new(RedisDocuments::new(Lanes::new(Arc::new(documents), false)));
        let probe = RedisProbe { health, keeper: keeper.abort_handle(), documents: documents.clone() };
        Ok(Self {
            revocations: Arc::new(RedisRevocations::new(lanes.clone(), trust, ids, clock, settings.leeway)),
            documents: Arc::new(LayeredDocuments::new(near_documents, documents)),
            throttle: Arc::new(RedisThrottle::new(lanes, lone_throttle)),
            probe: Arc::new(probe),
            keeper,
        })
    }
}

impl Drop for RedisCopies {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

/// Asks both servers whether they can be used as they are set up. Nothing is kept or changed; that one is out of reach
/// is an error here.
pub async fn reach(settings: &RedisSettings) -> Result<(), OpenError> {
    for (url, keeps_revocations) in [(&settings.url, true), (&settings.documents_url, false)] {
        let connector = Connector::new(url, &settings.tls, settings.timeout)?;
        if let Some(error) = check(&connector, keeps_revocations).await? {
            return Err(error.into());
        }
    }
    Ok(())
}

/// Whether a server may be used as it is set up. Answers why it could not be asked, where that may be over soon.
async fn check(connector: &Connector, keeps_revocations: bool) -> Result<Option<ConnectError>, OpenError> {
    let looked = async { connector.connect(None).await?.inspect().await }.await;
    match looked {
        Ok(inspection) => match inspection.unfit(keeps_revocations) {
            Some(fault) => Err(OpenError::Unfit { server: connector.describe(), fault: fault.to_string() }),
            None => Ok(None),
        },
        Err(error) if error.is_temporary() => Ok(Some(error)),
        Err(error) => Err(error.into()),
    }
}

/// Whether Redis is in use. The service works without.
struct RedisProbe {
    health: Arc<Health>,
    keeper: AbortHandle,
    documents: Arc<RedisDocuments>,
}

#[async_trait]
impl Probe for RedisProbe {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn is_needed(&self) -> bool {
        false
    }

    async fn probe(&self) -> Result<(), StoreError> {
        if self.keeper.is_finished() {
            return Err(StoreError::Broken("nobody looks after Redis".into()));
        }
        if let Some(error) = self.health.trouble() {
            return Err(StoreError::Unavailable(Box::new(error)));
        }
        self.documents.ping().await.map_err(|error| StoreError::Unavailable(Box::new(error)))
    }
}
