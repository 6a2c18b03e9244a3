//! Another server takes the place of the one that was believed, and lacks the last writes.

use doorward_redis::RedisSettings;
use doorward_testkit::redis::{self, RedisOptions, RedisProxy, RedisServer};

use crate::stage::Stage;
use crate::support::{Answer, Leaver, Scene, Way, settings, until};

/// How many sessions end, so that one of them is met in the moment that counts.
const MANY: usize = 20;

/// A primary, and a replica that may lose touch with it.
struct Pair {
    old: RedisServer,
    new: RedisServer,
}

impl Pair {
    fn start() -> Self {
        let old = RedisServer::start(RedisOptions::new());
        let new = RedisServer::start(RedisOptions::new().replica_of(&old));
        new.wait_until("master_link_status", "up");
        Self { old, new }
    }

    /// The way to the primary.
    fn way(&self) -> (RedisProxy, RedisSettings) {
        let way = RedisProxy::before(&self.old);
        let settings = settings(&way.through(&self.old.url(0)), &way.through(&self.old.url(1)));
        (way, settings)
    }

    /// The replica has all that the primary was told until now, and becomes a primary that hears no more of it.
    async fn separate(&self) {
        let offset = |server: &RedisServer| server.told("master_repl_offset").parse::<u64>().unwrap();
        let told = offset(&self.old);
        until("the replica has everything", async || offset(&self.new) >= told).await;
        assert_eq!(self.new.cli(&["REPLICAOF", "NO", "ONE"]), "OK");
    }

    /// Everybody knows these sessions, which the replica is told, and they end, which it is not.
    async fn end_sessions(&self, stage: &Stage) -> Vec<Leaver> {
        let mut ended = Vec::new();
        for _ in 0..MANY / Way::ALL.len() {
            ended.extend(stage.leavers().await);
        }
        self.separate().await;
        for leaver in &ended {
            stage.one.end(leaver).await;
        }
        ended
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f33_a_failover_that_loses_the_last_writes_revives_nobody() {
    if !redis::is_there() {
        return;
    }
    let mut pair = Pair::start();
    let (way, through) = pair.way();
    let stage = Stage::set("failover", Scene::beside(&pair.old).await, through.clone(), through).await;
    let ended = pair.end_sessions(&stage).await;
    way.lead_to(&pair.new);
    pair.old.kill();
    stage.assert_all_left(&ended, "right after the failover").await;
    stage.wait_until_in_use().await;
    for leaver in &ended {
        assert_eq!(pair.new.cli(&["GET", &stage.session(&leaver.login)]), "true");
    }
    stage.assert_all_left(&ended, "when Redis is in use again").await;
}

/// Connections stay, and what is read on them changes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f33_a_primary_that_becomes_the_replica_of_an_older_copy_revives_nobody() {
    if !redis::is_there() {
        return;
    }
    let pair = Pair::start();
    let (way, through) = pair.way();
    let stage = Stage::set("demoted", Scene::beside(&pair.old).await, through.clone(), through).await;
    let ended = pair.end_sessions(&stage).await;
    let port = pair.new.port().to_string();
    assert_eq!(pair.old.cli(&["REPLICAOF", "127.0.0.1", &port]), "OK");
    // As long as anybody may believe what they read.
    until("the copy is there, and nobody believes it", async || {
        stage.assert_all_left(&ended, "while the copy comes").await;
        pair.old.told("master_link_status") == "up" && stage.one.copies.probe.probe().await.is_err()
    })
    .await;
    way.lead_to(&pair.new);
    stage.wait_until_in_use().await;
    stage.assert_all_left(&ended, "when Redis is in use again").await;
}

/// Connections that were made before lead to the old primary, which knows nothing of that; others to the new one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f33_nodes_that_see_different_primaries_agree_on_one() {
    if !redis::is_there() {
        return;
    }
    let pair = Pair::start();
    let ((way, through), (other_way, other_through)) = (pair.way(), pair.way());
    let stage = Stage::set("two primaries", Scene::beside(&pair.old).await, through, other_through).await;
    let ended = pair.end_sessions(&stage).await;
    way.lead_to(&pair.new);
    other_way.lead_to(&pair.new);
    other_way.cut();
    stage.assert_all_left(&ended, "with two primaries").await;
    let late = stage.newcomer().await;
    stage.other.logout(&late).await;
    stage.assert_gone(&late, "with two primaries").await;
    stage.wait_until_in_use().await;
    stage.assert_all_left(&ended, "when all agree").await;
    stage.assert_gone(&late, "when all agree").await;
    assert_eq!(pair.new.cli(&["EXISTS", "revocations:complete"]), "1");
}

/// A node whose connection still leads to the old primary must not take the old one's word for it that all are told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f33_a_change_is_told_to_the_primary_that_is_believed_and_to_no_other() {
    if !redis::is_there() {
        return;
    }
    let pair = Pair::start();
    let ((way, through), (other_way, other_through)) = (pair.way(), pair.way());
    let stage = Stage::set("old connection", Scene::beside(&pair.old).await, through, other_through).await;
    pair.separate().await;
    way.lead_to(&pair.new);
    other_way.lead_to(&pair.new);
    other_way.cut();
    until("the new primary is believed", async || {
        let marker = pair.new.cli(&["GET", "revocations:complete"]);
        marker != pair.old.cli(&["GET", "revocations:complete"])
            && stage.one.copies.probe.probe().await.is_ok()
            && stage.other.answers_from_copies(&stage.ada).await
    })
    .await;
    stage.one.copies.revocations.changed(stage.ada.user.id, &[]).await.unwrap();
    assert_eq!(stage.other.show(&stage.ada.tokens.access).await, Answer::FromDatabase);
}
