//! Opening the store: a database that is there, does what is relied on, and has the tables of this version.

mod error;
mod server;

pub use error::OpenError;

use std::time::Duration;

use doorward_domain::port::StoreError;
use tokio::time::{Instant, sleep};

use crate::connect::{ConnectError, ConnectionUrl, GetError, Timeouts};
use crate::error::Trouble;
use crate::store::{CockroachSettings, CockroachStore};
use server::Server;

/// How long to wait before a database that is out of reach is asked again.
const PAUSE: Duration = Duration::from_millis(500);

/// How much longer than an operation the database lets one of its statements take: who asked has gone by then.
const GRACE: Duration = Duration::from_millis(500);

impl CockroachStore {
    /// Opens the store for serving. A schema that lacks something is refused, and one of a newer version that has done
    /// more than to add to it.
    pub async fn open(
        url: ConnectionUrl,
        settings: CockroachSettings,
        patience: Duration,
    ) -> Result<Self, OpenError> {
        let store = Self::connect(url, settings, patience).await?;
        let status = store.schema_status().await?;
        if let Some(found) = status.refused() {
            return Err(OpenError::Newer { found: found.to_owned() });
        }
        if let Some(missing) = status.missing() {
            return Err(OpenError::Older { missing: missing.to_owned() });
        }
        if let Some(remark) = status.remark() {
            tracing::warn!("{remark}");
        }
        Ok(store)
    }

    /// Opens the store whatever its schema is, for looking after it. A database that is out of reach is asked again
    /// until it was for as long as `patience`.
    pub async fn connect(
        url: ConnectionUrl,
        settings: CockroachSettings,
        patience: Duration,
    ) -> Result<Self, OpenError> {
        let over = Instant::now() + patience;
        let place = url.describe();
        let timeouts = Timeouts { statement: settings.deadline + GRACE, ..Timeouts::default() };
        let store = Self::new(url.with_timeouts(timeouts), settings)?;
        loop {
            match store.reach().await {
                Ok(server) => {
                    server.check()?;
                    return Ok(store);
                }
                Err(Unreached::Refused(reason)) => return Err(reason.into()),
                Err(Unreached::Yet(source)) if Instant::now() >= over => {
                    return Err(OpenError::Unreachable { database: place, source });
                }
                Err(Unreached::Yet(source)) => {
                    let error: &dyn std::error::Error = &source;
                    tracing::warn!(database = place, error, "the database is not there yet; asking again");
                    sleep(PAUSE).await;
                }
            }
        }
    }

    /// Asks once: a database that refuses would count each time.
    async fn reach(&self) -> Result<Server, Unreached> {
        match self.pool().get().await {
            Ok(connection) => drop(connection),
            Err(GetError::Connect(reason)) if reason.is_permanent() => {
                return Err(Unreached::Refused(reason));
            }
            Err(error) => return Err(Unreached::Yet(Trouble::from(error).into())),
        }
        self.ask_for_server().await.map_err(Unreached::Yet)
    }
}

/// Why a database does not answer.
enum Unreached {
    /// It does not want to, and will not.
    Refused(ConnectError),
    /// It may, later.
    Yet(StoreError),
}
