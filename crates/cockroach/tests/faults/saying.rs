//! What is said to the database, and what never is.

use std::collections::HashSet;

use doorward_cockroach::CockroachStore;
use doorward_domain::Timestamp;
use doorward_domain::port::{
    Archive, Direction, KeyFingerprint, KeyRegistry, Probe, SessionRepository, SortKey, UserFilter,
    UserQuery, UserRepository,
};
use doorward_domain::token::Rotation;
use doorward_testkit::fault_proxy::{Log, Statement};
use doorward_testkit::sample;

use crate::scene::Scene;
use crate::writes::{Case, Write};

/// Everything that a store can be asked for while it serves, and the moving of everything.
async fn live_through_everything(scene: &Scene) {
    for case in scene.one_of_each().await {
        scene.acknowledged(&case).await;
    }
    scene.proxy.clear_log();
    for write in Write::ALL {
        let case = Case::new(write, 1_000 + write as u32);
        case.prepare(&scene.store).await;
        scene.acknowledged(&case).await;
        read(&scene.store, &case).await;
    }
    let store = &scene.store;
    let key = KeyFingerprint { name: "pepper".to_owned(), fingerprint: "f1".to_owned() };
    store.register_first(std::slice::from_ref(&key)).await.unwrap();
    store.register(&[key]).await.unwrap();
    store.registered().await.unwrap();
    store.begin_transfer("somewhere").await.unwrap();
    let moved = sample::user(2_000);
    let session = sample::session(&moved, 20_000, sample::NOW);
    store.add_users(std::slice::from_ref(&moved)).await.unwrap();
    store.add_sessions(std::slice::from_ref(&session)).await.unwrap();
    store.users_after(None, 10).await.unwrap();
    store.sessions_after(None, 10).await.unwrap();
    store.add_audit(&[sample::full_entry(20_000)]).await.unwrap();
    store.audit_after(None, 10).await.unwrap();
    store.remove_audit(&[sample::audit_id(20_000)]).await.unwrap();
    store.remove_sessions(&[session.id]).await.unwrap();
    store.remove_users(&[moved.id]).await.unwrap();
    store.unfinished_transfer().await.unwrap();
    store.finish_transfer().await.unwrap();
    store.schema_status().await.unwrap();
}

async fn read(store: &CockroachStore, case: &Case) {
    let [first, ..] = case.sessions();
    store.find(first.user_id).await.unwrap();
    store.find_by_address(&case.user().email).await.unwrap();
    store.find_live(first.id, sample::NOW).await.unwrap();
    let query = UserQuery {
        filter: UserFilter::default(),
        sort: SortKey::Username,
        direction: Direction::Descending,
        after: None,
        limit: 10,
    };
    store.list(&query).await.unwrap();
    store.count(&query.filter).await.unwrap();
    store.probe().await.unwrap();
}

/// The statements that were not said between BEGIN and the end of a transaction, but for what each connection begins
/// with.
fn outside_of_transactions(log: &Log) -> Vec<Statement> {
    let mut inside = HashSet::new();
    let mut outside = Vec::new();
    for statement in log.statements() {
        match statement.text.split(' ').next() {
            Some("BEGIN") => assert!(inside.insert(statement.connection), "a transaction in a transaction"),
            Some("COMMIT" | "ROLLBACK") => assert!(inside.remove(&statement.connection)),
            Some("SET") => {}
            _ if inside.contains(&statement.connection) => {}
            _ => outside.push(statement.clone()),
        }
    }
    outside
}

/// So there is no statement outside of a transaction whose outcome could be ambiguous.
#[tokio::test]
async fn f13_nothing_is_written_outside_of_a_transaction() {
    let Some(scene) = Scene::open().await else { return };
    live_through_everything(&scene).await;
    let log = scene.proxy.log();
    let outside = outside_of_transactions(&log);
    assert!(outside.len() > 30 && log.begins() > 30, "{outside:#?}");
    for statement in outside {
        let begins_with = statement.text.split(' ').next().unwrap_or_default();
        let changes = ["INSERT", "UPDATE", "DELETE", "FOR UPDATE"];
        assert_eq!(begins_with, "SELECT", "{}", statement.text);
        assert!(!changes.iter().any(|change| statement.text.contains(change)), "{}", statement.text);
    }
    scene.finish().await;
}

#[tokio::test]
async fn f18_whatever_is_acknowledged_is_there() {
    let Some(scene) = Scene::open().await else { return };
    for case in scene.one_of_each().await {
        assert!(!scene.is_done(&case).await);
        scene.acknowledged(&case).await;
    }
    scene.finish().await;
}

/// Whoever goes back to a savepoint after a collision has not begun again.
#[tokio::test]
async fn f19_no_transaction_has_another_one_in_it() {
    let Some(scene) = Scene::open().await else { return };
    live_through_everything(&scene).await;
    let log = scene.proxy.log();
    for word in ["SAVEPOINT", "savepoint", "RELEASE", "LOCK TABLE", "advisory"] {
        assert_eq!(log.containing(word), 0, "{word}");
    }
    let begins = log.texts().into_iter().filter(|text| text.starts_with("BEGIN")).collect::<HashSet<_>>();
    assert_eq!(begins, HashSet::from(["BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE"]));
    scene.finish().await;
}

#[tokio::test]
async fn f28_only_the_clock_of_the_service_counts() {
    let Some(scene) = Scene::open().await else { return };
    for (number, year) in [(3_000, -30), (3_001, 0), (3_002, 200)] {
        let at = |seconds: i64| Timestamp::from_seconds(sample::NOW.seconds() + year * 31_556_952 + seconds);
        let user = sample::user(number);
        scene.store.insert(&user, &[]).await.unwrap();
        let login = sample::login(&user, 10_000 + number, at(0));
        scene.store.open(&login).await.unwrap();
        let session = login.session;
        let is_live = async |now| scene.store.find_live(session.id, now).await.unwrap().is_some();
        let lifetime = i64::try_from(sample::LIFETIME.as_secs()).unwrap();
        assert!(is_live(at(0)).await && is_live(at(lifetime - 1)).await && !is_live(at(lifetime)).await);
        let rotate = async |number, token, now| {
            let successor = sample::successor(number);
            let rotated =
                scene.store.rotate(session.id, token, successor, now, sample::LIMITS, &sample::reuse()).await;
            rotated.unwrap().unwrap()
        };
        let rotated = rotate(1, session.refresh_id, at(lifetime - 1)).await;
        assert_eq!(rotated.rotation, Rotation::Rotated);
        let late = rotate(2, rotated.session.refresh_id, at(lifetime)).await;
        assert_eq!(late.rotation, Rotation::Expired);
    }
    live_through_everything(&scene).await;
    for asking in ["now()", "CURRENT_TIMESTAMP", "current_timestamp", "clock_timestamp"] {
        assert_eq!(scene.proxy.log().containing(asking), 0, "{asking}");
    }
    scene.finish().await;
}
