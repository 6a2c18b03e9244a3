//! The handle that the rest of the service holds.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::sql_types::Integer;
use diesel_async::RunQueryDsl;
use doorward_domain::port::{Probe, StoreError};
use futures_util::FutureExt;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::chance::Chance;
use crate::connect::{ConnectError, ConnectionUrl, GetError, Pool, PoolSettings, PoolStatus};
use crate::error::Trouble;
use crate::gates::Gates;
use crate::operation::{Counters, Operation, OperationCount};
use crate::sessions::Sweep;
use crate::turns::Turns;

/// What an operator may decide about the database's use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CockroachSettings {
    /// Connections.
    pub pool: PoolSettings,
    /// How long one operation may take, with all its tries; then it is [`StoreError::Unavailable`].
    pub deadline: Duration,
    /// How often an operation is tried, the first time included.
    pub tries: u32,
}

impl Default for CockroachSettings {
    fn default() -> Self {
        Self { pool: PoolSettings::default(), deadline: Duration::from_millis(2_500), tries: 10 }
    }
}

/// Accounts and sessions in a database that other nodes use as well. Clones share connections.
#[derive(Clone)]
pub struct CockroachStore(Arc<Shared>);

struct Shared {
    pool: Pool,
    settings: CockroachSettings,
    turns: Turns,
    gates: Gates,
    lists: Semaphore,
    counters: Counters,
    chance: Chance,
    sweep: Sweep,
}

impl CockroachStore {
    /// A store without a connection yet; nothing is known of the database. The files that the URL names are read.
    pub fn new(url: ConnectionUrl, settings: CockroachSettings) -> Result<Self, ConnectError> {
        Ok(Self(Arc::new(Shared {
            pool: Pool::new(url, settings.pool)?,
            settings,
            turns: Turns::default(),
            gates: Gates::new(settings.pool.size),
            lists: Semaphore::new((settings.pool.size / 2).max(1)),
            counters: Counters::default(),
            chance: Chance::new(),
            sweep: Sweep::default(),
        })))
    }

    /// How often each operation was tried again, and given up.
    pub fn counts(&self) -> Vec<OperationCount> {
        self.0.counters.read()
    }

    /// How many connections there are.
    pub fn pool_status(&self) -> PoolStatus {
        self.0.pool.status()
    }

    /// Closes every connection; whatever comes later, from any clone, is [`StoreError::Unavailable`].
    pub fn close(&self) {
        self.0.pool.close();
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.0.pool
    }

    pub(crate) fn settings(&self) -> &CockroachSettings {
        &self.0.settings
    }

    pub(crate) fn turns(&self) -> &Turns {
        &self.0.turns
    }

    pub(crate) fn gates(&self) -> &Gates {
        &self.0.gates
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.0.counters
    }

    pub(crate) fn sweeping(&self) -> &Sweep {
        &self.0.sweep
    }

    /// A number for whoever must not do the same as everybody else.
    pub(crate) fn chance(&self) -> u64 {
        self.0.chance.draw()
    }

    /// A place among those who walk through lists: half of the connections, so that a flood of lists costs lists, never
    /// the look-up that every request begins with.
    pub(crate) async fn list_place(&self) -> Result<SemaphorePermit<'_>, StoreError> {
        let place = timeout(self.0.settings.pool.wait, self.0.lists.acquire()).await;
        let place = place.map_err(|_| Trouble::from(GetError::Exhausted))?;
        Ok(place.map_err(|_| Trouble::from(GetError::Closed))?)
    }
}

impl fmt::Debug for CockroachStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CockroachStore").field("pool", &self.0.pool).finish_non_exhaustive()
    }
}

#[async_trait]
impl Probe for CockroachStore {
    fn name(&self) -> &'static str {
        "database"
    }

    /// Asks the database for a number.
    async fn probe(&self) -> Result<(), StoreError> {
        self.read(Operation::Probe, &(), |connection, ()| {
            async {
                let _one: i32 = sql::<Integer>("SELECT 1::INT4").get_result(connection).await?;
                Ok(())
            }
            .boxed()
        })
        .await
    }
}
