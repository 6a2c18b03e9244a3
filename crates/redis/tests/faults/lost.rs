//! A server that has less than it had: nothing, or what it had before.

use doorward_domain::user::{Role, UserChanges};
use doorward_testkit::redis::{self, RedisOptions, RedisServer};
use doorward_testkit::sample;

use crate::stage::Stage;
use crate::support::{Answer, Scene, on, until};

/// What stands in database 0 where everything that was revoked is there.
const MARKER: &str = "revocations:complete";

async fn stage_on(server: &RedisServer, story: &str) -> Stage {
    Stage::set(story, Scene::beside(server).await, on(server), on(server)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f31_a_server_that_comes_back_empty_is_filled_from_the_database() {
    if !redis::is_there() {
        return;
    }
    let mut server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server, "empty").await;
    let gone = stage.leavers().await;
    for leaver in &gone {
        stage.one.end(leaver).await;
    }
    let marker = server.cli(&["GET", MARKER]);
    server.restart_empty();
    stage.assert_all_left(&gone, "after the restart").await;
    stage.wait_until_in_use().await;
    stage.assert_all_left(&gone, "when Redis is in use again").await;
    for leaver in &gone {
        assert_eq!(server.cli(&["GET", &stage.session(&leaver.login)]), "true", "{:?}", leaver.way);
    }
    assert_eq!(server.cli(&["EXISTS", &stage.session(&stage.ada)]), "0");
    assert_ne!(server.cli(&["GET", MARKER]), marker, "the server's next life is another epoch");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f31_where_the_marker_is_missing_the_database_answers_until_it_is_back() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server, "marker").await;
    let gone = stage.acquaintance().await;
    stage.one.logout(&gone).await;
    // Somebody fills it already, and never comes to an end.
    assert_eq!(server.cli(&["SET", "revocations:refill", "1"]), "OK");
    assert_eq!(server.cli(&["DEL", MARKER, &stage.session(&gone)]), "2");
    for node in stage.nodes() {
        until("Redis is not in use", async || node.copies.probe.probe().await.is_err()).await;
        assert_eq!(node.show(&stage.ada.tokens.access).await, Answer::FromDatabase);
    }
    stage.assert_gone(&gone, "without the marker").await;
    stage.assert_served(&stage.ada, "without the marker").await;
    assert_eq!(server.cli(&["DEL", "revocations:refill"]), "1");
    stage.wait_until_in_use().await;
    assert_eq!(server.cli(&["GET", &stage.session(&gone)]), "true");
    stage.assert_gone(&gone, "with the marker").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f33_a_server_that_comes_back_with_an_older_copy_revives_nobody() {
    if !redis::is_there() {
        return;
    }
    let mut server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server, "older copy").await;
    let gone = stage.leavers().await;
    let copy = server.save();
    for leaver in &gone {
        stage.one.end(leaver).await;
    }
    server.restart_with(&copy);
    stage.assert_all_left(&gone, "after the restart").await;
    stage.wait_until_in_use().await;
    stage.assert_all_left(&gone, "when Redis is in use again").await;
}

/// What is not among the sessions that have ended: accounts that are removed, and what they may do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f33_a_server_that_comes_back_with_an_older_copy_gives_nobody_back_what_was_taken_away() {
    if !redis::is_there() {
        return;
    }
    let mut server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server, "older copy").await;
    let (admin, bob) = (stage.one.admin().await, stage.acquaintance().await);
    let of_role = |role| UserChanges { role: Some(role), ..UserChanges::default() };
    let ada = sample::email("ada@example.com");
    stage.one.update(&admin, &ada, of_role(Role::Admin)).await;
    stage.wait_until_in_use().await;
    let copy = server.save();
    stage.one.update(&admin, &ada, of_role(Role::User)).await;
    stage.one.remove(&admin, bob.user.email.as_str()).await;
    server.restart_with(&copy);
    for when in ["after the restart", "when Redis is in use again"] {
        stage.assert_gone(&bob, when).await;
        for node in stage.nodes() {
            assert_eq!(node.document(&stage.ada).await.role, Role::User, "{when}");
        }
        stage.wait_until_in_use().await;
    }
}
