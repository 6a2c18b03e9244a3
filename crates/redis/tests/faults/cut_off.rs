//! Nodes that do not reach Redis, or the database, or neither, while others do.

use doorward_redis::RedisSettings;
use doorward_testkit::redis::{self, Mishap, RedisOptions, RedisProxy, RedisServer};

use crate::stage::{SHORT, Stage};
use crate::support::{Answer, Node, Scene, on, settings, until};

/// Two nodes, each with its own way to Redis.
struct Ways {
    stage: Stage,
    one: RedisProxy,
    other: RedisProxy,
    _server: RedisServer,
}

impl Ways {
    async fn open() -> Option<Self> {
        let server = redis::is_there().then(|| RedisServer::start(RedisOptions::new()))?;
        let (one, other) = (RedisProxy::before(&server), RedisProxy::before(&server));
        let through = |way: &RedisProxy| {
            let settings = settings(&way.through(&server.url(0)), &way.through(&server.url(1)));
            RedisSettings { timeout: SHORT, ..settings }
        };
        let settings = (through(&one), through(&other));
        let stage = Stage::set("cut off", Scene::beside(&server).await, settings.0, settings.1).await;
        Some(Self { stage, one, other, _server: server })
    }
}

/// Nothing passes any more, as if the network were gone.
fn block(way: &RedisProxy) {
    way.on(&[], Mishap::Swallow);
    way.freeze();
}

async fn wait_until_not_in_use(node: &Node) {
    until("Redis is not in use", async || node.copies.probe.probe().await.is_err()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_leaves_on_a_node_that_does_not_reach_redis_is_refused_where_it_is_in_use() {
    let Some(ways) = Ways::open().await else { return };
    let stage = &ways.stage;
    let leavers = stage.leavers().await;
    block(&ways.one);
    for leaver in &leavers {
        stage.one.end(leaver).await;
        stage.assert_left(leaver, "when the one who told was cut off").await;
    }
    ways.one.heal();
    stage.wait_until_in_use().await;
    stage.assert_all_left(&leavers, "afterwards").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_leaves_where_redis_is_in_use_is_refused_on_a_node_that_does_not_reach_it() {
    let Some(ways) = Ways::open().await else { return };
    let stage = &ways.stage;
    let leavers = stage.leavers().await;
    block(&ways.other);
    for leaver in &leavers {
        stage.one.end(leaver).await;
        stage.assert_left(leaver, "when the one who was asked was cut off").await;
    }
    stage.assert_served(&stage.ada, "when one node was cut off").await;
    ways.other.heal();
    stage.wait_until_in_use().await;
    stage.assert_all_left(&leavers, "afterwards").await;
}

/// The one cannot tell Redis, and the other cannot see in the database that Redis must not be believed any more. So it
/// has to know by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_does_not_reach_the_database_does_not_believe_redis_for_longer_than_others_wait() {
    let Some(ways) = Ways::open().await else { return };
    let stage = &ways.stage;
    let leavers = stage.leavers().await;
    stage.other.database.be_away(true);
    block(&ways.one);
    for leaver in &leavers {
        stage.one.end(leaver).await;
        // Redis still has the session as live, and whoever reads it there alone would be wrong.
        assert_eq!(stage.other.show(&leaver.login.tokens.access).await, Answer::Unavailable);
    }
    ways.one.heal();
    stage.other.database.be_away(false);
    stage.wait_until_in_use().await;
    stage.assert_all_left(&leavers, "afterwards").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_database_redis_answers_for_a_moment_and_then_nobody() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = Stage::set("no database", Scene::beside(&server).await, on(&server), on(&server)).await;
    let (gone, asks) = (stage.acquaintance().await, stage.acquaintance().await);
    stage.one.logout(&gone).await;
    until("Redis answers without the database", async || {
        stage.wait_until_in_use().await;
        for node in stage.nodes() {
            node.database.be_away(true);
        }
        let answer = stage.one.show(&stage.ada.tokens.access).await;
        if answer != Answer::FromCopy {
            // A busy machine: the moment was over.
            assert_eq!(answer, Answer::Unavailable);
            stage.nodes().into_iter().for_each(|node| node.database.be_away(false));
        }
        answer == Answer::FromCopy
    })
    .await;
    for node in stage.nodes() {
        until("nobody can tell", async || {
            assert_ne!(node.show(&gone.tokens.access).await, Answer::FromCopy);
            node.show(&stage.ada.tokens.access).await == Answer::Unavailable
        })
        .await;
        // That is not said to be done which nobody could write down.
        assert!(node.try_logout(&asks).await.is_err());
        assert!(!node.serves(&gone).await && !node.serves(&asks).await);
    }
    for node in stage.nodes() {
        node.database.be_away(false);
    }
    stage.wait_until_in_use().await;
    stage.assert_gone(&gone, "when the database is back").await;
    stage.assert_served(&asks, "nobody was told that it has ended").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_database_and_without_redis_nobody_is_served_and_nothing_is_said_to_be_done() {
    if !redis::is_there() {
        return;
    }
    let mut server = RedisServer::start(RedisOptions::new());
    let quick = RedisSettings { timeout: SHORT, ..on(&server) };
    let stage = Stage::set("nothing", Scene::beside(&server).await, quick.clone(), quick).await;
    let gone = stage.acquaintance().await;
    stage.one.logout(&gone).await;
    server.kill();
    for node in stage.nodes() {
        node.database.be_away(true);
    }
    for node in stage.nodes() {
        for login in [&gone, &stage.ada] {
            assert_eq!(node.show(&login.tokens.access).await, Answer::Unavailable);
            assert!(node.try_logout(login).await.is_err());
        }
        wait_until_not_in_use(node).await;
    }
    server.restart_empty();
    for node in stage.nodes() {
        assert_eq!(node.show(&gone.tokens.access).await, Answer::Unavailable);
        node.database.be_away(false);
    }
    stage.wait_until_in_use().await;
    stage.assert_gone(&gone, "when all is well").await;
}
