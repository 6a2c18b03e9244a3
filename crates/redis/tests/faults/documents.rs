//! Documents where their accounts change, and where somebody else has written.

use std::sync::Arc;

use doorward_domain::port::Stamp;
use doorward_domain::user::{Change, KeptDocument, ProfileChange, Role, UserChanges};
use doorward_testkit::redis::{self, RedisOptions, RedisServer};
use doorward_testkit::sample;
use tokio::join;
use uuid::Uuid;

use crate::stage::Stage;
use crate::support::{Scene, on};

const ADA: &str = "ada@example.com";

async fn stage_on(server: &RedisServer) -> Stage {
    Stage::set("documents", Scene::beside(server).await, on(server), on(server)).await
}

/// Documents are in this database.
fn cli(server: &RedisServer, command: &[&str]) -> String {
    server.cli(&[&["-n", "1"], command].concat())
}

fn city(name: &str) -> UserChanges {
    let profile = ProfileChange { city: Change::Set(sample::text(name)), ..ProfileChange::default() };
    UserChanges { profile: Change::Set(profile), ..UserChanges::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_node_shows_is_never_older_than_a_change_that_was_acknowledged_anywhere() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let ada = sample::email(ADA);
    for round in 0..30 {
        let (here, there) = (city(&format!("Here {round}")), city(&format!("There {round}")));
        let (one, other) =
            join!(stage.one.update(&stage.ada, &ada, here), stage.other.update(&stage.ada, &ada, there));
        let last = if one.version > other.version { one } else { other };
        for node in stage.nodes() {
            let shown = node.document(&stage.ada).await;
            assert_eq!((shown.version, &shown.profile), (last.version, &last.profile));
        }
    }
    stage.wait_until_in_use().await;
    let kept = cli(&server, &["GET", ADA]);
    assert!(kept.contains(r#""version":62,"#), "{kept}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_moves_with_its_address_and_whoever_gets_the_old_one_has_their_own() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let moved = UserChanges { email: Some(sample::email("Countess@example.com")), ..UserChanges::default() };
    stage.one.update(&stage.ada, &sample::email(ADA), moved).await;
    stage.wait_until_in_use().await;
    assert_eq!(cli(&server, &["EXISTS", ADA]), "0");
    assert!(cli(&server, &["GET", "countess@example.com"]).contains("Countess@example.com"));

    // The name with which she logs in stays hers; another one's address may become what hers was.
    let bob = stage.newcomer().await;
    let heir = UserChanges { email: Some(sample::email("heir@example.com")), ..UserChanges::default() };
    stage.other.update(&bob, &bob.user.email, heir).await;
    let away = UserChanges { email: Some(sample::email("gone@example.com")), ..UserChanges::default() };
    stage.one.update(&stage.ada, &sample::email("countess@example.com"), away).await;
    let takes = UserChanges { email: Some(sample::email("countess@example.com")), ..UserChanges::default() };
    stage.other.update(&bob, &sample::email("heir@example.com"), takes).await;
    for login in [&stage.ada, &bob] {
        stage.wait_until_known(login).await;
    }
    for node in stage.nodes() {
        assert_eq!(node.document(&stage.ada).await.email.as_str(), "gone@example.com");
        assert_eq!(node.document(&bob).await.email.as_str(), "countess@example.com");
    }
    assert!(cli(&server, &["GET", "countess@example.com"]).contains(&bob.user.id.to_string()));
    assert_eq!(cli(&server, &["EXISTS", "heir@example.com"]), "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_else_stands_where_a_document_belongs_gives_way_to_it() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let pointer = format!("address:{}", stage.ada.user.id);
    let old = cli(&server, &["GET", ADA]).replace(r#"{"v":1,"#, r#"{"v":0,"#);
    let foreign: &[&[&str]] = &[
        &["SET", ADA, "rubbish"],
        &["SET", ADA, ""],
        &["SET", ADA, &old],
        &["EVAL", "redis.call('SET', KEYS[1], '\\255\\254\\0')", "1", ADA],
        &["RPUSH", ADA, "a", "list"],
        &["HSET", ADA, "a", "field"],
        &["SET", &pointer, "nobody@example.com"],
        &["EVAL", "redis.call('SET', KEYS[1], '\\255\\254\\0')", "1", &pointer],
        &["SADD", &pointer, "a", "set"],
    ];
    for command in foreign {
        for key in [ADA, &pointer] {
            if command.contains(&key) {
                cli(&server, &["DEL", key]);
            }
        }
        let answer = cli(&server, command);
        assert!(!answer.contains("ERR") && !answer.contains("WRONGTYPE"), "{command:?}: {answer}");
        stage.assert_served(&stage.ada, "with something else in her place").await;
        stage.wait_until_in_use().await;
        let kept = cli(&server, &["GET", ADA]);
        assert!(kept.starts_with(r#"{"v":1,"#), "{command:?}: {kept}");
        assert_eq!(cli(&server, &["GET", &pointer]), ADA, "{command:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_somebody_else_has_written_is_not_shown() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let bob = stage.acquaintance().await;
    // Bob's, under her name; and hers, with a stamp that nobody has given.
    let bobs = cli(&server, &["GET", bob.user.email.normal()]);
    let hers = cli(&server, &["GET", ADA]).replace(r#""role":"user""#, r#""role":"admin""#);
    let stamp = hers.split('"').nth(7).unwrap().to_owned();
    let hers = hers.replace(&stamp, &bob.user.id.to_string());
    for forged in [bobs, hers] {
        cli(&server, &["SET", ADA, &forged]);
        for node in stage.nodes() {
            let shown = node.document(&stage.ada).await;
            assert_eq!((shown.id, shown.role), (stage.ada.user.id, Role::User));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_admin_takes_away_on_one_node_is_gone_on_the_other_by_the_next_request() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let admin = stage.one.admin().await;
    for role in [Role::Admin, Role::User] {
        stage.wait_until_in_use().await;
        let changes = UserChanges { role: Some(role), ..UserChanges::default() };
        stage.one.update(&admin, &sample::email(ADA), changes).await;
        for node in stage.nodes() {
            assert_eq!(node.document(&stage.ada).await.role, role);
            assert_eq!(node.caller(&stage.ada).await.user.role, role);
        }
    }
    stage.wait_until_in_use().await;
    let closed = UserChanges { active: Some(false), ..UserChanges::default() };
    stage.other.update(&admin, &sample::email(ADA), closed).await;
    stage.assert_gone(&stage.ada, "when her account is closed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_removed_account_no_document_stays() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let admin = stage.one.admin().await;
    stage.one.remove(&admin, ADA).await;
    stage.assert_gone(&stage.ada, "when her account is removed").await;
    assert_eq!(cli(&server, &["EXISTS", ADA]), "0");
    assert_eq!(cli(&server, &["GET", &format!("address:{}", stage.ada.user.id)]), "deleted");
    // Somebody else may have the address now.
    let heir = stage.other.newcomer(ADA).await;
    stage.wait_until_known(&heir).await;
    stage.assert_gone(&stage.ada, "when somebody else has her address").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_is_kept_while_its_account_is_removed_does_not_stay() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let documents = &stage.one.copies.documents;
    for turns in 0..40 {
        let somebody = sample::user(turns);
        let (id, document) = (somebody.id, Arc::new(KeptDocument::from(somebody)));
        let stamp = Stamp::new(Uuid::from_u128(turns.into()));
        documents.keep(&document, stamp).await;
        let removal = async {
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
            documents.delete(id).await;
        };
        tokio::join!(documents.keep(&document, stamp), removal);
        documents.keep(&document, stamp).await;
        assert_eq!(cli(&server, &["EXISTS", document.email.normal()]), "0", "after {turns} turns");
        assert_eq!(cli(&server, &["GET", &format!("address:{id}")]), "deleted");
    }
}
