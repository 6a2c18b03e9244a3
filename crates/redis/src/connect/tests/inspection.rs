//! What can be seen of how a server is set up.

use doorward_testkit::redis::{self, ClusterOptions, RedisCluster, RedisOptions, RedisServer};

use super::*;
use crate::connect::inspection::Fault;

async fn faults(url: &str) -> Vec<Fault> {
    connect(url).await.inspect().await.unwrap().faults()
}

#[tokio::test]
async fn a_server_as_it_should_be_has_no_faults() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new().append_only().memory(50_000_000, "noeviction"));
    assert_eq!(faults(&server.url(0)).await, []);
}

#[tokio::test]
async fn f34_a_policy_that_throws_keys_away_is_seen_also_where_the_configuration_is_not() {
    if !redis::is_there() {
        return;
    }
    for policy in ["allkeys-lru", "volatile-ttl"] {
        let options = RedisOptions::new().append_only().memory(50_000_000, policy);
        let server = RedisServer::start(options.user("doorward", "p", "~* +@all -config"));
        let found = faults(&server.url(0)).await;
        let expected = format!("(maxmemory-policy {policy}); it must be noeviction");
        assert!(found.len() == 1 && found[0].to_string().contains(&expected), "{found:?}");
    }
}

#[tokio::test]
async fn what_a_restart_would_lose_is_said() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let place = format!("127.0.0.1:{}", server.port());
    assert_eq!(faults(&server.url(0)).await, [Fault::Forgetful { place }]);
}

#[tokio::test]
async fn whoever_has_become_a_replica_is_seen() {
    if !redis::is_there() {
        return;
    }
    let (server, other) = (RedisServer::start(RedisOptions::new()), RedisServer::start(RedisOptions::new()));
    let mut connection = connect(&server.url(0)).await;
    server.cli(&["REPLICAOF", "127.0.0.1", &other.port().to_string()]);
    let found = connection.inspect().await.unwrap().faults();
    assert!(found.iter().any(|fault| matches!(fault, Fault::Replica { .. })), "{found:?}");
}

#[tokio::test]
async fn every_primary_of_a_cluster_is_looked_at() {
    if !redis::is_there() {
        return;
    }
    let mut cluster = RedisCluster::start(3, &ClusterOptions::new());
    let last = &cluster.servers()[2];
    last.cli(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lfu"]);
    let place = format!("127.0.0.1:{}", last.port());
    let found = faults(&cluster.url()).await;
    assert!(found.contains(&Fault::Eviction { place, policy: "allkeys-lfu".to_owned() }), "{found:?}");
}
