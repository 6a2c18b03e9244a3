//! A server, its replicas, and three who watch them.

use std::sync::Arc;

use super::{Authority, Clients, RedisOptions, RedisServer, wait};

/// What the sentinels call the server.
const SERVICE: &str = "copies";

/// How many sentinels there are. Two have to agree.
const SENTINELS: usize = 3;

/// What the servers and the sentinels are like.
#[derive(Clone, Debug, Default)]
pub struct SentinelOptions {
    password: Option<String>,
    sentinel_password: Option<String>,
    authority: Option<Arc<Authority>>,
    two_replicas: bool,
}

/// A primary with one or two replicas, and three sentinels that notice within half a second when it is gone.
#[derive(Debug)]
pub struct RedisSentinels {
    servers: Vec<RedisServer>,
    sentinels: Vec<RedisServer>,
}

impl SentinelOptions {
    /// No password, no encryption, one replica.
    pub fn new() -> Self {
        Self::default()
    }

    /// The servers have this password.
    pub fn password(self, password: &str) -> Self {
        Self { password: Some(password.to_owned()), ..self }
    }

    /// The sentinels have this password.
    pub fn sentinel_password(self, password: &str) -> Self {
        Self { sentinel_password: Some(password.to_owned()), ..self }
    }

    /// All is encrypted.
    pub fn encrypted(self, authority: &Arc<Authority>) -> Self {
        Self { authority: Some(authority.clone()), ..self }
    }

    /// There are two replicas.
    pub fn two_replicas(self) -> Self {
        Self { two_replicas: true, ..self }
    }

    fn options(&self, password: Option<&String>) -> RedisOptions {
        let mut options = RedisOptions::new();
        if let Some(authority) = &self.authority {
            options = options.encrypted(authority, "localhost", Clients::Anybody);
        }
        if let Some(password) = password {
            options = options.password(password);
        }
        options
    }
}

impl RedisSentinels {
    /// Starts all of them, and waits until the sentinels know each other and every replica.
    pub fn start(options: &SentinelOptions) -> Self {
        let server = || options.options(options.password.as_ref());
        let primary = RedisServer::start(server());
        let replicas = if options.two_replicas { 2 } else { 1 };
        let mut servers: Vec<_> =
            (0..replicas).map(|_| RedisServer::start(server().replica_of(&primary))).collect();
        primary.wait_until("connected_slaves", &replicas.to_string());
        for replica in &servers {
            replica.wait_until("master_link_status", "up");
        }
        let sentinels = (0..SENTINELS).map(|_| {
            let mut watching = options
                .options(options.sentinel_password.as_ref())
                .sentinel()
                .line(&format!("sentinel monitor {SERVICE} 127.0.0.1 {} 2", primary.port()))
                .line(&format!("sentinel down-after-milliseconds {SERVICE} 500"))
                .line(&format!("sentinel failover-timeout {SERVICE} 4000"));
            if let Some(password) = &options.password {
                watching = watching.line(&format!("sentinel auth-pass {SERVICE} {password}"));
            }
            RedisServer::start(watching)
        });
        let sentinels: Vec<_> = sentinels.collect();
        servers.insert(0, primary);
        for sentinel in &sentinels {
            let known = format!("slaves={replicas},sentinels={SENTINELS}");
            wait::until("the sentinels know all others", || {
                sentinel.cli(&["INFO", "sentinel"]).contains(&known).then_some(())
            });
        }
        Self { servers, sentinels }
    }

    /// A URL for this database, with the passwords.
    pub fn url(&self, database: i64) -> String {
        let plain = self.servers[0].url(database);
        let (scheme, rest) = plain.split_once("://").unwrap();
        let (credentials, _) =
            rest.split_once('@').map_or(("", rest), |(credentials, rest)| (credentials, rest));
        let at = if credentials.is_empty() { "" } else { "@" };
        let hosts: Vec<_> =
            self.sentinels.iter().map(|sentinel| format!("127.0.0.1:{}", sentinel.port())).collect();
        let own = self.sentinels[0].password().unwrap_or_default();
        let hosts = hosts.join(",");
        format!("{scheme}-sentinel://{credentials}{at}{hosts}/{SERVICE}/{database}?sentinel_password={own}")
    }

    /// The primary, as a sentinel sees it.
    pub fn primary(&self) -> &RedisServer {
        &self.servers[self.primary_index()]
    }

    /// The primary, as a sentinel sees it.
    pub fn primary_mut(&mut self) -> &mut RedisServer {
        let index = self.primary_index();
        &mut self.servers[index]
    }

    /// All servers; the first one was the primary at the start.
    pub fn servers(&mut self) -> &mut [RedisServer] {
        &mut self.servers
    }

    /// The sentinels.
    pub fn sentinels(&mut self) -> &mut [RedisServer] {
        &mut self.sentinels
    }

    /// Kills the primary, and waits until another server has its place.
    pub fn fail_over(&mut self) {
        let old = self.primary().port();
        self.primary_mut().kill();
        self.wait_for_another_than(old);
    }

    /// Has the sentinels make another server the primary while this one runs, and waits until it is.
    pub fn switch(&self) {
        let old = self.primary().port();
        assert_eq!(self.asked().cli(&["SENTINEL", "FAILOVER", SERVICE]), "OK");
        self.wait_for_another_than(old);
    }

    fn wait_for_another_than(&self, old: u16) {
        wait::until("another server is the primary", || {
            let known = self.running().all(|sentinel| known_to(sentinel) != old);
            (known && self.primary().told("role") == "master").then_some(())
        });
    }

    fn primary_index(&self) -> usize {
        let port = known_to(self.asked());
        self.servers.iter().position(|server| server.port() == port).unwrap()
    }

    fn running(&self) -> impl Iterator<Item = &RedisServer> {
        self.sentinels.iter().filter(|sentinel| sentinel.is_running())
    }

    /// The sentinel that is asked where one will do.
    fn asked(&self) -> &RedisServer {
        self.running().next().unwrap()
    }
}

/// The port of the primary.
fn known_to(sentinel: &RedisServer) -> u16 {
    let address = sentinel.cli(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE]);
    address.lines().last().unwrap().parse().unwrap()
}
