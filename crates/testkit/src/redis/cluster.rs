//! Servers that share the keys among themselves.

use std::sync::Arc;

use super::{Authority, Clients, RedisOptions, RedisServer, port, wait};

/// How many slots a cluster has, always.
const SLOTS: usize = 16_384;

/// What the servers are like.
#[derive(Clone, Debug, Default)]
pub struct ClusterOptions {
    password: Option<String>,
    authority: Option<Arc<Authority>>,
    replicas: bool,
}

/// Primaries that have all slots between them, and perhaps a replica for each.
#[derive(Debug)]
pub struct RedisCluster {
    primaries: usize,
    servers: Vec<RedisServer>,
}

impl ClusterOptions {
    /// No password, no encryption, no replicas.
    pub fn new() -> Self {
        Self::default()
    }

    /// All have this password.
    pub fn password(self, password: &str) -> Self {
        Self { password: Some(password.to_owned()), ..self }
    }

    /// All is encrypted.
    pub fn encrypted(self, authority: &Arc<Authority>) -> Self {
        Self { authority: Some(authority.clone()), ..self }
    }

    /// Every primary has a replica.
    pub fn replicas(self) -> Self {
        Self { replicas: true, ..self }
    }

    fn server(&self) -> RedisServer {
        let mut options = RedisOptions::new()
            .line("cluster-enabled yes")
            .line("cluster-node-timeout 1000")
            .line(&format!("cluster-port {}", port::free()));
        if let Some(authority) = &self.authority {
            options = options.encrypted(authority, "localhost", Clients::Anybody);
        }
        if let Some(password) = &self.password {
            options = options.password(password);
        }
        RedisServer::start(options)
    }
}

impl RedisCluster {
    /// Starts so many primaries, and waits until all of them have the whole picture.
    pub fn start(primaries: usize, options: &ClusterOptions) -> Self {
        let count = if options.replicas { primaries * 2 } else { primaries };
        let servers: Vec<_> = (0..count).map(|_| options.server()).collect();
        for (index, server) in servers.iter().take(primaries).enumerate() {
            let (first, end) = (SLOTS * index / primaries, SLOTS * (index + 1) / primaries);
            ok(server, &["CLUSTER", "SET-CONFIG-EPOCH", &(index + 1).to_string()]);
            ok(server, &["CLUSTER", "ADDSLOTSRANGE", &first.to_string(), &(end - 1).to_string()]);
        }
        for server in servers.iter().skip(1) {
            let bus = servers[0].cli(&["CONFIG", "GET", "cluster-port"]);
            let bus = bus.lines().last().unwrap();
            ok(server, &["CLUSTER", "MEET", "127.0.0.1", &servers[0].port().to_string(), bus]);
        }
        let cluster = Self { primaries, servers };
        cluster.wait_until_told(&format!("cluster_known_nodes:{count}"));
        for (index, replica) in cluster.servers.iter().enumerate().skip(primaries) {
            let primary = &cluster.servers[index - primaries];
            ok(replica, &["CLUSTER", "REPLICATE", &primary.cli(&["CLUSTER", "MYID"])]);
            replica.wait_until("master_link_status", "up");
        }
        cluster.wait_until_told("cluster_state:ok");
        cluster.wait_until_told(&format!("cluster_slots_ok:{SLOTS}"));
        cluster
    }

    /// A URL that names all of them, with the password.
    pub fn url(&self) -> String {
        let plain = self.servers[0].url(0);
        let (scheme, rest) = plain.split_once("://").unwrap();
        let credentials =
            rest.split_once('@').map_or(String::new(), |(credentials, _)| format!("{credentials}@"));
        let hosts: Vec<_> =
            self.servers.iter().map(|server| format!("127.0.0.1:{}", server.port())).collect();
        format!("{scheme}-cluster://{credentials}{}", hosts.join(","))
    }

    /// All servers: the primaries, and behind them their replicas in the same order, as they were at the start.
    pub fn servers(&mut self) -> &mut [RedisServer] {
        &mut self.servers
    }

    /// Runs a command that is about a key where the key is, and answers as [`RedisServer::cli`] does.
    pub fn cli(&self, arguments: &[&str]) -> String {
        self.servers[0].cli(&[&["-c"], arguments].concat())
    }

    /// Has the replica of this primary take its place while it runs, and waits until all know of it.
    pub fn switch(&self, primary: usize) {
        let replica = &self.servers[self.primaries + primary];
        ok(replica, &["CLUSTER", "FAILOVER"]);
        replica.wait_until("role", "master");
        let id = replica.cli(&["CLUSTER", "MYID"]);
        for server in &self.servers {
            wait::until("all know the new primary", || {
                let nodes = server.cli(&["CLUSTER", "NODES"]);
                let line = nodes.lines().find(|line| line.starts_with(&id))?.to_owned();
                line.contains("master").then_some(())
            });
        }
    }

    fn wait_until_told(&self, line: &str) {
        for server in &self.servers {
            wait::until(line, || server.cli(&["CLUSTER", "INFO"]).contains(line).then_some(()));
        }
    }
}

fn ok(server: &RedisServer, command: &[&str]) {
    assert_eq!(server.cli(command), "OK", "{command:?}");
}
