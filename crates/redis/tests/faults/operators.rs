//! What operators set by hand counts, on every node at once.

use doorward_domain::Origin;
use doorward_domain::sessions::{Login, RefreshError};
use doorward_testkit::redis::{self, RedisOptions, RedisServer};

use crate::stage::Stage;
use crate::support::{Answer, LEEWAY, Scene, in_time, on};

async fn stage_on(server: &RedisServer) -> Stage {
    Stage::set("operators", Scene::beside(server).await, on(server), on(server)).await
}

/// What the operator reads in the token.
fn id(stage: &Stage, token: &str) -> String {
    stage.scene.claims(token).id.to_string()
}

async fn may_refresh(stage: &Stage, login: &Login) -> bool {
    match in_time(stage.other.sessions.refresh(&login.tokens.refresh, &Origin::default())).await {
        Ok(_) => true,
        Err(RefreshError::Revoked) => false,
        Err(error) => panic!("that should not happen: {error:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f35_an_access_token_that_an_operator_revokes_is_refused_on_every_node_at_once() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let token = &stage.ada.tokens.access;
    let id = id(&stage, token);
    assert_eq!(server.cli(&["-n", "0", "SET", &id, "true", "EX", "3600"]), "OK");
    for node in stage.nodes() {
        assert_eq!(node.show(token).await, Answer::Refused);
        assert!(in_time(node.sessions.authenticate(token, Origin::default())).await.is_err());
    }
    assert!(may_refresh(&stage, &stage.ada).await, "it was this token alone");
    assert_eq!(server.cli(&["-n", "0", "DEL", &id]), "1");
    stage.assert_served(&stage.ada, "when the operator has taken it back").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f35_a_refresh_token_that_an_operator_revokes_is_not_spent() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let id = id(&stage, &stage.ada.tokens.refresh);
    assert_eq!(server.cli(&["-n", "0", "SET", &id, "true", "EX", "3600"]), "OK");
    assert!(!may_refresh(&stage, &stage.ada).await);
    stage.assert_served(&stage.ada, "it was this token alone").await;
    assert_eq!(server.cli(&["-n", "0", "DEL", &id]), "1");
    assert!(may_refresh(&stage, &stage.ada).await);
}

/// The value is a boolean in the seed. Whatever it is, the key is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f35_a_session_that_an_operator_revokes_is_refused_whatever_the_value() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    for value in ["true", "false", "1", "0", "", "stolen laptop"] {
        let login = stage.acquaintance().await;
        assert_eq!(server.cli(&["SET", &stage.session(&login), value, "EX", "3600"]), "OK");
        stage.assert_gone(&login, value).await;
    }
    stage.assert_served(&stage.ada, "she is somebody else").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f39_a_longer_time_that_an_operator_gave_is_not_shortened_and_a_shorter_one_is_lengthened() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let now = stage.scene.now().seconds();
    let later = now + 30 * 24 * 60 * 60;
    // -1 is for ever. What is to be is `None` where it is as long as the token.
    for (given, expected) in [(-1, Some(-1)), (later, Some(later)), (now + 60, None)] {
        let login = stage.acquaintance().await;
        let token = stage.scene.claims(&login.tokens.access);
        let id = token.id.to_string();
        let caller =
            in_time(stage.one.sessions.authenticate(&login.tokens.access, Origin::default())).await.unwrap();
        assert_eq!(server.cli(&["SET", &id, "true"]), "OK");
        if given > 0 {
            assert_eq!(server.cli(&["EXPIREAT", &id, &given.to_string()]), "1");
        }
        in_time(stage.one.sessions.logout(&caller)).await.unwrap();
        let expires: i64 = server.cli(&["EXPIRETIME", &id]).parse().unwrap();
        assert_eq!(expires, expected.unwrap_or(token.expires_at.plus(LEEWAY).seconds()));
    }
}
