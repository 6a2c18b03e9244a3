//! Connections that are kept, and shared by everybody.

mod cancellation;
mod connector;
mod error;
mod lifetime;
mod unfinished;

pub use error::{ConnectError, GetError};

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{self, Object, QueueMode};
use diesel_async::AsyncPgConnection;

use super::url::ConnectionUrl;
use connector::Connector;
use tokio::runtime::Handle;

/// How many connections there are, and how long each thing may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSettings {
    /// The most that are open at a time.
    pub size: usize,
    /// How long to wait for one that is in use.
    pub wait: Duration,
    /// How long opening one may take, with its encryption and its settings.
    pub create: Duration,
    /// How long after its last use one is taken to be alive; later it is asked before somebody gets it. Asking each time
    /// would double the time of the simplest query, and one that was closed in an orderly way is noticed without asking.
    pub fresh: Duration,
    /// How long one that is asked may take to answer.
    pub recycle: Duration,
    /// How old one may become, a tenth more or less. It is not ended while somebody has it.
    pub max_lifetime: Duration,
    /// How long one may go unused.
    pub idle: Duration,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self {
            size: 16,
            wait: Duration::from_secs(1),
            create: Duration::from_secs(3),
            fresh: Duration::from_secs(1),
            recycle: Duration::from_secs(1),
            max_lifetime: Duration::from_secs(300),
            idle: Duration::from_secs(60),
        }
    }
}

/// What a pool is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolStatus {
    /// The most that may be open.
    pub max_size: usize,
    /// How many are open.
    pub size: usize,
    /// How many of these nobody has.
    pub available: usize,
    /// How many callers have none yet: they wait for one, or for one to open.
    pub waiting: usize,
}

/// A pool; a clone is the same pool.
///
/// It opens connections when they are asked for, and hands out the one that came back last: those that are not needed
/// stay behind, and are closed when they were not used for [`PoolSettings::idle`]. That, and how old one is, is looked
/// at whenever somebody asks for a connection.
///
/// A connection may be used from another runtime than the one that opened it. When that one ends, its connections
/// are closed, and replaced like any other that was lost.
#[derive(Clone)]
pub struct Pool {
    connections: managed::Pool<Connector>,
    idle: Duration,
}

impl Pool {
    /// A pool without a connection yet. The files that the URL names are read, so that a wrong one is noticed now.
    ///
    /// It blocks while it reads.
    pub fn new(url: ConnectionUrl, settings: PoolSettings) -> Result<Self, ConnectError> {
        let connections = managed::Pool::builder(Connector::new(url, settings)?)
            // A pool without room would never give an answer other than that it has none.
            .max_size(settings.size.max(1))
            .queue_mode(QueueMode::Lifo)
            .wait_timeout(Some(settings.wait))
            .create_timeout(Some(settings.create))
            .runtime(Runtime::Tokio1)
            .build()?;
        Ok(Self { connections, idle: settings.idle })
    }

    /// A connection that is open and at rest. One that was used a moment ago ([`PoolSettings::fresh`]) is not asked whether
    /// it is still alive, so its first statement can fail when the database has just gone.
    pub async fn get(&self) -> Result<PooledConnection, GetError> {
        self.close_old();
        Ok(PooledConnection(self.connections.get().await?))
    }

    /// How many connections there are.
    pub fn status(&self) -> PoolStatus {
        let status = self.connections.status();
        PoolStatus {
            max_size: status.max_size,
            size: status.size,
            available: status.available,
            waiting: status.waiting,
        }
    }

    /// Closes every connection: those in use when they come back, the others at once. Nobody gets one any more.
    pub fn close(&self) {
        self.connections.close();
    }

    /// Ends what has its time behind it, and nobody has.
    fn close_old(&self) {
        let idle = self.idle;
        self.connections.retain(|connection, metrics| {
            metrics.last_used() < idle && metrics.age() < connection.lifetime()
        });
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("url", self.connections.manager().url())
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

/// A connection of a pool, which goes back to it when dropped.
///
/// The pool closes it then if it is in a transaction, or if a statement was begun whose answer nobody waited for.
pub struct PooledConnection(Object<Connector>);

impl PooledConnection {
    /// Closes the connection instead of giving it back; another one may be opened in its place. The database is asked to
    /// stop what it is doing for it, which it would otherwise do before it notices that nobody is there any more.
    pub fn discard(self) {
        let cancellation = self.0.cancellation();
        drop(Object::take(self.0));
        if let (Some(cancellation), Ok(runtime)) = (cancellation, Handle::try_current()) {
            runtime.spawn(cancellation.ask());
        }
    }
}

impl Deref for PooledConnection {
    type Target = AsyncPgConnection;

    fn deref(&self) -> &AsyncPgConnection {
        self.0.connection()
    }
}

impl DerefMut for PooledConnection {
    fn deref_mut(&mut self) -> &mut AsyncPgConnection {
        self.0.connection_mut()
    }
}

impl fmt::Debug for PooledConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PooledConnection").field(&Object::id(&self.0)).finish()
    }
}
