//! Errors that say something else than "again".

use doorward_cockroach::CockroachStore;
use doorward_domain::audit::Deed;
use doorward_domain::port::{InsertUserError, Probe, StoreError, UpdateUserError, UserRepository};
use doorward_testkit::fault_proxy::{Action, Fault, Moment, Rule, fault};
use doorward_testkit::sample;

use crate::scene::{PATIENT, Scene, connections};
use crate::support;
use crate::writes::Write;

/// Each statement of each write, one after the other, meets the fault: there is one try, nothing is written, and the
/// transaction is over.
async fn is_not_tried_again(scene: &Scene, fault: Fault, is_expected: fn(&StoreError) -> bool) {
    for write in Write::ALL {
        for place in 1..=scene.statements_of(write).await {
            let case = scene.prepared(write).await;
            let met = scene.proxy.on(Moment::statement().nth(place), Action::fail(fault.clone()));
            let error = scene.failed(&case).await;
            assert!(is_expected(&error), "{write:?}: {error:?}");
            let log = scene.proxy.log();
            assert_eq!((met.followed(), log.begins(), log.commits()), (1, 1, 0), "{write:?}");
            assert!(!scene.is_done(&case).await, "{write:?}");
            let retries: u64 = scene.store.counts().iter().map(|count| count.retries).sum();
            assert_eq!(retries, 0);
        }
    }
}

fn is_unavailable(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable(_))
}

fn is_broken(error: &StoreError) -> bool {
    matches!(error, StoreError::Broken(_))
}

#[tokio::test]
async fn f14_a_statement_that_took_too_long_is_not_begun_again() {
    let Some(scene) = Scene::open().await else { return };
    is_not_tried_again(&scene, fault::statement_timeout(), is_unavailable).await;
    scene.finish().await;
}

#[tokio::test]
async fn f15_a_lock_that_was_waited_for_too_long_is_not_waited_for_again() {
    let Some(scene) = Scene::open().await else { return };
    is_not_tried_again(&scene, fault::lock_timeout(), is_unavailable).await;
    scene.finish().await;
}

#[tokio::test]
async fn f16_a_plan_that_a_change_of_schema_made_stale_is_made_anew_on_another_connection() {
    let Some(scene) = Scene::open().await else { return };
    for write in Write::ALL {
        for place in 1..=scene.statements_of(write).await {
            let case = scene.prepared(write).await;
            scene.proxy.on(Moment::statement().nth(place), Action::fail(fault::cached_plan()));
            scene.acknowledged(&case).await;
            let log = scene.proxy.log();
            assert_eq!((log.begins(), log.commits(), connections(&log)), (2, 1, 2), "{write:?}");
        }
    }
    scene.finish().await;
}

#[tokio::test]
async fn f16_a_column_that_really_changes_its_type_is_noticed_by_nobody() {
    let Some(scene) = Scene::on_postgres().await else { return };
    for kind in ["VARCHAR(300)", "TEXT"] {
        let cases = scene.one_of_each().await;
        let change = format!("ALTER TABLE users ALTER COLUMN city TYPE {kind}");
        scene.client.batch_execute(&change).await.unwrap();
        for case in cases {
            scene.acknowledged(&case).await;
            scene.store.find(case.user().id).await.unwrap();
        }
    }
    assert!(scene.said.text().contains("cached plan must not change result type"));
    scene.finish().await;
}

#[tokio::test]
async fn f17_an_address_that_is_somebodys_is_known_by_the_name_of_its_constraint_alone() {
    let Some(scene) = Scene::open().await else { return };
    let claim = || Moment::statement().containing("INSERT INTO \"user_addresses\"");
    let taken = || Action::fail(fault::unique_violation("user_addresses_pkey"));
    let (insert, update) = (scene.prepared(Write::Insert).await, scene.prepared(Write::Update).await);
    scene.proxy.add(Rule::new(claim(), taken()).times(2));
    let answer = scene.store.insert(&insert.user(), &[]).await;
    assert!(matches!(answer, Err(InsertUserError::AddressTaken)), "{answer:?}");
    let mut user = scene.store.find(update.user().id).await.unwrap().unwrap();
    user.version += 1;
    user.email = sample::email("elsewhere@example.com");
    let answer = scene.store.update(&user, &Deed::default()).await;
    assert!(matches!(answer, Err(UpdateUserError::AddressTaken)), "{answer:?}");
    for case in [insert, update] {
        assert!(!scene.is_done(&case).await);
        scene.acknowledged(&case).await;
    }
    scene.finish().await;
}

#[tokio::test]
async fn f17_any_other_constraint_is_no_matter_of_addresses() {
    let Some(scene) = Scene::open().await else { return };
    is_not_tried_again(&scene, fault::unique_violation("users_pkey"), is_broken).await;
    scene.finish().await;
}

#[tokio::test]
async fn f18_no_statement_fails_unnoticed() {
    let Some(scene) = Scene::open().await else { return };
    let undefined = Fault::error("42P01", "relation \"users\" does not exist");
    is_not_tried_again(&scene, undefined, is_broken).await;
    let encoding = Fault::error("22021", "invalid byte sequence for encoding \"UTF8\": 0x00");
    is_not_tried_again(&scene, encoding, is_broken).await;
    scene.finish().await;
}

#[tokio::test]
async fn f23_a_database_that_is_short_of_something_is_left_alone() {
    let Some(scene) = Scene::open().await else { return };
    let disk = Fault::error("53100", "could not extend file \"base/5/16384\": No space left on device");
    for short in [fault::memory_budget(), fault::range_unavailable(), fault::internal_error(), disk] {
        is_not_tried_again(&scene, short, is_unavailable).await;
    }
    scene.finish().await;
}

/// What the database has no memory or no room for at COMMIT was not committed; what it does not say, was perhaps.
#[tokio::test]
async fn f23_a_database_that_is_short_of_something_at_commit_is_left_alone_too() {
    let Some(scene) = Scene::open().await else { return };
    for write in Write::ALL {
        let case = scene.prepared(write).await;
        scene.proxy.on(Moment::commit(), Action::fail(fault::range_unavailable()));
        scene.unavailable(&case).await;
        assert_eq!(scene.proxy.log().begins(), 1, "{write:?}");
        assert!(!scene.is_done(&case).await);
        scene.acknowledged(&case).await;
    }
    scene.finish().await;
}

#[tokio::test]
async fn f23_a_server_with_too_many_clients_is_not_asked_again_at_once() {
    let Some(scene) = Scene::open().await else { return };
    let reserved = Fault::fatal("53300", "remaining connection slots are reserved for roles with SUPERUSER");
    for full in [fault::too_many_clients(), reserved, Fault::fatal("53200", "out of memory")] {
        let cases = scene.one_of_each().await;
        let store = CockroachStore::new(support::parsed(&scene.url()), PATIENT).unwrap();
        let refused = scene.proxy.refuse_new(full);
        for case in &cases {
            scene.unavailable_by(&store, case).await;
        }
        let error = store.probe().await.unwrap_err();
        scene.said.add(&error);
        assert!(is_unavailable(&error));
        assert_eq!(refused.followed(), cases.len() + 1, "each asks once");
        refused.remove();
        for case in &cases {
            scene.acknowledged_by(&store, case).await;
        }
        store.close();
    }
    scene.finish().await;
}
