//! A node that was given no Redis, beside nodes that use one: it tells nobody, so nobody must believe.

use doorward_domain::port::{Epoch, EpochRegistry as _, Ids as _};
use doorward_testkit::redis::{self, RedisOptions, RedisServer};

use crate::stage::Stage;
use crate::support::{Answer, Leaver, Scene, Way, on};

async fn stage_on(server: &RedisServer) -> Stage {
    Stage::set("without", Scene::beside(server).await, on(server), on(server)).await
}

async fn present(stage: &Stage) -> Epoch {
    stage.scene.database.present().await.unwrap().unwrap()
}

/// Somebody leaves on a node without Redis. On the other node, which does not reach the database any more, Redis must
/// not be believed from then on, although it has their session as live.
async fn leave_where_only_redis_answers(stage: &Stage, leaver: &Leaver) {
    stage.scene.node_without_redis().end(leaver).await;
    assert_eq!(stage.other.show(&leaver.login.tokens.access).await, Answer::Unavailable);
    stage.other.database.be_away(false);
    stage.assert_left(leaver, "when the database is back").await;
    stage.wait_until_in_use().await;
    stage.assert_left(leaver, "when Redis is in use again").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ends_on_a_node_without_redis_is_refused_from_then_on_where_redis_is_used_again_later() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let without = stage.scene.node_without_redis();
    let (leavers, before) = (stage.leavers().await, present(&stage).await);
    for leaver in &leavers {
        without.end(leaver).await;
        assert_ne!(present(&stage).await.id, before.id, "the epoch goes on after {:?}", leaver.way);
        stage.assert_left(leaver, "on a node without Redis").await;
    }
    stage.assert_served(&stage.ada, "nothing of hers has changed").await;
    stage.wait_until_in_use().await;
    stage.assert_all_left(&leavers, "when Redis is in use again").await;
    let after = present(&stage).await;
    assert_ne!(after.id, before.id);
    assert_eq!(after.witness, before.witness, "it is the same server in the same life");
}

/// The other node does not see that the epoch has ended, and believes for as long as it may.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_without_redis_does_not_answer_before_everybody_has_stopped_believing() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let leaver = stage.leaver(Way::NewPassword).await;
    stage.wait_until_known(&leaver.login).await;
    stage.other.database.be_away(true);
    leave_where_only_redis_answers(&stage, &leaver).await;
}

/// It is not enough that an epoch has ended: others may not have noticed yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_an_epoch_has_just_ended_a_node_without_redis_waits_like_whoever_ended_it() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let leaver = stage.leaver(Way::Closing).await;
    stage.wait_until_known(&leaver.login).await;
    stage.other.database.be_away(true);
    let (seen, nobody) = (present(&stage).await.id, stage.scene.fakes.ids.token().uuid());
    let nobody = Epoch { id: nobody, witness: None };
    assert_eq!(stage.scene.database.begin(Some(seen), &nobody).await.unwrap(), nobody);
    leave_where_only_redis_answers(&stage, &leaver).await;
}
