//! Opens connections to single servers.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use deadpool_redis::redis::aio::MultiplexedConnection;
use deadpool_redis::redis::io::tcp::TcpSettings;
use deadpool_redis::redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, IntoConnectionInfo, ProtocolVersion, PushInfo,
    RedisConnectionInfo, RedisError, RedisResult, TlsCertificates,
};

use super::ConnectError;
use super::report::Report;
use crate::url::{Host, Login};

/// How many commands wait for their turn on one connection before their senders do.
const QUEUE: usize = 1_024;

/// How many characters of a password are not to be told. Redis itself cuts a complaint at 128 bytes.
const TELLING: usize = 4;

/// Hears what a server says without being asked, in the order in which it arrives, and at last that the connection
/// is lost. It is called where the answers are read, and must not wait.
pub(crate) type PushSink = Arc<dyn Fn(&PushInfo) + Send + Sync>;

/// What all connections of one kind have in common.
#[derive(Clone)]
pub(super) struct Dialer {
    pub(super) login: Login,
    pub(super) database: i64,
    pub(super) certificates: Option<TlsCertificates>,
    pub(super) timeout: Duration,
    pub(super) pushes: Option<PushSink>,
}

impl Dialer {
    /// The same for a connection that is given up when one question is answered.
    pub(super) fn without_pushes(&self) -> Self {
        Self { pushes: None, ..self.clone() }
    }

    /// A connection to this server, which speaks RESP3. It may be a replica.
    pub(super) async fn open(&self, host: &Host) -> Result<MultiplexedConnection, ConnectError> {
        let client = self.client(host).map_err(|source| failed(host, source))?;
        let mut config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.timeout))
            .set_response_timeout(Some(self.timeout))
            .set_pipeline_buffer_size(QUEUE);
        if let Some(sink) = self.pushes.clone() {
            config = config.set_push_sender(move |push: PushInfo| {
                sink(&push);
                Ok::<(), Infallible>(())
            });
        }
        let opened = client.get_multiplexed_async_connection_with_config(&config).await;
        opened.map_err(|source| failed(host, self.without_secret(source)))
    }

    /// A server that does not understand how we log in may repeat it in its complaint, as far as it cares to.
    fn without_secret(&self, error: RedisError) -> RedisError {
        let beginning: Option<String> =
            self.login.password.as_ref().map(|password| password.chars().take(TELLING).collect());
        let told = error.to_string();
        if beginning.is_some_and(|beginning| told.contains(&beginning)) {
            return (error.kind(), "the server does not understand HELLO 3").into();
        }
        error
    }

    /// A connection to this server, which is a primary.
    pub(super) async fn primary(&self, host: &Host) -> Result<MultiplexedConnection, ConnectError> {
        let mut connection = self.open(host).await?;
        let report = Report::ask(&mut connection, &["replication"]).await;
        let report = report.map_err(|source| failed(host, source))?;
        if report.of(&host.to_string()).is_primary()? {
            Ok(connection)
        } else {
            Err(ConnectError::Replica { place: host.to_string() })
        }
    }

    fn client(&self, host: &Host) -> RedisResult<Client> {
        let (name, port) = (host.name().to_owned(), host.port());
        let address = if self.certificates.is_some() {
            ConnectionAddr::TcpTls { host: name, port, insecure: false, tls_params: None }
        } else {
            ConnectionAddr::Tcp(name, port)
        };
        // RESP3 for all: its greeting is the only one after which the server's own words about a login are passed on.
        let mut settings = RedisConnectionInfo::default()
            .set_protocol(ProtocolVersion::RESP3)
            .set_db(self.database)
            .set_skip_set_lib_name();
        if let Some(user) = &self.login.user {
            settings = settings.set_username(user);
        }
        if let Some(password) = &self.login.password {
            settings = settings.set_password(password);
        }
        let server = address
            .into_connection_info()?
            .set_redis_settings(settings)
            // Commands are small, and each of them is waited for.
            .set_tcp_settings(TcpSettings::default().set_nodelay(true));
        match &self.certificates {
            Some(certificates) => Client::build_with_tls(server, certificates.clone()),
            None => Client::open(server),
        }
    }
}

/// Something went wrong with this server.
pub(super) fn failed(host: &Host, source: RedisError) -> ConnectError {
    ConnectError::Server { place: host.to_string(), source }
}
