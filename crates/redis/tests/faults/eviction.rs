//! Servers that throw keys away, and one that is not there when the service starts.

use doorward_testkit::redis::{self, RedisOptions, RedisServer};

use crate::stage::Stage;
use crate::support::{Leaver, Scene, Way, on, settings, until};

/// Room for more than is ever there.
const ROOM: u64 = 100 << 20;

/// How many sessions end in each way, and how many stay.
const MANY: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f34_a_server_that_throws_keys_away_is_refused_at_the_start_for_tokens() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new().memory(ROOM, "noeviction"));
    let scene = Scene::beside(&server).await;
    assert!(scene.try_node(on(&server)).await.is_ok());
    for policy in
        ["allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-random", "volatile-ttl"]
    {
        assert_eq!(server.cli(&["CONFIG", "SET", "maxmemory-policy", policy]), "OK");
        let Err(error) = scene.try_node(on(&server)).await else { panic!("{policy} is taken") };
        let said = error.to_string();
        let place = format!("127.0.0.1:{}", server.port());
        assert!([policy, "noeviction", &place].iter().all(|word| said.contains(word)), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f34_a_server_that_has_documents_only_may_throw_them_away() {
    if !redis::is_there() {
        return;
    }
    let tokens = RedisServer::start(RedisOptions::new());
    let documents = RedisServer::start(RedisOptions::new().memory(ROOM, "allkeys-lru"));
    let on_both = settings(&tokens.url(0), &documents.url(0));
    let stage = Stage::set("evicted", Scene::beside(&tokens).await, on_both.clone(), on_both).await;
    assert_eq!(documents.cli(&["EXISTS", "ada@example.com"]), "1");
    assert_eq!(documents.cli(&["FLUSHALL"]), "OK");
    stage.assert_served(&stage.ada, "without documents").await;
    stage.wait_until_in_use().await;
}

/// The policy was changed behind the service's back, and memory is short.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f34_r04_whatever_is_thrown_away_no_ended_session_is_alive() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = Stage::set("evicted", Scene::beside(&server).await, on(&server), on(&server)).await;
    let (mut ended, mut live) = (Vec::new(), Vec::new());
    for _ in 0..MANY {
        ended.extend(stage.leavers().await);
        live.push(stage.acquaintance().await);
    }
    for leaver in &ended {
        stage.one.end(leaver).await;
    }
    assert_eq!(server.cli(&["CONFIG", "SET", "maxmemory-policy", "allkeys-random"]), "OK");
    assert_eq!(server.cli(&["CONFIG", "SET", "maxmemory", &server.told("used_memory")]), "OK");
    for round in 0..4 {
        let fill =
            format!("for i = 1, 200 do redis.call('SET', 'filler:{round}:' .. i, string.rep('x', 500)) end");
        server.cli(&["EVAL", &fill, "0"]);
        for leaver in &ended {
            stage.assert_left(leaver, "while keys are thrown away").await;
        }
        for login in &live {
            stage.assert_served(login, "while keys are thrown away").await;
        }
    }
    assert_ne!(server.told("evicted_keys"), "0");
    // Only of those who log out it is written down.
    let there = |leaver: &Leaver| server.cli(&["EXISTS", &stage.session(&leaver.login)]) == "1";
    let mut logged_out = ended.iter().filter(|leaver| leaver.way == Way::Logout);
    assert!(!logged_out.all(there), "no ended session was forgotten: nothing was proved");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r01_a_server_that_is_absent_at_the_start_is_used_when_it_comes() {
    if !redis::is_there() {
        return;
    }
    let mut server = RedisServer::start(RedisOptions::new());
    let scene = Scene::beside(&server).await;
    server.kill();
    let node = scene.node(on(&server)).await;
    let login = node.newcomer("ada@example.com").await;
    let gone = node.newcomer("bob@example.com").await;
    node.logout(&gone).await;
    assert!(node.serves(&login).await && node.refuses(&gone).await);
    assert!(node.copies.probe.probe().await.is_err());
    server.restart_empty();
    until("Redis is in use", async || node.answers_from_copies(&login).await).await;
    assert!(node.refuses(&gone).await);
}
