//! The handle that the rest of the service holds.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use doorward_domain::port::{Probe, StoreError};
use doorward_sql::intake::Expectation;
use doorward_sql::schema::users;
use doorward_sql::{Asked, KeptDocuments};
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
    /// How often an operation is tried that gets into the way of others, the first time included.
    pub tries: u32,
    /// How often one is tried whose connection is lost: somebody waits, and perhaps nobody is there.
    pub tries_of_lost: u32,
}

impl Default for CockroachSettings {
    fn default() -> Self {
        Self {
            pool: PoolSettings::default(),
            deadline: Duration::from_millis(2_500),
            tries: 20,
            tries_of_lost: 10,
        }
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
    busy: Semaphore,
    counters: Counters,
    chance: Chance,
    sweep: Sweep,
    expectation: Expectation,
    kept: KeptDocuments,
    asked: Asked,
}

impl CockroachStore {
    /// A store without a connection yet; nothing is known of the database. The files that the URL names are read.
    pub fn new(url: ConnectionUrl, settings: CockroachSettings) -> Result<Self, ConnectError> {
        let size = settings.pool.size;
        let busy = (size - size / 4).max(1);
        Ok(Self(Arc::new(Shared {
            pool: Pool::new(url, settings.pool)?,
            settings,
            turns: Turns::default(),
            gates: Gates::new(busy),
            lists: Semaphore::new((size / 2).max(1)),
            busy: Semaphore::new(busy),
            counters: Counters::default(),
            chance: Chance::new(),
            sweep: Sweep::default(),
            expectation: Expectation::default(),
            kept: KeptDocuments::default(),
            asked: Asked::default(),
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

    /// What lists have read before.
    pub(crate) fn kept(&self) -> &KeptDocuments {
        &self.0.kept
    }

    /// What is being asked of it.
    pub(crate) fn asked(&self) -> &Asked {
        &self.0.asked
    }

    pub(crate) fn expectation(&self) -> &Expectation {
        &self.0.expectation
    }

    /// A number for whoever must not do the same as everybody else.
    pub(crate) fn chance(&self) -> u64 {
        self.0.chance.draw()
    }

    /// A place among those who walk through lists: half of the connections, so that a flood of lists costs lists.
    pub(crate) async fn list_place(&self) -> Result<[SemaphorePermit<'_>; 2], StoreError> {
        let place = timeout(self.0.settings.pool.wait, self.0.lists.acquire()).await;
        let place = place.map_err(|_| Trouble::from(GetError::Exhausted))?;
        let place = place.map_err(|_| Trouble::from(GetError::Closed))?;
        Ok([place, self.busy_place().await.map_err(Trouble::from)?])
    }

    /// A place among those who write or walk through lists, who may be held up for long: a quarter of the connections is
    /// left to the look-up that every request begins with.
    pub(crate) async fn busy_place(&self) -> Result<SemaphorePermit<'_>, GetError> {
        let place = timeout(self.0.settings.pool.wait, self.0.busy.acquire()).await;
        place.map_err(|_| GetError::Exhausted)?.map_err(|_| GetError::Closed)
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

    /// Looks into a table, and whether anything may be written.
    async fn probe(&self) -> Result<(), StoreError> {
        let writable = self
            .read(Operation::Probe, &(), |connection, ()| {
                async {
                    let _anybody: bool =
                        diesel::select(exists(users::table.select(users::id))).get_result(connection).await?;
                    let writable = sql::<Bool>("SELECT current_setting('transaction_read_only') = 'off'");
                    Ok(writable.get_result::<bool>(connection).await?)
                }
                .boxed()
            })
            .await?;
        if writable { Ok(()) } else { Err(Trouble::ReadOnly.into()) }
    }
}
