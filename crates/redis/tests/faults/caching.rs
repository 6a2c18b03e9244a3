//! Nodes that remember what they have read, as long as the server tells them of changes.

use std::sync::Arc;

use doorward_domain::sessions::Login;
use doorward_redis::RedisSettings;
use doorward_testkit::fake::MapDocuments;
use doorward_testkit::redis::{self, Mishap, RedisOptions, RedisProxy, RedisServer};
use tokio::time::sleep;

use crate::stage::{SHORT, Stage};
use crate::support::{Answer, Node, Scene, Way, on, settings, until};

/// So often somebody looks at most until what has changed is seen: before it would have been forgotten anyway.
const LOOKS: usize = 200;

const BETWEEN_LOOKS: std::time::Duration = std::time::Duration::from_millis(10);

fn remembering(settings: RedisSettings) -> RedisSettings {
    RedisSettings { client_caching: true, ..settings }
}

async fn stage_on(server: &RedisServer) -> Stage {
    let settings = remembering(on(server));
    Stage::set("caching", Scene::beside(server).await, settings.clone(), settings).await
}

/// How often the server was asked about tokens.
fn asked(server: &RedisServer) -> u64 {
    calls(server, "mget")
}

fn calls(server: &RedisServer, command: &str) -> u64 {
    let report = server.cli(&["INFO", "commandstats"]);
    let beginning = format!("cmdstat_{command}:calls=");
    let counted = report.lines().find_map(|line| line.strip_prefix(&beginning)?.split(',').next());
    counted.map_or(0, |count| count.parse().unwrap())
}

/// It is so before long.
async fn soon(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..LOOKS {
        if is_so().await {
            return;
        }
        sleep(BETWEEN_LOOKS).await;
    }
    panic!("too late: {what}");
}

/// Until the node answers without asking anybody.
async fn wait_until_remembered(server: &RedisServer, node: &Node, login: &Login) {
    until("the node remembers", async || {
        let before = asked(server);
        node.answers_from_copies(login).await && asked(server) == before
    })
    .await;
}

/// A node is no longer told of anything: it asks again.
async fn wait_until_asked_again(server: &RedisServer, node: &Node, login: &Login) {
    let before = asked(server);
    soon("the server is asked again", async || {
        node.show(&login.tokens.access).await;
        asked(server) > before
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_told_of_changes_who_did_not_want_to_be() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = Stage::set("plain", Scene::beside(&server).await, on(&server), on(&server)).await;
    assert_eq!(server.told("tracking_clients"), "0");
    let before = asked(&server);
    assert_eq!(stage.one.show(&stage.ada.tokens.access).await, Answer::FromCopy);
    assert_eq!(asked(&server), before + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_remembered_is_asked_neither_of_redis_nor_of_the_database() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let scene = Scene::beside(&server).await;
    let near = Arc::new(MapDocuments::default());
    let node = scene.node_beside(remembering(on(&server)), near).await.unwrap();
    let ada = node.newcomer("ada@example.com").await;
    wait_until_remembered(&server, &node, &ada).await;
    let (before, database_before) = (asked(&server), node.database.asked());
    // All in the moment in which nothing is forgotten by itself.
    for _ in 0..100 {
        assert!(node.serves(&ada).await);
    }
    assert_eq!((asked(&server), node.database.asked()), (before, database_before));
    assert_ne!(server.told("tracking_clients"), "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changes_elsewhere_is_no_longer_remembered() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    for number in 0..20 {
        // Somebody leaves on another node, or an operator sees to it by hand.
        let way = Way::ALL.get(number % 5);
        let leaver = stage.leaver(way.copied().unwrap_or(Way::Logout)).await;
        let login = &leaver.login;
        wait_until_remembered(&server, &stage.one, login).await;
        if way.is_some() {
            stage.other.end(&leaver).await;
        } else {
            assert_eq!(server.cli(&["SET", &stage.session(login), "true", "EX", "3600"]), "OK");
        }
        soon("the change is seen", async || stage.one.show(&login.tokens.access).await == Answer::Refused)
            .await;
        stage.assert_gone(login, &format!("once it was seen, {way:?}")).await;
    }
    stage.assert_served(&stage.ada, "nothing of hers has changed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_server_has_lost_is_no_longer_remembered() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    for command in ["FLUSHALL", "FLUSHDB"] {
        wait_until_remembered(&server, &stage.one, &stage.ada).await;
        assert_eq!(server.cli(&[command]), "OK");
        wait_until_asked_again(&server, &stage.one, &stage.ada).await;
        stage.wait_until_in_use().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f32_where_the_connection_is_killed_that_tells_of_changes_nothing_is_remembered() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    for _ in 0..5 {
        let login = stage.acquaintance().await;
        wait_until_remembered(&server, &stage.one, &login).await;
        server.cli(&["CLIENT", "KILL", "TYPE", "normal"]);
        wait_until_asked_again(&server, &stage.one, &stage.ada).await;
        stage.other.logout(&login).await;
        stage.assert_gone(&login, "after the connection was killed").await;
        // The next connection tells of changes as the first one did.
        wait_until_remembered(&server, &stage.one, &stage.ada).await;
    }
}

/// The connection stays open, and nothing arrives on it any more, also not that the session has ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f32_where_the_connection_falls_silent_that_tells_of_changes_nothing_is_remembered_for_long() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let way = RedisProxy::before(&server);
    let mut through = remembering(settings(&way.through(&server.url(0)), &server.url(1)));
    through.timeout = SHORT;
    let other = remembering(on(&server));
    let stage = Stage::set("silence", Scene::beside(&server).await, through, other).await;
    let login = stage.acquaintance().await;
    wait_until_remembered(&server, &stage.one, &login).await;
    // All that the node asks to find out whether anybody is there.
    way.on(&["PING"], Mishap::SwallowAnswer);
    let before = calls(&server, "ping");
    until("the connection is silent", async || {
        // It is not forgotten meanwhile.
        stage.one.show(&login.tokens.access).await;
        calls(&server, "ping") != before
    })
    .await;
    stage.other.logout(&login).await;
    soon("the silence is noticed", async || stage.one.refuses(&login).await).await;
    way.heal();
    stage.wait_until_in_use().await;
    stage.assert_gone(&login, "after the silence").await;
}
