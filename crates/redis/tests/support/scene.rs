//! What all nodes of a service share.

use std::sync::Arc;
use std::time::Duration;

use doorward_domain::accounts::{AccountPorts, AccountRules, Accounts};
use doorward_domain::port::{Clock as _, Epoch, EpochRegistry as _, Ids as _, LoginThrottle, UserDocuments};
use doorward_domain::sessions::{SessionPorts, SessionRules, Sessions};
use doorward_domain::token::Claims;
use doorward_domain::{Copies, Timestamp};
use doorward_redis::{OpenError, RedisCopies, RedisParts, RedisSettings, RedisUrl, TlsFiles, WithoutRedis};
use doorward_testkit::fake::{self, MapThrottle};
use doorward_testkit::redis::RedisServer;

use super::{Database, Node, Nothing};

/// How long after its end a token is still accepted.
pub(crate) const LEEWAY: Duration = Duration::from_secs(5);

/// No answer takes so long, also when every core is busy with tests.
const PATIENT: Duration = Duration::from_secs(5);

/// A database and a clock, and whatever else nodes have in common.
///
/// In the database, the present epoch is one with the server at hand: in a new database, nobody would be believed for
/// the first second.
pub(crate) struct Scene {
    pub(crate) database: Arc<Database>,
    pub(crate) fakes: fake::Service,
}

impl Scene {
    /// Beside this server. The clock shows what the server's shows, and stands still.
    pub(crate) async fn beside(server: &RedisServer) -> Self {
        Self::believing("0", std::slice::from_ref(server)).await
    }

    /// Beside the primaries of a cluster.
    pub(crate) async fn beside_all(primaries: &[RedisServer]) -> Self {
        Self::believing("cluster", primaries).await
    }

    async fn believing(form: &str, primaries: &[RedisServer]) -> Self {
        let scene = Self::new();
        let time = primaries[0].cli(&["TIME"]);
        scene.fakes.clock.set(Timestamp::from_seconds(time.lines().next().unwrap().parse().unwrap()));
        let lives =
            primaries.iter().map(|server| server.told("run_id") + ":" + &server.told("master_replid"));
        let mut lives: Vec<_> = lives.collect();
        lives.sort_unstable();
        let epoch = Epoch {
            id: scene.fakes.ids.token().uuid(),
            witness: Some(format!("{form}@{}", lives.join(","))),
        };
        scene.database.begin(None, &epoch).await.unwrap();
        scene
    }

    /// With a new database.
    pub(crate) fn new() -> Self {
        Self { database: Arc::default(), fakes: fake::Service::default() }
    }

    /// Now.
    pub(crate) fn now(&self) -> Timestamp {
        self.fakes.clock.now()
    }

    /// What a token says.
    pub(crate) fn claims(&self, token: &str) -> Claims {
        self.fakes.session_ports().tokens.verify(token, self.now()).unwrap()
    }

    /// Another node, which remembers no documents by itself.
    pub(crate) async fn node(&self, settings: RedisSettings) -> Node {
        self.try_node(settings).await.unwrap()
    }

    pub(crate) async fn try_node(&self, settings: RedisSettings) -> Result<Node, OpenError> {
        self.node_beside(settings, Arc::new(Nothing)).await
    }

    /// Another node, which has these documents near.
    pub(crate) async fn node_beside(
        &self,
        settings: RedisSettings,
        near_documents: Arc<dyn UserDocuments>,
    ) -> Result<Node, OpenError> {
        let database = Arc::new(self.database.another_way());
        let lone_throttle = Arc::new(MapThrottle::new(self.fakes.clock.clone()));
        let copies = self.open(&database, settings, near_documents, lone_throttle).await?;
        let ports = Copies {
            revocations: copies.revocations.clone(),
            documents: copies.documents.clone(),
            ..Copies::none()
        };
        Ok(self.node_with(database, ports, copies))
    }

    /// Another node, which was given no Redis.
    pub(crate) fn node_without_redis(&self) -> Node<()> {
        let database = Arc::new(self.database.another_way());
        let revocations = Arc::new(WithoutRedis::new(database.clone(), self.fakes.ids.clone()));
        self.node_with(database, Copies { revocations, ..Copies::none() }, ())
    }

    fn node_with<C>(&self, database: Arc<Database>, ports: Copies, copies: C) -> Node<C> {
        let accounts = AccountPorts {
            users: database.clone(),
            sessions: database.clone(),
            copies: ports.clone(),
            ..self.fakes.account_ports()
        };
        let sessions = SessionPorts {
            users: database.clone(),
            sessions: database.clone(),
            copies: ports,
            ..self.fakes.session_ports()
        };
        Node {
            accounts: Accounts::new(accounts, AccountRules::default()),
            sessions: Sessions::new(sessions, SessionRules::default()),
            copies,
            database,
        }
    }

    /// The ports alone.
    pub(crate) async fn copies(
        &self,
        settings: RedisSettings,
        near_documents: Arc<dyn UserDocuments>,
        lone_throttle: Arc<dyn LoginThrottle>,
    ) -> Result<RedisCopies, OpenError> {
        self.open(&self.database, settings, near_documents, lone_throttle).await
    }

    async fn open(
        &self,
        database: &Arc<Database>,
        settings: RedisSettings,
        near_documents: Arc<dyn UserDocuments>,
        lone_throttle: Arc<dyn LoginThrottle>,
    ) -> Result<RedisCopies, OpenError> {
        let parts = RedisParts {
            epochs: database.clone(),
            sessions: database.clone(),
            clock: self.fakes.clock.clone(),
            ids: self.fakes.ids.clone(),
            near_documents,
            lone_throttle,
        };
        RedisCopies::open(&settings, parts).await
    }
}

/// Tokens in database 0 of a server, documents in database 1.
pub(crate) fn on(server: &RedisServer) -> RedisSettings {
    settings(&server.url(0), &server.url(1))
}

/// Tokens and documents where these URLs lead.
pub(crate) fn settings(url: &str, documents_url: &str) -> RedisSettings {
    RedisSettings {
        url: RedisUrl::parse(url).unwrap(),
        documents_url: RedisUrl::parse(documents_url).unwrap(),
        tls: TlsFiles::default(),
        timeout: PATIENT,
        client_caching: false,
        access_lifetime: SessionRules::default().access_lifetime,
        leeway: LEEWAY,
    }
}
