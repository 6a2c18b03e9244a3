//! What changes with every life of a server, and with nothing else.

use doorward_testkit::redis::{self, ClusterOptions, RedisCluster, RedisOptions, RedisServer};

use super::*;

async fn witness(url: &str) -> String {
    connect(url).await.witness().await.unwrap().to_string()
}

#[tokio::test]
async fn r04_a_restart_changes_the_witness_whether_or_not_anything_is_lost() {
    if !redis::is_there() {
        return;
    }
    let mut server = RedisServer::start(RedisOptions::new().append_only());
    let first = witness(&server.url(0)).await;
    server.cli(&["FLUSHALL"]);
    assert_eq!(witness(&server.url(0)).await, first);
    server.restart();
    let second = witness(&server.url(0)).await;
    server.restart_empty();
    let third = witness(&server.url(0)).await;
    assert!(first != second && second != third && first != third, "{first} {second} {third}");
}

/// Who is in another database does not see what is told in this one.
#[tokio::test]
async fn f35_every_database_of_a_server_has_a_witness_of_its_own() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let first = witness(&server.url(0)).await;
    assert_eq!(witness(&server.url(0)).await, first);
    assert_ne!(witness(&server.url(1)).await, first);
}

#[tokio::test]
async fn r05_whoever_becomes_a_replica_has_none_and_another_one_afterwards() {
    if !redis::is_there() {
        return;
    }
    let (server, other) = (RedisServer::start(RedisOptions::new()), RedisServer::start(RedisOptions::new()));
    let mut connection = connect(&server.url(0)).await;
    let before = connection.witness().await.unwrap();
    assert_ne!(witness(&other.url(0)).await, before.to_string());
    server.cli(&["REPLICAOF", "127.0.0.1", &other.port().to_string()]);
    let error = connection.witness().await.unwrap_err();
    assert!(matches!(error, ConnectError::Replica { .. }), "{error}");
    server.wait_until("master_link_status", "up");
    server.cli(&["REPLICAOF", "NO", "ONE"]);
    assert_ne!(witness(&server.url(0)).await, before.to_string());
}

#[tokio::test]
async fn a_witness_of_a_cluster_names_all_primaries() {
    if !redis::is_there() {
        return;
    }
    let mut cluster = RedisCluster::start(3, &ClusterOptions::new());
    let mut connection = connect(&cluster.url()).await;
    let first = connection.witness().await.unwrap();
    assert_eq!(first.to_string().split(',').count(), 3);
    assert_eq!(connect(&cluster.url()).await.witness().await.unwrap(), first);
    cluster.servers()[1].restart();
    assert!(connection.witness().await.is_err());
}
