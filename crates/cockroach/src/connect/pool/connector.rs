//! Opens connections, and says which may be used again.

use std::time::{Duration, Instant};

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use diesel::sql_types::Integer;
use diesel::{ConnectionError, IntoSql};
use diesel_async::pooled_connection::PoolableConnection;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use parking_lot::Mutex;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_postgres::tls::TlsStream;
use tokio_postgres::{Client, Config, Connection, NoTls, Socket};

use super::cancellation::Cancellation;
use super::lifetime::lifetime;
use super::unfinished::Unfinished;
use super::{ConnectError, PoolSettings};
use crate::chance::Chance;
use crate::connect::tls;
use crate::connect::url::{ConnectionUrl, Encryption};

/// Every statement of ours has an index, but `PostgreSQL` would rather read a small table through. Then a serializable
/// transaction has read all of it, and is in the way of whoever changes anything there
/// (<https://www.postgresql.org/docs/15/transaction-iso.html#XACT-SERIALIZABLE>).
///
/// What has no other way, a count of everything, then looks so dear that it would be compiled first.
const BY_INDEX: [&str; 2] = ["SET enable_seqscan = off", "SET jit = off"];

/// Opens connections to one database.
pub(super) struct Connector {
    url: ConnectionUrl,
    config: Config,
    settings: PoolSettings,
    chance: Chance,
    silence: Mutex<Option<Instant>>,
}

/// A connection with what the pool wants to know of it.
pub(super) struct Opened {
    connection: AsyncPgConnection,
    unfinished: Unfinished,
    lifetime: Duration,
    encryption: Encryption,
}

impl Connector {
    pub(super) fn new(url: ConnectionUrl, settings: PoolSettings) -> Result<Self, ConnectError> {
        tls::connector(url.encryption())?;
        Ok(Self { config: url.config(), url, settings, chance: Chance::new(), silence: Mutex::new(None) })
    }

    pub(super) fn url(&self) -> &ConnectionUrl {
        &self.url
    }

    async fn connect(&self) -> Result<AsyncPgConnection, ConnectError> {
        let encryption = self.url.encryption().clone();
        let tls = spawn_blocking(move || tls::connector(&encryption)).await??;
        let server = |source| ConnectError::Server { database: self.url.describe(), source };
        if let Some(tls) = tls {
            let (client, connection) = self.config.connect(tls).await.map_err(server)?;
            self.begin_session(client, connection).await
        } else {
            let (client, connection) = self.config.connect(NoTls).await.map_err(server)?;
            self.begin_session(client, connection).await
        }
    }

    async fn begin_session<T>(
        &self,
        client: Client,
        connection: Connection<Socket, T>,
    ) -> Result<AsyncPgConnection, ConnectError>
    where
        T: TlsStream + Unpin + Send + 'static,
    {
        // CockroachDB says its version in a parameter of its own.
        let is_postgresql = connection.parameter("crdb_version").is_none();
        let begun = async {
            let mut session = AsyncPgConnection::try_from_client_and_connection(client, connection).await?;
            if is_postgresql {
                for setting in BY_INDEX {
                    let set = diesel::sql_query(setting).execute(&mut session).await;
                    set.map_err(ConnectionError::CouldntSetupConfiguration)?;
                }
            }
            Ok(session)
        };
        begun.await.map_err(|source| ConnectError::Session { database: self.url.describe(), source })
    }

    /// Whether a connection was silent for as long as this one has not been used.
    ///
    /// When the network is gone, every connection that rests is as good as lost. Waiting for each of them in turn would
    /// take a caller the whole of [`PoolSettings::recycle`] a connection.
    fn was_silent_within(&self, unused: Duration) -> bool {
        self.silence.lock().is_some_and(|since| since.elapsed() < unused)
    }

    /// Whether the database still answers; if not, why the connection is given up.
    async fn answers(&self, connection: &mut AsyncPgConnection) -> Result<(), &'static str> {
        let question = diesel::select(1_i32.into_sql::<Integer>()).execute(connection);
        match timeout(self.settings.recycle, question).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err("it answers with an error"),
            Err(_) => {
                *self.silence.lock() = Some(Instant::now());
                Err("it does not answer")
            }
        }
    }
}

impl Manager for Connector {
    type Type = Opened;
    type Error = ConnectError;

    async fn create(&self) -> Result<Opened, ConnectError> {
        // In a box, because it is large and seldom needed, and would make everything large that gets a connection.
        let mut connection = Box::pin(self.connect()).await?;
        let unfinished = Unfinished::default();
        connection.set_instrumentation(unfinished.clone());
        let lifetime = lifetime(self.settings.max_lifetime, self.chance.draw());
        let encryption = self.url.encryption().clone();
        Ok(Opened { connection, unfinished, lifetime, encryption })
    }

    async fn recycle(&self, opened: &mut Opened, metrics: &Metrics) -> RecycleResult<ConnectError> {
        // How long it was not used, and how long the last one had it.
        let unused = metrics.last_used();
        let usable = if opened.connection.is_broken() {
            Err("it is closed, or was left in a transaction")
        } else if opened.unfinished.any() {
            Err("it was left in the middle of a statement")
        } else if unused < self.settings.fresh {
            Ok(())
        } else if self.was_silent_within(unused) {
            Err("another one did not answer")
        } else {
            Box::pin(self.answers(&mut opened.connection)).await
        };
        usable.map_err(|reason| {
            tracing::debug!(reason, "a connection to the database is replaced");
            RecycleError::message(reason)
        })
    }
}

impl Opened {
    pub(super) fn connection(&self) -> &AsyncPgConnection {
        &self.connection
    }

    pub(super) fn connection_mut(&mut self) -> &mut AsyncPgConnection {
        &mut self.connection
    }

    /// How to have the database stop, if it is at something.
    pub(super) fn cancellation(&self) -> Option<Cancellation> {
        let (token, encryption) = (self.connection.cancel_token(), self.encryption.clone());
        self.unfinished.any().then_some(Cancellation { token, encryption })
    }

    pub(super) fn lifetime(&self) -> Duration {
        self.lifetime
    }
}
