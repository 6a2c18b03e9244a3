//! The same on a cluster.

use std::cell::RefCell;

use doorward_domain::throttle::{Pseudonym, Rate, Scope, ThrottleKey};
use doorward_testkit::redis::{self, ClusterOptions, RedisCluster};
use tokio::join;
use tokio::task::spawn_blocking;

use crate::stage::{SHORT, Stage};
use crate::support::{Scene, settings};

/// A cluster with two nodes of a service on it. Its first servers are the primaries.
async fn start(story: &str, primaries: usize, options: ClusterOptions) -> (RedisCluster, Stage) {
    // It takes seconds, and other tests go on meanwhile.
    let mut cluster = spawn_blocking(move || RedisCluster::start(primaries, &options)).await.unwrap();
    let scene = Scene::beside_all(&cluster.servers()[..primaries]).await;
    let mut settings = settings(&cluster.url(), &cluster.url());
    settings.timeout = SHORT;
    let stage = Stage::set(story, scene, settings.clone(), settings).await;
    (cluster, stage)
}

async fn endure(
    story: &str,
    options: ClusterOptions,
    begin: impl FnOnce(&mut RedisCluster),
    end: impl FnOnce(&mut RedisCluster),
) {
    let (cluster, stage) = start(story, 3, options).await;
    let cluster = RefCell::new(cluster);
    stage.endure(async || begin(&mut cluster.borrow_mut()), async || end(&mut cluster.borrow_mut())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f36_on_a_cluster_the_number_of_the_database_stands_before_every_key() {
    if !redis::is_there() {
        return;
    }
    let (mut cluster, stage) = start("keys", 1, ClusterOptions::new()).await;
    let gone = stage.acquaintance().await;
    stage.one.logout(&gone).await;
    stage.assert_gone(&gone, "on a cluster").await;
    let key = ThrottleKey { scope: Scope::Refresh, subject: Pseudonym::new([0xcd; 16]) };
    let rates = [5, 6].map(|burst| Rate::new(burst, std::time::Duration::from_secs(60)).unwrap());
    stage.one.copies.throttle.take(&key, &rates).await.unwrap();

    let server = &cluster.servers()[0];
    let epoch = server.cli(&["GET", "d0:revocations:complete"]);
    let token = stage.scene.claims(&gone.tokens.access);
    let (ada, subject) = (stage.ada.user.id, "cd".repeat(16));
    let mut expected = vec![
        "d0:revocations:complete".to_owned(),
        format!("d0:{}", token.id),
        format!("d0:{}", token.session),
        format!("d0:user:{ada}:{epoch}"),
        format!("d0:user:{}:{epoch}", gone.user.id),
        format!("d0:live:{}:{epoch}", stage.session(&stage.ada)),
        format!("d0:live:{}:{epoch}", token.session),
        format!("d0:throttle:{{refresh:{subject}}}:0"),
        format!("d0:throttle:{{refresh:{subject}}}:1"),
        "d1:ada@example.com".to_owned(),
        "d1:person0@example.com".to_owned(),
        format!("d1:address:{ada}"),
        format!("d1:address:{}", gone.user.id),
    ];
    expected.sort_unstable();
    let all = server.cli(&["--scan"]);
    let mut keys: Vec<_> = all.lines().collect();
    keys.sort_unstable();
    assert_eq!(keys, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f36_what_an_operator_sets_on_a_cluster_counts_on_every_node() {
    if !redis::is_there() {
        return;
    }
    let (cluster, stage) = start("operators", 3, ClusterOptions::new()).await;
    for _ in 0..5 {
        let login = stage.acquaintance().await;
        let key = format!("d0:{}", stage.session(&login));
        assert_eq!(cluster.cli(&["SET", &key, "true", "EX", "3600"]), "OK");
        stage.assert_gone(&login, "by hand").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f36_faults_of_a_cluster() {
    if !redis::is_there() {
        return;
    }
    let plain = ClusterOptions::new;
    join!(
        endure(
            "FLUSHALL on one of three",
            plain(),
            |cluster| assert_eq!(cluster.servers()[0].cli(&["FLUSHALL"]), "OK"),
            |_| {},
        ),
        // The others soon say CLUSTERDOWN.
        endure(
            "SIGSTOP of one of three",
            plain(),
            |cluster| cluster.servers()[1].stop_answering(),
            |cluster| cluster.servers()[1].answer_again(),
        ),
        endure(
            "one of three is gone and comes back empty",
            plain(),
            |cluster| cluster.servers()[2].kill(),
            |cluster| cluster.servers()[2].restart(),
        ),
        // The old primary answers MOVED.
        endure("failover of one of three", plain().replicas(), |cluster| cluster.switch(0), |_| {}),
    );
}
