//! Opens connections to what a URL names.

use std::time::Duration;

use tokio::task::spawn_blocking;

use super::cluster::Cluster;
use super::dialer::Dialer;
use super::{ConnectError, Connection, PushSink, TlsFiles, sentinel};
use crate::keyspace::Keyspace;
use crate::url::{Form, Login, RedisUrl};

/// Opens connections to the primary that a URL names.
pub(crate) struct Connector {
    url: RedisUrl,
    tls: TlsFiles,
    timeout: Duration,
}

impl Connector {
    /// Everything that can be wrong before anybody is asked is found here. It blocks while it reads the files.
    ///
    /// The timeout is that of every single step: reaching a server, and every answer.
    pub(crate) fn new(url: &RedisUrl, tls: &TlsFiles, timeout: Duration) -> Result<Self, ConnectError> {
        tls.read(url.is_encrypted())?;
        let nameless = |login: &Login| login.user.is_some() && login.password.is_none();
        if nameless(url.login()) || nameless(&url.sentinel_login()) {
            return Err(ConnectError::NoPassword { place: url.describe() });
        }
        Ok(Self { url: url.clone(), tls: tls.clone(), timeout })
    }

    /// A new connection to the present primary, or to all primaries of a cluster. It speaks RESP3.
    pub(crate) async fn connect(&self, pushes: Option<PushSink>) -> Result<Connection, ConnectError> {
        let dialer = self.dialer(pushes).await?;
        match self.url.form() {
            Form::Node => match self.url.hosts().first() {
                Some(host) => {
                    let connection = dialer.primary(host).await?;
                    Ok(Connection::Node { place: host.to_string(), connection })
                }
                None => Err(ConnectError::NoPrimary { place: self.describe(), source: None }),
            },
            Form::Sentinels { service, .. } => {
                let login = self.url.sentinel_login();
                let asker = Dialer { login, database: 0, ..dialer.without_pushes() };
                let hosts = sentinel::primaries(&asker, self.url.hosts(), service);
                let hosts = hosts.await.map_err(|source| self.no_primary(source))?;
                let mut last = None;
                for host in hosts {
                    match dialer.primary(&host).await {
                        Ok(connection) => {
                            return Ok(Connection::Node { place: host.to_string(), connection });
                        }
                        Err(error) => last = Some(error),
                    }
                }
                Err(self.no_primary(last))
            }
            Form::Cluster => {
                Ok(Connection::Cluster(Cluster::connect(&dialer, self.url.hosts(), &self.describe()).await?))
            }
        }
    }

    /// How keys are named there.
    pub(crate) fn keyspace(&self) -> Keyspace {
        if self.url.is_cluster() { Keyspace::of_cluster() } else { Keyspace::of_databases() }
    }

    /// Where it is, for messages.
    pub(crate) fn describe(&self) -> String {
        self.url.describe()
    }

    async fn dialer(&self, pushes: Option<PushSink>) -> Result<Dialer, ConnectError> {
        let certificates = if self.url.is_encrypted() {
            let tls = self.tls.clone();
            spawn_blocking(move || tls.read(true)).await??
        } else {
            None
        };
        Ok(Dialer {
            login: self.url.login().clone(),
            database: self.url.database(),
            certificates,
            timeout: self.timeout,
            pushes,
        })
    }

    fn no_primary(&self, source: Option<ConnectError>) -> ConnectError {
        ConnectError::NoPrimary { place: self.describe(), source: source.map(Box::new) }
    }
}
