//! Keys all over a cluster, on one connection.

use std::collections::BTreeSet;

use deadpool_redis::redis::{PushKind, Script, pipe};
use doorward_testkit::redis::{self, Authority, ClusterOptions, RedisCluster};

use super::pretender::Pretender;
use super::pushes::{channel, invalidated, next};
use super::*;

/// So many that every primary has some.
fn keys() -> Vec<String> {
    (0..30).map(|number| format!("d0:key:{number}")).collect()
}

async fn set_all(connection: &mut Connection) {
    let mut all = pipe();
    for key in keys() {
        all.cmd("SET").arg(&key).arg(key.to_uppercase()).ignore();
    }
    all.query_async::<()>(connection).await.unwrap();
}

#[tokio::test]
async fn f36_answers_come_from_all_primaries_in_the_order_of_the_questions() {
    if !redis::is_there() {
        return;
    }
    let mut cluster = RedisCluster::start(3, &ClusterOptions::new().password("sesame"));
    let mut connection = connect(&cluster.url()).await;
    set_all(&mut connection).await;
    assert!(cluster.servers().iter().all(|server| server.cli(&["DBSIZE"]) != "0"));

    let mut asked = cmd("MGET");
    asked.arg(keys()).arg("missing");
    let answers: Vec<Option<String>> = asked.query_async(&mut connection).await.unwrap();
    let mut expected: Vec<_> = keys().iter().map(|key| Some(key.to_uppercase())).collect();
    expected.push(None);
    assert_eq!(answers, expected);

    let mut each = pipe();
    for key in keys() {
        each.cmd("GET").arg(key);
    }
    let answers: Vec<Option<String>> = each.query_async(&mut connection).await.unwrap();
    assert_eq!(answers, expected[..keys().len()]);
    assert_eq!(connector(&cluster.url()).keyspace().complete(), "d0:revocations:complete");
}

#[tokio::test]
async fn a_cluster_of_one_is_a_cluster() {
    if !redis::is_there() {
        return;
    }
    let cluster = RedisCluster::start(1, &ClusterOptions::new());
    let mut connection = connect(&cluster.url()).await;
    set_all(&mut connection).await;
    let answers: Vec<String> = cmd("MGET").arg(keys()).query_async(&mut connection).await.unwrap();
    assert_eq!(answers.len(), keys().len());
}

#[tokio::test]
async fn f37_a_script_is_known_to_all_primaries_and_sent_again_when_it_is_lost() {
    if !redis::is_there() {
        return;
    }
    let mut cluster = RedisCluster::start(3, &ClusterOptions::new());
    let mut connection = connect(&cluster.url()).await;
    let script = Script::new("return redis.call('INCR', KEYS[1])");
    for round in 1..=2_u32 {
        for key in keys() {
            let count: u32 = script.key(key).invoke_async(&mut connection).await.unwrap();
            assert_eq!(count, round);
        }
        for server in cluster.servers() {
            assert_eq!(server.cli(&["SCRIPT", "FLUSH"]), "OK");
        }
    }
}

#[tokio::test]
async fn a_transaction_is_for_keys_of_one_slot() {
    if !redis::is_there() {
        return;
    }
    let cluster = RedisCluster::start(3, &ClusterOptions::new());
    let mut connection = connect(&cluster.url()).await;
    let mut both = pipe();
    both.atomic().cmd("SET").arg("{a}1").arg(1).ignore().cmd("GET").arg("{a}1");
    assert_eq!(both.query_async::<(u32,)>(&mut connection).await.unwrap(), (1,));
    let mut apart = pipe();
    apart.atomic().cmd("SET").arg("foo").arg(1).cmd("SET").arg("bar").arg(1);
    assert!(apart.query_async::<()>(&mut connection).await.is_err());
    assert_eq!(cluster.cli(&["EXISTS", "foo"]), "0");
}

#[tokio::test]
async fn a_command_that_may_be_about_any_key_is_refused() {
    if !redis::is_there() {
        return;
    }
    let cluster = RedisCluster::start(1, &ClusterOptions::new());
    let mut connection = connect(&cluster.url()).await;
    assert!(cmd("EVAL").arg("return 1").arg(0).query_async::<()>(&mut connection).await.is_err());
    assert!(pipe().cmd("PING").query_async::<()>(&mut connection).await.is_err());
}

#[tokio::test]
async fn f32_every_primary_tells_of_changes_and_of_its_end() {
    if !redis::is_there() {
        return;
    }
    let mut cluster = RedisCluster::start(3, &ClusterOptions::new());
    let (sink, mut pushes) = channel();
    let mut connection = connector(&cluster.url()).connect(Some(sink)).await.unwrap();
    cmd("CLIENT").arg("TRACKING").arg("ON").query_async::<()>(&mut connection).await.unwrap();
    cmd("MGET").arg(keys()).query_async::<()>(&mut connection).await.unwrap();
    set_all(&mut connect(&cluster.url()).await).await;
    let mut told = BTreeSet::new();
    for _ in keys() {
        told.insert(invalidated(&next(&mut pushes).await));
    }
    assert_eq!(told, keys().into_iter().collect());
    cluster.servers()[2].kill();
    assert_eq!(next(&mut pushes).await.kind, PushKind::Disconnection);
}

#[tokio::test]
async fn f33_a_connection_does_not_follow_to_a_new_primary() {
    if !redis::is_there() {
        return;
    }
    let authority = Authority::new();
    let options = ClusterOptions::new().password("sesame").replicas().encrypted(&authority);
    let cluster = RedisCluster::start(1, &options);
    let files = TlsFiles { ca: Some(authority.file()), ..TlsFiles::default() };
    let connector = with_files(&cluster.url(), &files);
    let mut before = connector.connect(None).await.unwrap();
    let witness = before.witness().await.unwrap();
    set(&mut before, "key", "value").await.unwrap();
    cluster.switch(0);
    for _ in 0..2 {
        let asked = get(&mut before, "key").await;
        assert!(asked.as_ref().is_err_and(|error| error.code() == Some("MOVED")), "{asked:?}");
    }
    assert!(cmd("MGET").arg("key").arg("other").query_async::<()>(&mut before).await.is_err());
    assert!(matches!(before.witness().await, Err(ConnectError::Replica { .. })));
    let mut after = connector.connect(None).await.unwrap();
    assert_ne!(after.witness().await.unwrap(), witness);
    set(&mut after, "key", "new").await.unwrap();
}

#[tokio::test]
async fn members_that_are_away_do_not_matter_as_long_as_one_tells_of_the_others() {
    if !redis::is_there() {
        return;
    }
    let mut cluster = RedisCluster::start(1, &ClusterOptions::new());
    let there = format!("127.0.0.1:{}", cluster.servers()[0].port());
    let mut connection = connect(&format!("redis-cluster://{},{there}", Pretender::nobody())).await;
    set(&mut connection, "key", "value").await.unwrap();
}

#[tokio::test]
async fn a_cluster_with_slots_that_nobody_serves_is_not_used() {
    if !redis::is_there() {
        return;
    }
    let mut cluster = RedisCluster::start(1, &ClusterOptions::new());
    assert_eq!(cluster.servers()[0].cli(&["CLUSTER", "DELSLOTS", "77"]), "OK");
    let error = refused(&connector(&cluster.url())).await;
    assert!(matches!(error, ConnectError::MissingSlots { .. }) && error.is_temporary(), "{error}");
}

#[tokio::test]
async fn a_server_that_is_no_cluster_is_said_to_be_none() {
    if !redis::is_there() {
        return;
    }
    let server = doorward_testkit::redis::RedisServer::start(doorward_testkit::redis::RedisOptions::new());
    let error = refused(&connector(&format!("redis-cluster://127.0.0.1:{}", server.port()))).await;
    assert!(told(&error).contains("cluster support disabled"), "{}", told(&error));
}
