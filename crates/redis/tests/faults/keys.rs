//! Which keys there are, in which database, and for how long.

use std::time::Duration;

use doorward_domain::port::Revoked;
use doorward_domain::sessions::SessionRules;
use doorward_domain::throttle::{Pseudonym, Rate, Scope, ThrottleKey};
use doorward_testkit::redis::{self, RedisOptions, RedisServer};
use uuid::Uuid;

use crate::stage::Stage;
use crate::support::{LEEWAY, Scene, on};

const MINUTE: Duration = Duration::from_secs(60);

/// All keys of a database, in order.
fn keys(server: &RedisServer, database: &str) -> Vec<String> {
    let all = server.cli(&["-n", database, "--scan"]);
    let mut keys: Vec<_> = all.lines().map(str::to_owned).collect();
    keys.sort_unstable();
    keys
}

fn number(server: &RedisServer, command: &[&str]) -> i64 {
    server.cli(command).parse().unwrap()
}

async fn stage_on(server: &RedisServer) -> Stage {
    Stage::set("keys", Scene::beside(server).await, on(server), on(server)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f35_tokens_are_in_database_0_and_documents_in_database_1_and_nothing_is_elsewhere() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let gone = stage.acquaintance().await;
    stage.one.logout(&gone).await;
    let key = ThrottleKey { scope: Scope::LoginGuess, subject: Pseudonym::new([0xab; 16]) };
    stage.one.copies.throttle.take(&key, &[Rate::new(5, MINUTE).unwrap()]).await.unwrap();
    stage.one.copies.throttle.vouch(&key, MINUTE).await;

    let epoch = server.cli(&["GET", "revocations:complete"]);
    let (ada, token) = (&stage.ada.user, stage.scene.claims(&gone.tokens.access));
    let (ada_id, gone_id, subject) = (ada.id, gone.user.id, "ab".repeat(16));
    let mut expected = vec![
        token.id.to_string(),
        token.session.to_string(),
        "revocations:complete".to_owned(),
        format!("user:{ada_id}:{epoch}"),
        format!("user:{gone_id}:{epoch}"),
        format!("live:{}:{epoch}", stage.session(&stage.ada)),
        format!("live:{}:{epoch}", token.session),
        format!("throttle:{{login_guess:{subject}}}:0"),
        format!("known:{{login_guess:{subject}}}"),
    ];
    expected.sort_unstable();
    assert_eq!(keys(&server, "0"), expected);
    for id in [token.id.to_string(), token.session.to_string()] {
        assert_eq!(server.cli(&["GET", &id]), "true");
    }
    let mut expected = vec![
        "ada@example.com".to_owned(),
        "person0@example.com".to_owned(),
        format!("address:{ada_id}"),
        format!("address:{gone_id}"),
    ];
    expected.sort_unstable();
    assert_eq!(keys(&server, "1"), expected);
    assert_eq!(server.cli(&["-n", "1", "GET", &format!("address:{ada_id}")]), "ada@example.com");
    let databases = server.cli(&["INFO", "keyspace"]);
    assert_eq!(databases.lines().filter(|line| line.starts_with("db")).count(), 2, "{databases}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f35_nothing_is_kept_for_ever_but_the_marker() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let gone = stage.acquaintance().await;
    stage.one.logout(&gone).await;
    for database in ["0", "1"] {
        for key in keys(&server, database) {
            let seconds = number(&server, &["-n", database, "TTL", &key]);
            assert_eq!(seconds > 0, key != "revocations:complete", "{key}: {seconds} s");
        }
    }
}

/// Where a node dies after a change and before it has told of it, so long does nobody know.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f35_a_session_counts_as_live_for_five_minutes_without_the_database() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let epoch = server.cli(&["GET", "revocations:complete"]);
    let seconds = number(&server, &["TTL", &format!("live:{}:{epoch}", stage.session(&stage.ada))]);
    assert!((1..=300).contains(&seconds), "{seconds}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f39_what_a_logout_revokes_stays_so_until_the_last_token_has_expired_and_its_leeway() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let gone = stage.acquaintance().await;
    // The session may have been given another access token a moment ago.
    stage.scene.fakes.clock.advance(MINUTE);
    let now = stage.scene.now();
    stage.one.logout(&gone).await;
    let token = stage.scene.claims(&gone.tokens.access);
    let expires = |id: String| number(&server, &["EXPIRETIME", &id]);
    assert_eq!(expires(token.id.to_string()), token.expires_at.plus(LEEWAY).seconds());
    let last = now.plus(SessionRules::default().access_lifetime).plus(LEEWAY);
    assert_eq!(expires(token.session.to_string()), last.seconds());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f39_what_has_expired_is_not_written_and_what_is_accepted_a_moment_longer_is() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let (now, user) = (stage.scene.now(), stage.ada.user.id);
    let millisecond = Duration::from_millis(1);
    let over = now.minus(LEEWAY);
    for (number, (until, is_written)) in (1..).zip([
        (over.minus(millisecond), false),
        (over, false),
        (over.plus(Duration::from_secs(30)), true),
        (now, true),
    ]) {
        let id = Uuid::from_u128(number);
        stage.one.copies.revocations.changed(user, &[Revoked { id, until }]).await.unwrap();
        assert_eq!(server.cli(&["EXISTS", &id.to_string()]) == "1", is_written, "{until:?} at {now:?}");
    }
}

/// Seconds are whole in Redis: a part of one counts as one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f39_a_part_of_a_second_is_not_lost() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let soon = stage.scene.now().plus(MINUTE);
    for (number, millis, expected) in [(1, 0, 0), (2, 1, 1), (3, 999, 1)] {
        let revoked =
            Revoked { id: Uuid::from_u128(number), until: soon.plus(Duration::from_millis(millis)) };
        stage.one.copies.revocations.changed(stage.ada.user.id, &[revoked]).await.unwrap();
        let expires = self::number(&server, &["EXPIRETIME", &revoked.id.to_string()]);
        assert_eq!(expires, soon.plus(LEEWAY).seconds() + expected);
    }
}
